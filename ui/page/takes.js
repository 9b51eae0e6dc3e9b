// @ts-check
// A list of takes: one card for each result, and the one that is being spoken.

import { element } from "./dom.js";
import { TakeCard } from "./take_card.js";

/** @typedef {import("./sound.js").LiveSound} LiveSound */
/** @typedef {import("./wire.js").OptionValue} OptionValue */
/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./words.js").Words} Words */

/**
 * What a take needs of the page around it.
 * @typedef {object} TakeActs
 * @property {(form: Wanted, voice: string, message: string) => void} restore
 *   puts settings back into the form; `voice` is what to call the voice, where it is one that was made here
 * @property {(system: string) => Record<string, OptionValue>} defaults of a system's options
 * @property {(take: Take) => string} called what people call the voice of a take
 * @property {(system: string, option: string) => string} labelOf what people call an option
 */

const MOST_KEPT = 50;

export class TakeList {
  /**
   * @param {Words} words
   * @param {TakeActs} acts
   * @param {string} kept the name under which the browser remembers the takes of this list; "" forgets them
   */
  constructor(words, acts, kept = "") {
    this.words = words;
    this.acts = acts;
    this.kept = kept;
    /** @type {TakeCard[]} */
    this.cards = [];
    this.node = element("div", { class: "takes" });
    this.empty = element("div", { class: "takes-empty" }, element("p", {}, words.empty));
  }

  /** @param {Wanted} form */
  open(form) {
    const card = this.add(form);
    card.node.scrollIntoView({ block: "nearest", behavior: "smooth" });
    return card;
  }

  /** @param {Wanted} form */
  add(form) {
    this.empty.remove();
    const card = new TakeCard(this.words, this.acts, form, (played) => this.silence(played));
    this.cards.unshift(card);
    this.node.prepend(card.node);
    return card;
  }

  /** @param {TakeCard} card */
  drop(card) {
    this.cards = this.cards.filter((other) => other !== card);
    card.node.remove();
  }

  /**
   * @param {TakeCard} card
   * @param {Take} take
   * @param {number | null} heardMs
   */
  finish(card, take, heardMs) {
    card.finish(take, heardMs);
    for (const other of this.cards) {
      const box = other.node.querySelector("details");
      if (box) box.open = other === card;
    }
    this.remember([{ id: take.id, heardMs }, ...this.remembered()]);
  }

  /**
   * Only one card sounds at a time.
   * @param {TakeCard | null} except
   */
  silence(except) {
    for (const card of this.cards) {
      if (card !== except) card.sound.pause();
      card.live?.stop();
    }
  }

  /**
   * A live sound is over.
   * @param {LiveSound} live
   */
  quiet(live) {
    for (const card of this.cards) if (card.live === live) card.detach();
  }

  redraw() {
    for (const card of this.cards) card.wave.draw();
  }

  /** After a reload: what the server still has. */
  async recall() {
    const found = [];
    for (const { id, heardMs } of this.remembered().reverse()) {
      const answer = await fetch(`studio/takes/${encodeURIComponent(id)}.json`).catch(() => null);
      if (!answer?.ok) continue;
      /** @type {Take} */
      const take = await answer.json();
      this.add(take.form).finish(take, heardMs);
      found.unshift({ id, heardMs });
    }
    this.remember(found);
  }

  /** @returns {{id: string, heardMs: number | null}[]} */
  remembered() {
    return this.kept ? JSON.parse(sessionStorage.getItem(this.kept) || "[]") : [];
  }

  /** @param {{id: string, heardMs: number | null}[]} takes */
  remember(takes) {
    if (this.kept) sessionStorage.setItem(this.kept, JSON.stringify(takes.slice(0, MOST_KEPT)));
  }
}
