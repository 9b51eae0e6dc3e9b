// @ts-check
// Which options count: those that a model, a voice or another option makes idle are neither shown nor sent. Of the
// languages of a system only those are shown that the model speaks.

import { element } from "./dom.js";

/** @typedef {import("./wire.js").ModelFacts} ModelFacts */
/** @typedef {import("./wire.js").OptionFacts} OptionFacts */
/** @typedef {import("./wire.js").OptionValue} OptionValue */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {Record<string, OptionValue | null>} Values */

/**
 * The names of the options that change nothing, as the others stand and with what the model and the voice are:
 * `unheeded` of engine/options.py.
 * @param {OptionFacts[]} options
 * @param {Values} values
 * @param {string[]} traits
 * @returns {Set<string>}
 */
export function unheeded(options, values, traits) {
  const holding = new Set([...traits, ...Object.keys(values).filter((name) => values[name])]);
  /** @param {string} part a name, or "name > number" */
  const isTrue = (part) => {
    const [name = "", above] = part.split(" > ");
    return above === undefined ? holding.has(name) : Number(values[name]) > Number(above);
  };
  /** @param {string} part */
  const holds = (part) => (part.startsWith("not ") ? !isTrue(part.slice(4)) : isTrue(part));
  const idle = options.filter(({ needs }) => !needs.every((clause) => clause.split(" or ").some(holds)));
  return new Set(idle.map(({ name }) => name));
}

/**
 * What people call an option.
 * @param {SystemFacts | undefined} spec
 * @param {string} option
 * @param {Words} words
 */
export function labelOf(spec, option, words) {
  const known = spec?.options.find(({ name }) => name === option);
  return known ? words.text(known.label) : option;
}

/** @param {SystemFacts} spec */
const languageField = (spec) => `#${CSS.escape(`studio-${spec.id}-language`)}`;

/**
 * Whether a model speaks a language; one that names none speaks all of its system's.
 * @param {ModelFacts} model
 * @param {string} language
 */
const speaks = (model, language) => !model.languages.length || model.languages.includes(language);

export class IdleOptions {
  /** @param {SystemFacts[]} systems */
  constructor(systems) {
    this.style = element("style", { id: "studio-idle-style" });
    document.head.append(this.style);
    /** @type {Record<string, Values>} The options of each system as they stand. */
    this.held = Object.fromEntries(systems.map(({ id, defaults }) => [id, defaults]));
    /** @type {Record<string, Values>} What the last model of each system recommended. */
    this.recommended = { ...this.held };
  }

  /**
   * Whether another model of a system asks for other values in the form than the last.
   * @param {SystemFacts} spec
   * @param {ModelFacts} model that is chosen now
   */
  differ(spec, model) {
    const chosen = document.querySelector(`${languageField(spec)} input:checked`);
    if (chosen instanceof HTMLInputElement && !speaks(model, chosen.value)) return true;
    return Object.entries(model.defaults).some(([name, value]) => value !== this.recommended[spec.id][name]);
  }

  /**
   * What a model recommends for the options that still are as the last one did, and a language that it speaks instead
   * of one that it does not, as fields of the form.
   * @param {SystemFacts} spec
   * @param {ModelFacts} model that is chosen now
   * @param {Values} form
   */
  recommend(spec, model, form) {
    const before = this.recommended[spec.id];
    this.recommended[spec.id] = model.defaults;
    const untouched = Object.entries(model.defaults).filter(([name]) => form[`${spec.id}/options/${name}`] === before[name]);
    const fields = Object.fromEntries(untouched.map(([name, value]) => [`${spec.id}/options/${name}`, value]));
    const language = form[`${spec.id}/language`];
    if (language && !speaks(model, String(language))) fields[`${spec.id}/language`] = model.languages[0];
    return fields;
  }

  /**
   * The options of a system among the form's values.
   * @param {Values} form
   * @param {string} system
   */
  hear(form, system) {
    const own = `${system}/options/`;
    const found = Object.entries(form).filter(([name]) => name.startsWith(own));
    const values = Object.fromEntries(found.map(([name, value]) => [name.slice(own.length), value]));
    this.held[system] = values;
    return values;
  }

  /**
   * The options of a system that count, as they stand.
   * @param {SystemFacts} spec
   * @param {string[]} traits of the model with the voice
   */
  counting(spec, traits) {
    const held = this.held[spec.id];
    const idle = unheeded(spec.options, held, traits);
    /** @type {Record<string, OptionValue>} */
    const counting = {};
    for (const [name, value] of Object.entries(held)) if (value !== null && value !== undefined && !idle.has(name)) counting[name] = value;
    return counting;
  }

  /**
   * Hides the others, the folds in which there is nothing else, and the languages that the model does not speak.
   * @param {SystemFacts} spec
   * @param {string[]} traits of the model with the voice
   * @param {ModelFacts | null | undefined} model
   */
  hide(spec, traits, model) {
    const idle = unheeded(spec.options, this.held[spec.id], traits);
    /** @param {string} name */
    const id = (name) => `#${CSS.escape(`studio-${spec.id}-${name}`)}`;
    const heads = spec.options.filter(({ group }, index) => spec.options.findIndex((other) => other.group === group) === index);
    const empty = heads.filter(({ group }) => spec.options.every((option) => option.group !== group || idle.has(option.name)));
    const hidden = [...[...idle].flatMap((name) => [id(name), id(`${name}-suggestions`)]), ...empty.map(({ name }) => id(`${name}-fold`))];
    const spoken = spec.languages.filter((language) => !model || speaks(model, language));
    const others = spec.languages.filter((language) => !spoken.includes(language));
    if (spoken.length < 2) hidden.push(languageField(spec));
    else hidden.push(...others.map((language) => `${languageField(spec)} label:has(input[value="${CSS.escape(language)}"])`));
    this.style.textContent = hidden.length ? `${hidden.join()} { display: none !important; }` : "";
  }
}
