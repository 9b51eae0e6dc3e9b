// @ts-check
// The text in which the voices of a recording are heard, and whether they may get an accent in it.

import { element, labelled } from "./dom.js";

/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./words.js").Words} Words */

export class CloneText {
  /**
   * @param {Words} words
   * @param {() => void} spoken hears that another language is chosen
   */
  constructor(words, spoken) {
    this.words = words;
    this.text = element("textarea", { rows: "2" });
    this.language = element("select", { onchange: spoken });
    this.accent = element("p", { class: "clone-accent", role: "status" });
    this.fields = element("div", { class: "clone-text" }, labelled(words.clone_preview_language, this.language), labelled(words.clone_preview_text, this.text));
    this.node = element("div", { class: "clone-said" }, this.fields, this.accent);
  }

  /**
   * A text in the chosen language, unless the visitor has written one.
   * @param {SystemFacts[]} systems
   */
  open(systems) {
    const sample = systems.map(({ samples }) => samples[this.language.value]?.[0]).find(Boolean);
    const own = systems.flatMap(({ samples }) => Object.values(samples).flat());
    if (sample && (!this.text.value || own.includes(this.text.value))) this.text.value = sample;
  }

  /** @param {string} recorded the language of the recording */
  tell(recorded) {
    this.accent.textContent = recorded === this.language.value ? "" : this.words.clone_accent;
  }

  get said() {
    return { text: this.text.value, language: this.language.value };
  }
}
