// @ts-check
// A list of takes: one card for each result, and the one that is being spoken.

import { discard, get, isUnreached, Refused } from "./ask.js";
import { always } from "./checking.js";
import { Deletion } from "./deletion.js";
import { element } from "./dom.js";
import { ofThisTab } from "./storage.js";
import { TakeCard } from "./take_card.js";

/** @typedef {import("./sound.js").LiveSound} LiveSound */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./words.js").Words} Words */

/**
 * What a take needs of the page around it.
 * @typedef {object} TakeActs
 * @property {(form: Wanted, voice: string, message: string) => void} restore
 *   puts settings back into the form; `voice` is what to call the voice, where it is one that was made here
 * @property {(system: string) => SystemFacts | undefined} systemOf
 * @property {(error: unknown) => void} complain says what went wrong
 * @property {() => void} [offline] hears that a sound was asked for and nobody answers
 */

/** @typedef {TakeActs & {missed: (card: TakeCard) => void}} CardActs `missed` hears that a sound may be gone */

const MOST_KEPT = 50;
const WIDE = "(min-width: 861px)"; // where the details of a take do not push the form out of view
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
    /** @type {Set<Deletion>} Those that can be undone. */
    this.deletions = new Set();
    /** @type {TakeCard | null} The one whose finished sound has played last. */
    this.last = null;
    /** @type {TakeCard | null} The one whose details were opened without being asked. */
    this.unfolded = null;
    this.level = 1;
    /** Hears of everything that the finished sounds do. */
    this.moved = () => {};
    this.node = element("div", { class: "takes" });
    this.empty = element("div", { class: "takes-empty" }, element("p", {}, words.empty));
    this.clear = element("button", { class: "clear", type: "button", onclick: () => this.delete(this.finished) }, words.delete_all);
    this.head = element("div", { class: "takes-head" }, element("h2", {}, words.takes), this.clear);
    this.count();
    addEventListener("pagehide", () => {
      for (const deletion of [...this.deletions]) deletion.finish();
    });
  }

  /** @param {Wanted} form */
  add(form) {
    const hooks = {
      /** @param {TakeCard} card */
      played: (card) => this.silence((this.last = card)),
      moved: () => this.moved(),
      finished: () => this.count(),
      /** @param {TakeCard} card */
      remove: (card) => this.delete([card]),
    };
    const card = new TakeCard(this.words, { ...this.acts, missed: (it) => void this.missed(it) }, form, hooks);
    card.sound.volume = this.level;
    this.cards.unshift(card);
    this.node.prepend(card.node);
    this.count();
    return card;
  }

  /** Those that can be deleted. */
  get finished() {
    return this.cards.filter((card) => card.take && !card.node.hidden);
  }

  /** What the server still has of them. */
  get audible() {
    return this.finished.flatMap(({ take, gone }) => (take && !gone ? [take] : []));
  }

  /** Shows what there is to show where there are few. */
  count() {
    this.empty.hidden = this.cards.length > 0;
    this.clear.hidden = this.finished.length < 2;
  }

  /** @param {TakeCard} card */
  drop(card) {
    this.cards = this.cards.filter((other) => other !== card);
    card.node.remove();
    this.count();
  }

  /**
   * @param {TakeCard} card
   * @param {Take} take
   * @param {number | null} heardMs
   */
  finish(card, take, heardMs) {
    card.finish(take, heardMs);
    if (this.unfolded) this.unfolded.box.open = false;
    this.unfolded = matchMedia(WIDE).matches ? card : null;
    if (this.unfolded) card.box.open = true;
    this.remember([{ take, heardMs }, ...this.remembered()]);
    if (always()) void card.verdict?.check();
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

  /** The card whose finished sound plays, or waits in its midst. */
  get heard() {
    return this.last?.begun ? this.last : null;
  }

  /** @param {number} level in 0..1, from now on */
  louder(level) {
    this.level = level;
    for (const card of this.cards) card.sound.volume = level;
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

  // -- deleting --

  /** @param {TakeCard[]} cards */
  delete(cards) {
    const deletion = new Deletion(this.words, cards, {
      undone: () => {
        this.deletions.delete(deletion);
        this.count();
      },
      done: () => {
        this.deletions.delete(deletion);
        this.forget(cards);
      },
    });
    this.deletions.add(deletion);
    this.count();
  }

  /**
   * There is no way back any more: the server deletes them. What it does not answer to stays.
   * @param {TakeCard[]} cards
   */
  async forget(cards) {
    // First, since the page may be about to go.
    const ids = cards.map(({ take }) => take?.id ?? "");
    const known = this.remembered();
    this.remember(known.filter(({ take }) => !ids.includes(take.id)));
    const deleted = await Promise.allSettled(ids.map((id) => discard(`studio/takes/${encodeURIComponent(id)}`)));
    const left = ids.filter((_, index) => deleted[index].status === "rejected");
    for (const card of cards) {
      if (left.includes(card.take?.id ?? "")) card.node.hidden = false;
      else this.drop(card);
    }
    this.remember([...this.remembered(), ...known.filter(({ take }) => left.includes(take.id))]);
    this.count();
    for (const each of deleted) if (each.status === "rejected") return this.acts.complain(each.reason);
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
