// @ts-check
// How far some work is, and what went wrong with it, in a place of its own: what failed stays until it is dismissed.

import { element } from "./dom.js";

/** @typedef {import("./words.js").Words} Words */

/**
 * @param {Words} words
 * @param {string} message
 * @param {() => unknown} dismiss
 */
export function problem(words, message, dismiss) {
  const close = element("button", { type: "button", class: "dismiss", "aria-label": words.dismiss, title: words.dismiss, onclick: dismiss }, "×");
  return element("p", { class: "model-problem", role: "alert" }, element("span", {}, message), close);
}

export class Work {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.fill = element("i");
    this.bar = element("div", { class: "bar" }, this.fill);
    this.said = element("p", { class: "own-said", role: "status" });
    this.failed = element("div");
    this.message = "";
    this.node = element("div", { class: "own-work" }, this.bar, this.said, this.failed);
    this.rest();
  }

  /**
   * @param {string} label
   * @param {number | null} done
   * @param {number | null} total
   */
  move(label, done, total) {
    this.bar.hidden = false;
    this.bar.classList.toggle("unknown", !total);
    this.fill.style.width = total ? `${Math.min(100, (100 * (done ?? 0)) / total)}%` : "";
    if (this.said.textContent !== label) this.said.textContent = label;
    this.clear();
  }

  /** Nothing is being done. */
  rest() {
    this.bar.hidden = true;
    this.said.textContent = "";
  }

  /**
   * @param {string} message
   * @param {() => unknown} dismiss
   */
  fail(message, dismiss) {
    this.rest();
    // Drawn once: a button that is replaced under the pointer loses the click.
    if (message === this.message) return;
    this.message = message;
    this.failed.replaceChildren(problem(this.words, message, dismiss));
  }

  clear() {
    this.message = "";
    this.failed.replaceChildren();
  }
}
