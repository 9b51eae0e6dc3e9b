// @ts-check
// A list of takes: one card for each result, and the one that is being spoken.

import { get, isUnreached, Refused } from "./ask.js";
import { element } from "./dom.js";
import { ofThisTab } from "./storage.js";
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
 * @property {() => void} [offline] hears that a sound was asked for and nobody answers
 */

/** @typedef {TakeActs & {missed: (card: TakeCard) => void}} CardActs `missed` hears that a sound may be gone */

const MOST_KEPT = 50;
const MOST_CHARACTERS = 1_000_000; // of all of them; browsers give a site about five times as much

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
    const card = new TakeCard(this.words, { ...this.acts, missed: (card) => void this.missed(card) }, form, (played) => this.silence(played));
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
    this.remember([{ take, heardMs }, ...this.remembered()]);
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

  /** After a reload: all that is remembered, as it was; `check` marks what is gone since. */
  recall() {
    for (const { take, heardMs } of this.remembered().reverse()) this.add(take.form).finish(take, heardMs);
  }

  /** Marks the takes that the server does not have any more. Ends early when it does not answer. */
  async check() {
    for (const card of this.cards) if (!(await this.look(card))) return;
  }

  /**
   * A card's sound was asked for, and may not have come.
   * @param {TakeCard} card
   */
  async missed(card) {
    if (!(await this.look(card))) this.acts.offline?.();
  }

  /**
   * Whether the server has answered; a take that it does not have is marked.
   * @param {TakeCard} card
   */
  async look(card) {
    const { take, gone } = card;
    if (!take || gone) return true;
    try {
      await get(`studio/takes/${encodeURIComponent(take.id)}.json`);
    } catch (error) {
      if (isUnreached(error)) return false;
      if (error instanceof Refused && error.status === 404) card.lose();
    }
    return true;
  }

  /** @returns {{take: Take, heardMs: number | null}[]} */
  remembered() {
    const takes = this.kept ? ofThisTab.recall(this.kept) : [];
    return Array.isArray(takes) ? takes.filter((each) => each?.take?.form) : [];
  }

  /** @param {{take: Take, heardMs: number | null}[]} takes */
  remember(takes) {
    if (!this.kept) return;
    let room = MOST_CHARACTERS;
    ofThisTab.keep(this.kept, takes.slice(0, MOST_KEPT).filter((each) => (room -= JSON.stringify(each).length) > 0));
  }
}
