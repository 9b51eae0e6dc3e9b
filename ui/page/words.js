// @ts-check
// What the page says, in the visitor's language.

import { get } from "./ask.js";

/** @typedef {typeof import("../words/en.json")["words"]} Dictionary */
/** @typedef {import("./wire.js").Told} Told */

/**
 * The words of one language.
 * @typedef {object} WordFile
 * @property {Dictionary} words the page's own, by key
 * @property {Record<string, string>} texts what the engine says, by the English
 */

/**
 * @typedef {object} Translator
 * @property {string} locale the language's code
 * @property {(english: string, values?: Record<string, string>) => string} text
 *   what the engine says: in this language where that has it, with the values in the place of its {named} fields
 * @property {(told: string | Told) => string} told an error or a notice, by its template where it has one
 */

/** @typedef {Dictionary & Translator} Words */

/**
 * The language of the visitor's that there are words in, the best liked first.
 * @param {readonly string[]} offered
 * @returns {string}
 */
export const preferred = (offered) => spoken().find((language) => offered.includes(language)) ?? offered[0];

/** The visitor's languages, without regions. */
export const spoken = () => navigator.languages.map((tag) => tag.split("-")[0]);

/**
 * @param {string} locale
 * @param {string} base where the page's files are
 * @returns {Promise<Words>}
 */
export const loadWords = async (locale, base) => makeWords(locale, await get(`${base}words/${locale}.json`));

/**
 * @param {string} locale
 * @param {WordFile} file
 * @returns {Words}
 */
export function makeWords(locale, { words, texts }) {
  /** @type {Translator["text"]} */
  const text = (english, values) => fill(texts[english] ?? english, values);
  /** @type {Translator["told"]} */
  const told = (it) => {
    if (typeof it === "string") return text(it);
    if (!it.template) return text(it.message);
    const values = Object.entries(it.values ?? {}).map(([name, value]) => [name, typeof value === "string" ? value : told(value)]);
    // Without values a template is the sentence itself, braces and all.
    return text(it.template, values.length ? Object.fromEntries(values) : undefined);
  };
  return { ...words, locale, text, told };
}

/**
 * A template with its values; doubled braces stand for themselves.
 * @param {string} template
 * @param {Record<string, string>} [values]
 */
export function fill(template, values) {
  if (!values) return template;
  return template.replace(/\{\{|\}\}|\{(\w+)\}/g, (whole, name) => (name === undefined ? whole[0] : (values[name] ?? whole)));
}
