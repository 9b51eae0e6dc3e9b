// @ts-check
// One of a catalogue before it is downloaded: its licence, what its card says, how it sounds.

import { complaint, get } from "./ask.js";
import { element } from "./dom.js";
import { Offers } from "./offers.js";

/** @typedef {import("./models_page.js").ModelsActs} ModelsActs */
/** @typedef {import("./wire_catalogue.js").EntryFacts} EntryFacts */
/** @typedef {import("./wire_catalogue.js").OfferFacts} OfferFacts */
/** @typedef {import("./wire_library.js").Library} Library */
/** @typedef {import("./words.js").Words} Words */

export class Offered {
  /**
   * @param {Words} words
   * @param {ModelsActs} acts
   * @param {EntryFacts} entry
   */
  constructor(words, acts, entry) {
    this.words = words;
    this.address = `studio/catalogue/${entry.id.split("/").map(encodeURIComponent).join("/")}`;
    this.offers = new Offers(words, acts);
    this.node = element("div", { class: "offered" }, element("p", { class: "find-said", role: "status" }, words.find_reading));
  }

  /** @param {Library} library */
  update(library) {
    this.offers.update(library);
  }

  /** @param {Library | null} library */
  async load(library) {
    const { words } = this;
    this.offers.library = library;
    try {
      /** @type {OfferFacts} */
      const offer = await get(this.address);
      this.show(offer);
    } catch (error) {
      const again = element("button", { type: "button", class: "act", onclick: () => void this.load(this.offers.library) }, words.try_again);
      this.node.replaceChildren(element("p", { class: "find-said bad", role: "alert" }, complaint(error, words)), again);
    }
  }

  /** @param {OfferFacts} offer */
  show({ card, told, sample }) {
    const { words } = this;
    this.offers.clear();
    const node = this.offers.add(card);
    const more = element("div", { class: "offered-more" });
    if (sample) {
      const sound = element("audio", { controls: "", preload: "none", src: `${this.address}/sample`, "aria-label": words.hear_sample });
      more.append(element("p", { class: "offered-label" }, words.hear_sample), sound);
    }
    if (told) more.append(element("details", {}, element("summary", {}, words.card_says), element("pre", { tabindex: "0" }, told)));
    this.node.replaceChildren(node, ...(more.childElementCount ? [more] : []));
  }
}
