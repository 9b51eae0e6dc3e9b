// @ts-check
// What stands under the text: tokens to insert, texts to try, and how much there is of it.

import { element, type } from "./dom.js";
import { clock, languageName, whole } from "./format.js";

/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./words.js").Words} Words */

const CHARACTERS_PER_S = 15; // ordinary reading, for the estimate

export class UnderText {
  /**
   * @param {HTMLElement} place
   * @param {HTMLInputElement | HTMLTextAreaElement} field
   * @param {Words} words
   * @param {(language: string, text: string) => void} pick takes a text to try
   */
  constructor(place, field, words, pick) {
    this.field = field;
    this.words = words;
    this.pick = pick;
    this.most = 0;
    this.tokens = element("div", { class: "tokens", role: "group", "aria-label": words.insert });
    this.chips = element("div", { class: "samples" });
    this.counter = element("span", { class: "counter", id: "studio-counter" });
    place.replaceChildren(this.tokens, this.chips, this.counter);
    field.setAttribute("aria-describedby", "studio-counter");
    field.addEventListener("input", () => this.count());
  }

  /**
   * @param {SystemFacts} system
   * @param {Record<string, string[]>} samples texts to try, by language
   */
  show(system, samples) {
    const { words } = this;
    this.most = system.max_chars;
    this.tokens.replaceChildren(...Object.entries(system.tokens).map(([token, help]) => this.token(token, words.text(help))));
    const offered = Object.entries(samples);
    this.chips.replaceChildren(...(offered.length ? [element("span", {}, words.samples)] : []), ...offered.map(([language, texts]) => this.sample(language, texts)));
    this.count();
  }

  /**
   * @param {string} token
   * @param {string} help
   */
  token(token, help) {
    const label = `${this.words.insert} ${token}${this.words.colon}${help}`;
    return element("button", { type: "button", class: "token", title: help, "aria-label": label, onclick: () => this.insert(token) }, token);
  }

  /**
   * @param {string} language
   * @param {string[]} texts
   */
  sample(language, texts) {
    const pick = () => this.pick(language, this.after(texts));
    return element("button", { type: "button", class: "sample", title: texts.join("\n\n"), onclick: pick }, languageName(language));
  }

  /**
   * The text to try after the one that is there: asked again, the chip gives the next.
   * @param {string[]} texts
   */
  after(texts) {
    return texts[(texts.indexOf(this.field.value) + 1) % texts.length];
  }

  /**
   * At the cursor, in place of what is selected or, where it has an …, around that; the browser's own way keeps undo
   * working.
   * @param {string} token
   */
  insert(token) {
    const { field } = this;
    const start = field.selectionStart ?? field.value.length;
    const end = field.selectionEnd ?? start;
    const [before, after] = token.split("…");
    const inner = after === undefined ? before : before + field.value.slice(start, end);
    const text = inner + (after ?? "");
    field.focus();
    if (!document.execCommand("insertText", false, text)) type(field, field.value.slice(0, start) + text + field.value.slice(end));
    field.setSelectionRange(start + inner.length, start + inner.length);
  }

  count() {
    const used = [...this.field.value].length;
    const about = used ? ` · ≈ ${clock(Math.ceil(used / CHARACTERS_PER_S))}` : "";
    this.counter.textContent = `${whole(used)} / ${whole(this.most)} ${this.words.characters}${about}`;
    this.counter.classList.toggle("over", used > this.most);
  }
}
