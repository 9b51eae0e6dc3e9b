// @ts-check
// How takes are checked: each one when it is finished, or on demand, and how many are made to choose the best of.

import { element, uniqueId } from "./dom.js";
import { lasting } from "./storage.js";

/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./words.js").Words} Words */

const KEPT = "polyphone.checking";
const MOST_TRIES = 8; // what the server takes

/** Whether every take is checked. */
export const always = () => lasting.recall(KEPT)?.always === true;

export class Checking {
  /** @param {Words} words */
  constructor(words) {
    const kept = lasting.recall(KEPT) ?? {};
    const [every, tries] = [uniqueId("studio-check"), uniqueId("studio-tries")];
    /** @type {HTMLInputElement} */
    this.every = element("input", { type: "checkbox", id: every, onchange: () => this.keep() });
    this.every.checked = kept.always === true;
    const counts = Array.from({ length: MOST_TRIES }, (_, index) => String(index + 1));
    this.count = element("select", { id: tries, onchange: () => this.keep() }, ...counts.map((count) => element("option", { value: count }, count)));
    this.count.value = counts.includes(String(kept.tries)) ? String(kept.tries) : "1";
    this.node = element(
      "div",
      { class: "checking" },
      element("label", { for: every }, this.every, " ", words.check_every),
      element("span", { title: words.tries_how }, element("label", { for: tries }, words.tries), " ", this.count),
    );
  }

  keep() {
    lasting.keep(KEPT, { always: this.every.checked, tries: this.tries });
  }

  /** How many takes are made at most of what is asked for. */
  get tries() {
    return Number(this.count.value);
  }

  /** @param {Wanted} form of a take, whose number of tries is chosen again */
  restore({ tries = 1 }) {
    this.count.value = String(tries);
  }
}
