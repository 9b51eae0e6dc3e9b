// @ts-check
// What is known of a finished take, in words: in short on its card, at length in its details.

import { element } from "./dom.js";
import { languageName } from "./format.js";
import { labelOf } from "./options.js";
import { called } from "./voice_entries.js";

/** @typedef {import("./wire.js").OptionValue} OptionValue */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./words.js").Words} Words */

/**
 * @param {Words} words
 * @param {Take} take
 * @param {number | null} heardMs from the click to the first sound, where it was heard live
 * @param {SystemFacts | undefined} spec of its system
 */
export function chips(words, take, heardMs, spec) {
  const { form } = take;
  const first = heardMs ? heardMs / 1000 : take.load_s + take.first_audio_s;
  return [
    ...[form.model, called(spec, take, words), form.language && languageName(form.language)].filter(Boolean).map((text) => chip(text)),
    chip(`${words.seed} ${form.seed}`),
    chip(`${words.first} ${seconds(words, first, 2)}`),
    chip(`RTF ${take.rtf.toFixed(3)}`),
    ...(take.load_s > 0.1 ? [chip(`${words.loading} ${seconds(words, take.load_s, 1)}`)] : []),
    ...(take.stopped ? [chip(words.stopped, "warn")] : []),
  ];
}

/**
 * What a visitor should know of how the text was spoken, each in full.
 * @param {Words} words
 * @param {Take} take
 */
export const notices = (words, take) => take.notices.map((notice) => element("li", {}, words.told(notice)));

/**
 * What was used, by the names that the form has for it.
 * @param {Words} words
 * @param {Take} take
 * @param {SystemFacts | undefined} spec of its system
 */
export function facts(words, take, spec) {
  const { form } = take;
  const model = spec?.models.find(({ name }) => name === form.model);
  const speed = `${(1 / take.rtf).toFixed(1)} ${words.faster}`;
  return element(
    "dl",
    {},
    ...row(words.system, spec?.name ?? form.system),
    ...row(words.model, model?.title ?? form.model),
    ...row(words.voice, called(spec, take, words)),
    ...changed(form.options, spec).flatMap(([name, value]) => row(labelOf(spec, name, words), optionValue(words, value))),
    ...row(words.engine_first, seconds(words, take.first_audio_s, 3)),
    ...row(words.pace, speed),
    ...row(words.computed, `${take.device} · ${take.dtype}`),
    ...row(words.sample_rate, `${take.sample_rate} Hz`),
  );
}

/**
 * The options that are not as they are by default: those say nothing.
 * @param {Record<string, OptionValue>} options
 * @param {SystemFacts | undefined} spec
 */
const changed = (options, spec) => Object.entries(options).filter(([name, value]) => value !== spec?.defaults[name]);

/**
 * @param {Words} words
 * @param {OptionValue} value
 */
function optionValue(words, value) {
  if (typeof value === "boolean") return value ? words.yes : words.no;
  return typeof value === "number" ? value.toLocaleString(words.locale, { maximumFractionDigits: 6 }) : words.text(value) || "–";
}

/**
 * @param {string} name
 * @param {string} value
 */
const row = (name, value) => (value ? [element("div", {}, element("dt", {}, name), element("dd", { dir: "auto" }, value))] : []);

/**
 * @param {Words} words
 * @param {number} count
 * @param {number} digits
 */
const seconds = (words, count, digits) => `${count.toFixed(digits)} ${words.seconds}`;

/** @param {string} text */
const chip = (text, kind = "") => element("span", { class: `chip ${kind}`.trim() }, text);
