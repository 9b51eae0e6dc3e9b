// @ts-check
// A field whose value is checked while it is typed: what is wrong with it stands under it, and it is marked.

import { complaint } from "./ask.js";
import { element, uniqueId } from "./dom.js";

/** @typedef {import("./words.js").Words} Words */

const RESTED_MS = 300; // after the last key

export class FieldCheck {
  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} field
   * @param {Words} words
   * @param {(value: string, signal: AbortSignal) => unknown} check fails for a value that is wrong; "" is none
   */
  constructor(field, words, check) {
    this.field = field;
    this.words = words;
    this.check = check;
    this.timer = 0;
    this.asking = new AbortController();
    this.node = element("p", { class: "field-problem", id: uniqueId("studio-problem"), "aria-live": "polite" });
    field.setAttribute("aria-describedby", this.node.id);
    field.addEventListener("input", () => this.soon());
    field.addEventListener("blur", () => this.soon(0));
  }

  soon(wait = RESTED_MS) {
    clearTimeout(this.timer);
    this.asking.abort();
    this.timer = setTimeout(() => this.now(), wait);
  }

  async now() {
    const value = this.field.value.trim();
    const { signal } = (this.asking = new AbortController());
    try {
      if (value) await this.check(value, signal);
      if (!signal.aborted) this.say("");
    } catch (error) {
      if (!signal.aborted) this.say(complaint(error, this.words));
    }
  }

  /** @param {string} problem */
  say(problem) {
    if (problem) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
    if (this.node.textContent !== problem) this.node.textContent = problem;
  }
}
