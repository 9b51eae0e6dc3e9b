// @ts-check
// Takes on their way out: in their place stands a line with the way back, for as long as somebody may want it.

import { element } from "./dom.js";

/** @typedef {import("./take_card.js").TakeCard} TakeCard */
/** @typedef {import("./words.js").Words} Words */

const UNDO_MS = 8000;
const WANTED_MS = 2000; // while the pointer or the keyboard is at the line

export class Deletion {
  /**
   * @param {Words} words
   * @param {TakeCard[]} cards
   * @param {object} acts
   * @param {() => void} acts.undone
   * @param {() => void} acts.done when there is no way back any more
   */
  constructor(words, cards, { undone, done }) {
    this.cards = cards;
    this.undone = undone;
    this.done = done;
    const message = cards.length > 1 ? words.takes_deleted : words.take_deleted;
    const attributes = { class: "undo", type: "button", "aria-label": `${message} ${words.undo}`, onclick: () => this.undo() };
    this.button = element("button", attributes, words.undo);
    this.node = element("div", { class: "deletion" }, element("span", {}, message), this.button);
    cards[0].node.before(this.node);
    for (const card of cards) {
      card.halt();
      card.node.hidden = true;
    }
    this.button.focus();
    this.timer = setTimeout(() => this.expire(), UNDO_MS);
  }

  undo() {
    this.end();
    for (const card of this.cards) card.node.hidden = false;
    this.undone();
    this.cards[0].remove.focus();
  }

  expire() {
    if (this.node.matches(":hover, :has(:focus-visible)")) this.timer = setTimeout(() => this.expire(), WANTED_MS);
    else this.finish();
  }

  finish() {
    this.end();
    this.done();
  }

  end() {
    clearTimeout(this.timer);
    this.node.remove();
  }
}
