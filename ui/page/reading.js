// @ts-check
// What a text comes to, while it is written: in which languages it is, and what will be said of it.

import { Refused, send } from "./ask.js";
import { find } from "./dom.js";
import { LanguageHint } from "./language_hint.js";
import { SaidFold } from "./said_fold.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./wire_text.js").WrittenText} WrittenText */

const PAUSE_MS = 300; // after the last key
const CHARACTERS_PER_MS = 100; // a long text takes the server longer, so it is asked for less often
const BUSY_MS = 2000;

export class Reading {
  /**
   * @param {HTMLElement} place
   * @param {Form} form
   */
  constructor(place, form) {
    this.form = form;
    this.hint = new LanguageHint(form);
    this.said = new SaidFold(form.words, () => this.soon(0));
    this.timer = 0;
    /** Whether the visitor has done anything yet: a page that is only opened asks for nothing. */
    this.touched = false;
    /** What is being asked, until it is answered or stale. */
    this.asking = new AbortController();
    /** @type {Map<string, string>} The last question to each address that was answered. */
    this.answered = new Map();
    place.replaceChildren(this.hint.node, this.hint.announced, this.said.node);
    const compose = find("#studio-compose");
    for (const kind of ["input", "change", "click"]) compose.addEventListener(kind, (event) => this.touch(event));
  }

  /** @param {Event} event of the visitor's, or of the page's own doing */
  touch({ isTrusted }) {
    this.touched ||= isTrusted;
    if (this.touched) this.soon();
  }

  /** Something has changed, or may have: asks when it has rested for a moment, or after `wait` ms. */
  soon(wait = PAUSE_MS + this.form.text.value.length / CHARACTERS_PER_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => find("#studio-peek").click(), wait);
  }

  /**
   * What the form asks for now.
   * @param {Wanted} wanted
   */
  async show({ system, model, language, options }) {
    this.asking.abort();
    this.asking = new AbortController();
    const asked = { text: this.form.text.value, system, model, language, options };
    const { signal } = this.asking;
    if (!this.touched || asked.text.trim() === "" || asked.text.length > this.form.system.max_chars) this.hint.clear();
    else {
      /** @type {WrittenText | null} */
      const written = await this.ask("studio/languages", asked, signal).catch(() => null); // no hint then
      if (signal.aborted) return;
      // Whoever is in another language is read anew.
      if (written && this.hint.show(system, written)) return this.soon(0);
    }
    if (!this.said.open) return;
    this.said.wait();
    try {
      const read = await this.ask("studio/text", asked, signal);
      if (read) this.said.show(read);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && error.problem.type === "Busy") return this.soon(BUSY_MS);
      this.said.complain(error);
    } finally {
      if (!signal.aborted) this.said.rest();
    }
  }

  /**
   * The answer; null where it is the same as the last.
   * @param {string} url
   * @param {object} asked
   * @param {AbortSignal} signal
   */
  async ask(url, asked, signal) {
    const key = JSON.stringify(asked);
    if (this.answered.get(url) === key) return null;
    this.answered.delete(url);
    const answer = await send(url, asked, signal);
    this.answered.set(url, key);
    return answer;
  }
}
