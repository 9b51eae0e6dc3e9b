// @ts-check
// Numbers and names as people read them: in the language that the page speaks, as it is written where the visitor lives.

const locale = () => navigator.languages.find((tag) => tag.split("-")[0] === document.documentElement.lang) ?? document.documentElement.lang;

/**
 * Seconds as minutes and seconds, 1:05.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * 312 kB, 417 MB, 1.2 GB.
 * @param {number} count
 */
export function bytes(count) {
  /** @type {[number, string, number]} */
  const [size, unit, digits] = count >= 1e9 ? [1e9, "GB", 1] : count >= 1e6 ? [1e6, "MB", 0] : [1e3, "kB", 0];
  return `${(count / size).toLocaleString(locale(), { maximumFractionDigits: digits })} ${unit}`;
}

/**
 * A whole number with its thousands.
 * @param {number} count
 */
export const whole = (count) => count.toLocaleString(locale());

/**
 * A day and a time.
 * @param {number} seconds since 1970
 */
export const moment = (seconds) => new Date(1000 * seconds).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });

/**
 * A language by the name that the page's own has for it.
 * @param {string} code
 * @returns {string}
 */
export const languageName = (code) => new Intl.DisplayNames([locale()], { type: "language", fallback: "code" }).of(code) ?? code;

/**
 * Names as a sentence lists them in the visitor's language.
 * @param {string[]} names
 */
export const listed = (names) => new Intl.ListFormat([...navigator.languages]).format(names);

const SHOWN = 24; // characters of a long string

/**
 * The beginning of a string that is too long to be shown.
 * @param {string} text
 */
export const shortened = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN / 2)}…` : text);
