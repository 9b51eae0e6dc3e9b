// @ts-check
// What is being written, over a reload and until the next visit: the text and every choice in the form. A tab has its
// own; a new one begins with what was written last in this browser.

import { find, type } from "./dom.js";
import { MAX_SEED } from "./form.js";
import { lasting, ofThisTab } from "./storage.js";

/** @typedef {import("./chooser.js").Choice} Choice */
/** @typedef {import("./values.js").Fields} Fields */
/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("./wire.js").FieldValue} FieldValue */

/**
 * @typedef {object} Kept
 * @property {Fields} fields of the form, by name
 * @property {Record<string, Choice>} choices of a model and a voice, by system
 */

const DRAFT = "polyphone.draft";
const ASK = "#studio-keep";
const ASKING = `${ASK}, #studio-peek`; // the page asks by these, and nothing changes
const KEEP_MS = 400; // in the typing
const LONGEST = 200_000; // characters of a text; no system reads as many at once

export class Draft {
  /** @param {Form} form */
  constructor(form) {
    this.form = form;
    /** @type {Fields} */
    this.fields = {};
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.due = undefined;
    this.kept = "";
    this.touched = false;
  }

  /**
   * What was kept. Nothing of it may be trusted: another version of the page may have written it.
   * @returns {Kept | null}
   */
  recall() {
    const kept = ofThisTab.recall(DRAFT) ?? lasting.recall(DRAFT);
    if (!isObject(kept) || !isObject(kept.fields) || !isObject(kept.choices)) return null;
    this.fields = kept.fields;
    return { fields: kept.fields, choices: kept.choices };
  }

  /**
   * Fills the form as it was left, or with a text to begin with, once Gradio has drawn it; who types sooner than that
   * is left alone. Returns what is not there any more.
   * @returns {Promise<string[]>}
   */
  async begin() {
    const { form } = this;
    const kept = this.recall();
    const system = form.systemOf(String(kept?.fields.system)) ?? form.systems[0];
    const gone = this.choose(kept?.choices ?? {}, system.id);
    form.select(system.id);
    const fields = kept ? this.possible(kept.fields) : form.opening();
    // At once, where the field is empty: what Gradio is told it shows a moment later.
    if (form.text.value) delete fields.text;
    else if (fields.text) type(form.text, String(fields.text));
    await form.set({ ...fields, system: system.id });
    return gone;
  }

  /**
   * The models and voices, as far as they are still there; returns those of a system that are not.
   * @param {Record<string, Choice>} choices
   * @param {string} system
   */
  choose(choices, system) {
    return [...this.form.choosers].flatMap(([id, chooser]) => {
      const gone = chooser.recall(choices[id]);
      return id === system ? gone : [];
    });
  }

  /** @returns {Record<string, Choice>} */
  choices() {
    return Object.fromEntries([...this.form.choosers].map(([id, chooser]) => [id, chooser.choice]));
  }

  /** Lets go of voices that were made here and that the server has forgotten; returns those that were chosen. */
  async verify() {
    const gone = await Promise.all([...this.form.choosers.values()].map((chooser) => chooser.verify()));
    return gone.flat();
  }

  /**
   * Those of some fields that the form has, with values of their kind.
   * @param {Fields} fields
   */
  possible(fields) {
    return Object.fromEntries(Object.entries(fields).filter(([name, value]) => this.form.values.names.includes(name) && this.fits(name, value)));
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  fits(name, value) {
    const [id, kind, option] = name.split("/");
    const spec = this.form.systemOf(id);
    if (spec && kind === "language") return spec.languages.includes(String(value));
    if (spec) return typeof value === typeof spec.defaults[option];
    if (name === "seed") return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_SEED;
    return typeof value === (name === "lock" ? "boolean" : "string");
  }

  /** Keeps it from now on, a moment after each change. */
  follow() {
    for (const event of ["input", "change", "click"]) document.addEventListener(event, (event) => this.soon(event));
    window.addEventListener("pagehide", () => {
      if (this.due === undefined) return;
      // Gradio is too slow to be asked now; what one types lies in the field.
      this.keep({ ...this.fields, text: this.form.text.value, system: this.form.system.id });
    });
  }

  /** @param {Event} event of the visitor's, or what the page does because of one */
  soon({ target, isTrusted }) {
    this.touched ||= isTrusted;
    if (!this.touched || (target instanceof Element && target.matches(ASKING))) return;
    clearTimeout(this.due);
    // Gradio owns the values: a hidden button asks for them.
    this.due = setTimeout(() => find(ASK).click(), KEEP_MS);
  }

  /** @param {Fields} fields of the form as they are */
  keep(fields) {
    clearTimeout(this.due);
    this.due = undefined;
    this.fields = fields;
    const { text, ...others } = fields;
    const written = String(text ?? "").length > LONGEST ? {} : { text };
    const kept = JSON.stringify({ fields: { ...others, ...written }, choices: this.choices() });
    if (kept === this.kept) return;
    this.kept = kept;
    ofThisTab.set(DRAFT, kept);
    lasting.set(DRAFT, kept);
  }
}

/** @param {unknown} value */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
