// @ts-check
// The form that Gradio draws, and what the script adds to it: models and voices, texts to try, what a system is.

import { Chooser } from "./chooser.js";
import { element, find, findField } from "./dom.js";
import { SEED } from "./numbers.js";
import { Reading } from "./reading.js";
import { IdleOptions } from "./options.js";
import { FactsLine, showPurposes } from "./system_facts.js";
import { UnderText } from "./under_text.js";
import { DRAWN_MS, Values } from "./values.js";
import { spoken } from "./words.js";

/** @typedef {import("./wire.js").FieldValue} FieldValue */
/** @typedef {import("./wire.js").OptionValue} OptionValue */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./values.js").Fields} Fields */

export const MAX_SEED = 2 ** 31 - 1;

export class Form {
  /**
   * @param {Words} words
   * @param {string[]} names of the fields, in the order in which Gradio gives their values
   * @param {SystemFacts[]} systems
   * @param {() => Promise<void>} refresh asks the server anew what there is
   */
  constructor(words, names, systems, refresh) {
    this.words = words;
    this.systems = systems;
    this.refresh = refresh;
    /** @type {Map<string, Chooser>} The models and voices of each system. */
    this.choosers = new Map();
    this.text = findField("#studio-text textarea");
    this.values = new Values(names, this.text);
    this.style = element("style", { id: "studio-systems-style" });
    document.head.append(this.style);
    this.idle = new IdleOptions(systems);
    this.facts = new FactsLine(find("#studio-facts"), words);
    this.under = new UnderText(find("#studio-under-text"), this.text, words, (language, text) => this.set(this.sample(language, text)));
    this.reading = new Reading(find("#studio-reading"), this);
    this.show(systems);
  }

  /**
   * What there is now.
   * @param {SystemFacts[]} systems
   */
  show(systems) {
    this.systems = systems;
    for (const spec of systems) this.chooserOf(spec).show(spec);
    showPurposes(systems, this.words);
  }

  /** @param {SystemFacts} spec */
  chooserOf(spec) {
    const known = this.choosers.get(spec.id);
    if (known) return known;
    const acts = { changed: () => this.changed(), refresh: this.refresh, generate: () => find("#studio-generate").click() };
    const made = new Chooser(part(spec.id, ".studio-choosers"), spec, this.words, acts);
    this.choosers.set(spec.id, made);
    return made;
  }

  /** @param {string} id */
  systemOf(id) {
    return this.systems.find((spec) => spec.id === id);
  }

  /** The system that is chosen. */
  get system() {
    return this.systemOf(document.body.dataset.system ?? "") ?? this.systems[0];
  }

  // -- between the form and a request --

  /**
   * What /studio/speak takes, from the form's values.
   * @param {FieldValue[]} values
   * @returns {Wanted}
   */
  request(values) {
    const form = this.values.named(values);
    const spec = this.systemOf(String(form.system)) ?? this.system;
    this.idle.hear(form, spec.id);
    return {
      text: String(form.text ?? ""),
      system: spec.id,
      ...this.chooserOf(spec).reference,
      language: String(form[`${form.system}/language`] ?? ""),
      seed: form.lock ? Math.round(Number(form.seed ?? SEED)) : this.dice(),
      options: this.idle.counting(spec, this.chooserOf(spec).traits),
    };
  }

  /**
   * Options have changed, and with them which of the others count.
   * @param {FieldValue[]} values
   */
  heed(values) {
    const form = this.values.named(values);
    for (const { id } of this.systems) this.idle.hear(form, id);
    this.changed();
  }

  dice() {
    return Math.floor(Math.random() * (MAX_SEED + 1));
  }

  /**
   * And back, from the form of a take.
   * @param {Wanted} form
   * @param {string} voice what to call the voice, where it is one that was made here
   */
  restore(form, voice) {
    const own = `${form.system}/`;
    /** @type {Fields} */
    const fields = { text: form.text, system: form.system, seed: form.seed, lock: true };
    if (form.language) fields[`${own}language`] = form.language;
    for (const [name, value] of Object.entries(form.options)) fields[`${own}options/${name}`] = value;
    this.choosers.get(form.system)?.restore(form, voice);
    this.set(fields);
    this.reading.hint.keep(form.system);
    this.text.focus();
  }

