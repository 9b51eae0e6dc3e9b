// @ts-check
// What the Models page begins with: what somebody wants to do, and the models that are best for it.

import { complaint, get } from "./ask.js";
import { element, pills } from "./dom.js";
import { choice, Offers, sortedLanguages } from "./offers.js";
import { fill } from "./words.js";

/** @typedef {import("./models_page.js").ModelsActs} ModelsActs */
/** @typedef {import("./wire_catalogue.js").AdviceFacts} AdviceFacts */
/** @typedef {import("./wire_catalogue.js").AdvisedFacts} AdvisedFacts */
/** @typedef {import("./wire_library.js").Library} Library */
/** @typedef {import("./words.js").Words} Words */

export class Advice {
  /**
   * @param {Words} words
   * @param {ModelsActs} acts
   */
  constructor(words, acts) {
    this.words = words;
    this.offers = new Offers(words, acts);
    this.fast = "";
    this.asked = 0;
    this.languages = ""; // those in the choice
    this.language = choice(words.language_field, [], () => this.ask());
    this.commercial = element("input", { type: "checkbox", onchange: () => this.ask() });
    const purposes = [
      { key: "", label: words.advice_natural },
      { key: "fast", label: words.advice_fast },
    ];
    const purpose = pills(words.advice_matters, purposes, "", (key) => {
      this.fast = key;
      this.ask();
    });
    this.said = element("p", { class: "find-said", role: "status" });
    this.list = element("div", { class: "models-list advised" });
    this.node = element(
      "section",
      { class: "models-top advice", "aria-labelledby": "studio-advice-title" },
      element("h2", { id: "studio-advice-title" }, words.advice_title),
      element(
        "div",
        { class: "find-row" },
        this.language.node,
        purpose,
        element("label", { class: "find-tick" }, this.commercial, element("span", {}, words.advice_commercial)),
      ),
      this.list,
      this.said,
    );
    this.node.hidden = true;
  }

  /** @param {Library} library */
  update(library) {
    this.offers.update(library);
  }

  /** The best models for what is chosen now; an answer that is overtaken is not shown. */
  async ask() {
    const asked = ++this.asked;
    const language = this.language.select.value || navigator.language || "en";
    // Of the visitor's languages the one as they speak it: who chooses Portuguese in Brazil hears that of Brazil.
    const tag = navigator.languages.find((each) => each.split("-")[0] === language) ?? language;
    const query = new URLSearchParams({ language: tag, fast: String(Boolean(this.fast)), commercial: String(this.commercial.checked) });
    this.node.setAttribute("aria-busy", "true");
    try {
      /** @type {AdviceFacts} */
      const advice = await get(`studio/advice?${query}`);
      if (asked === this.asked) this.show(advice, tag.split("-")[0]);
    } catch (error) {
      if (asked === this.asked) this.say(complaint(error, this.words), true);
    }
    if (asked === this.asked) this.node.setAttribute("aria-busy", "false");
  }

  /**
   * @param {AdviceFacts} advice
   * @param {string} language
   */
  show({ options, languages, notes }, language) {
    const { words } = this;
    this.node.hidden = !Object.keys(languages).length;
    const named = sortedLanguages({ [language]: "", ...languages });
    const keys = named.map(([key]) => key).join();
    if (keys !== this.languages) {
      this.languages = keys;
      this.language.select.replaceChildren(...named.map(([key, name]) => element("option", { value: key }, name)));
      this.language.select.value = language;
    }
    this.offers.clear();
    this.list.replaceChildren(...options.map((option, index) => this.option(option, index === 0)));
    const told = notes.map((note) => words.told(note));
    this.say([...(options.length ? [] : [words.advice_none]), ...told].join(" "));
  }

  /**
   * @param {AdvisedFacts} option
   * @param {boolean} best
   */
  option({ card, naturalness, speed, voice }, best) {
    const { words } = this;
    const natural = [words.natural_1, words.natural_2, words.natural_3, words.natural_4][naturalness - 1];
    const fast = [words.speed_1, words.speed_2, words.speed_3, words.speed_4][speed - 1];
    const kinds = [natural, fast, commerce(words, card.licence.commercial)];
    const node = this.offers.add(card, voice);
    node.classList.toggle("best", best);
    const head = element("p", { class: "advised-for" }, ...(best ? [element("b", {}, words.advice_best)] : []), ...kinds.map((kind) => element("span", {}, kind)));
    node.prepend(head);
    return node;
  }

  /** @param {string} message */
  say(message, bad = false) {
    this.said.classList.toggle("bad", bad);
    this.said.textContent = message;
    if (bad) this.node.hidden = false;
  }
}

/**
 * Whether what a model speaks may be sold.
 * @param {Words} words
 * @param {boolean | null} commercial
 */
const commerce = (words, commercial) =>
  fill(words.commercial_use, { answer: commercial === null ? words.commercial_unknown : commercial ? words.yes : words.no });
