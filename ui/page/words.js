// @ts-check
// What the page says, in the visitor's language.

import { get } from "./ask.js";

/** @typedef {typeof import("../words/en.json")["words"]} Dictionary */
/** @typedef {import("./wire.js").Told} Told */
/** @typedef {import("./wire.js").Values} Values */

/**
 * The words of one language.
 * @typedef {object} WordFile
 * @property {Dictionary} words the page's own, by key
 * @property {Record<string, string>} texts what the engine says, by the English
 */

/**
 * @typedef {object} Translator
 * @property {string} locale the language's code
 * @property {(english: string, values?: Values) => string} text
 *   what the engine says: in this language where that has it, with the values in the place of its {named} fields;
 *   a value that is told by a template itself is said in this language, too
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
  const text = (english, values) => fill(texts[english] ?? english, values, told);
  /** @type {Translator["told"]} */
  const told = (it) => {
    if (typeof it === "string") return text(it);
    // Without values a template is the sentence itself, braces and all.
    return it.template ? text(it.template, Object.keys(it.values ?? {}).length ? it.values : undefined) : text(it.message);
  };
  return { ...words, locale, text, told };
}

/**
 * A template with its values; doubled braces stand for themselves.
 * @param {string} template
 * @param {Values | undefined} values
 * @param {Translator["told"]} told
 */
function fill(template, values, told) {
  if (!values) return template;
  return template.replace(/\{\{|\}\}|\{(\w+)\}/g, (whole, name) => {
    if (name === undefined) return whole[0];
    const value = values[name] ?? whole;
    return typeof value === "string" ? value : told(value);
  });
}