  /**
   * @param {Fields} changes
   * @returns {Promise<void>} when they are shown
   */
  set(changes) {
    if ("text" in changes) this.reading.hint.fresh();
    return this.values.set(changes);
  }

  /**
   * The form's values with what is to change.
   * @param {FieldValue[]} values
   */
  merge(values) {
    return this.values.merge(values, (changes) => {
      // One answer for all of it: a second one would still hold the system from before.
      if (changes.system) Object.assign(changes, { ...this.select(String(changes.system)), ...changes });
      const current = this.choosers.get(this.system.id)?.current;
      if (current) Object.assign(changes, { ...this.idle.recommend(this.system, current, this.values.named(values)), ...changes });
      setTimeout(() => {
        this.under.count();
        this.reading.soon(0);
      }, DRAWN_MS);
    });
  }

  /**
   * The form's values, for what is told of a text before it is spoken.
   * @param {FieldValue[]} values
   */
  peek(values) {
    return this.reading.show(this.request(values));
  }

  /** Who speaks, as a person would say it. */
  get speaker() {
    const label = this.choosers.get(this.system.id)?.voices.current?.label;
    return label && label !== this.words.default ? label : this.system.name;
  }

  // -- systems --

  /** @param {string} id */
  choose(id) {
    const changes = this.select(id);
    if (changes.text) this.set(changes);
  }

  /**
   * A checkpoint of the Models page, ready in the form; `voice` is one of its voices.
   * @param {string} id
   * @param {string} model
   */
  use(id, model, voice = "") {
    this.choosers.get(id)?.pick(model, voice);
    this.set({ system: id });
    find("#studio-tab-speak-button").click();
  }

  /**
   * Shows what belongs to a system; returns the text that it begins with, unless the visitor has written one.
   * @param {string} id
   * @returns {Fields}
   */
  select(id) {
    const untouched = Object.values(this.system.samples).flat().includes(this.text.value);
    const another = id !== document.body.dataset.system;
    document.body.dataset.system = id;
    this.style.textContent = `.studio-of:not(.studio-of-${CSS.escape(id)}) { display: none !important; }`;
    this.tell();
    this.reading.soon(0);
    return untouched && another ? this.opening() : {};
  }

  /** Another model or voice is chosen. */
  changed() {
    this.tell();
    this.reading.soon();
  }

  /** What is chosen has changed: what there is to know is told, options that it does not heed are hidden, its own set. */
  tell() {
    this.under.show(this.system, this.samples);
    const chooser = this.choosers.get(this.system.id);
    if (!chooser) return;
    this.facts.show(this.system, chooser.current);
    this.idle.hide(this.system, chooser.traits, chooser.current);
    if (chooser.current && this.idle.differ(this.system, chooser.current)) this.set({});
  }

  // -- texts --

  /**
   * @param {string} language
   * @param {string} text
   * @returns {Fields}
   */
  sample(language, text) {
    const field = `${this.system.id}/language`;
    return { text, ...(this.values.names.includes(field) ? { [field]: language } : {}) };
  }

  /** The texts to try, by language: those that the chosen model speaks. */
  get samples() {
    const chosen = this.choosers.get(this.system.id)?.current;
    const some = Object.entries(this.system.samples).filter(([language]) => chosen?.languages.includes(language));
    return some.length ? Object.fromEntries(some) : this.system.samples;
  }

  /** A text to begin with, in the visitor's language if the model speaks it. */
  opening() {
    const language = spoken().find((tag) => tag in this.samples) ?? Object.keys(this.samples)[0];
    return language ? this.sample(language, this.samples[language][0]) : {};
  }
}

/**
 * A part of the form that belongs to a system.
 * @param {string} system
 * @param {string} selector
 */
const part = (system, selector) => find(`.studio-of-${CSS.escape(system)} ${selector}`);
