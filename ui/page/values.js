// @ts-check
// The form's values. Gradio owns them: a hidden button asks it for them, and takes back the ones that changed.

import { find } from "./dom.js";

/** @typedef {import("./wire.js").FieldValue} FieldValue */
/** @typedef {Record<string, FieldValue>} Fields */

export const DRAWN_MS = 50; // until Gradio shows what it was told

export class Values {
  /**
   * @param {string[]} names of the fields, in the order in which Gradio gives their values
   * @param {HTMLInputElement | HTMLTextAreaElement} text the field of the text
   */
  constructor(names, text) {
    this.names = names;
    this.text = text;
    /** @type {Fields} What the next `merge` changes. */
    this.pending = {};
    this.before = ""; // the text when that was asked for
    this.merged = () => {};
  }

  /**
   * By name.
   * @param {FieldValue[]} values in Gradio's order
   * @returns {Fields}
   */
  named(values) {
    return Object.fromEntries(this.names.map((name, index) => [name, values[index]]));
  }

  /**
   * @param {Fields} changes
   * @returns {Promise<void>} when Gradio shows them
   */
  set(changes) {
    Object.assign(this.pending, changes); // what was asked for before may still wait
    this.before = this.text.value;
    find("#studio-apply").click();
    const earlier = this.merged;
    return new Promise((resolve) => {
      this.merged = () => {
        earlier();
        setTimeout(resolve, DRAWN_MS);
      };
    });
  }

  /**
   * Gradio's values with what is to change.
   * @param {FieldValue[]} values
   * @param {(changes: Fields) => void} adjust adds what follows from them
   */
  merge(values, adjust) {
    const changes = this.pending;
    this.pending = {};
    // What was typed meanwhile stays.
    if (changes.text !== undefined && this.text.value !== this.before) changes.text = this.text.value;
    adjust(changes);
    this.merged();
    this.merged = () => {};
    return this.names.map((name, index) => (name in changes ? changes[name] : values[index]));
  }
}
