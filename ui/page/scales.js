// @ts-check
// What a listener answers with: a row of choices, or a slider for each sound.

import { element, pills } from "./dom.js";

/** @typedef {import("./wire_listening.js").TestKind} TestKind */
/** @typedef {import("./words.js").Words} Words */

/**
 * @typedef {object} Scale
 * @property {HTMLElement[]} beside what stands beside each sound, where there is something
 * @property {HTMLElement} node
 * @property {() => number[] | null} scores null as long as there is no whole answer
 * @property {(number: number) => void} choose the choice of this number, from 1
 */

/**
 * The question of a kind of test.
 * @param {Words} words
 * @param {TestKind} kind
 */
export const question = (words, kind) => ({ ab: words.ask_ab, abx: words.ask_abx, mos: words.ask_mos, cmos: words.ask_cmos, mushra: words.ask_mushra })[kind];

/**
 * @param {Words} words
 * @param {TestKind} kind
 * @returns {[number, string][]}
 */
function choices(words, kind) {
  if (kind === "ab") return [[-1, words.first_better], [0, words.no_difference], [1, words.second_better]];
  if (kind === "abx") return [[-1, words.x_is_a], [1, words.x_is_b]];
  if (kind === "mos") return grades(words).map((label, index) => [index + 1, `${index + 1} · ${label}`]);
  const compared = [words.much_worse, words.worse, words.slightly_worse, words.about_the_same, words.slightly_better, words.better, words.much_better];
  return compared.map((label, index) => [index - 3, label]);
}

/** @param {Words} words */
const grades = (words) => [words.rate_bad, words.rate_poor, words.rate_fair, words.rate_good, words.rate_excellent];

/**
 * @param {Words} words
 * @param {TestKind} kind
 * @param {string[]} names of the sounds
 * @param {() => void} changed
 * @returns {Scale}
 */
export const scaleOf = (words, kind, names, changed) => (kind === "mushra" ? sliders(words, names, changed) : radios(words, kind, changed));

/**
 * @param {Words} words
 * @param {TestKind} kind
 * @param {() => void} changed
 * @returns {Scale}
 */
function radios(words, kind, changed) {
  const entries = choices(words, kind);
  const given = { score: /** @type {number | null} */ (null) };
  const picked = (/** @type {string} */ key) => {
    given.score = Number(key);
    changed();
  };
  const node = pills(question(words, kind), entries.map(([score, label]) => ({ key: String(score), label })), "", picked);
  return {
    beside: [],
    node,
    scores: () => (given.score === null ? null : [given.score]),
    choose: (number) => node.querySelectorAll("input")[number - 1]?.click(),
  };
}

/**
 * @param {Words} words
 * @param {string[]} names
 * @param {() => void} changed
 * @returns {Scale}
 */
function sliders(words, names, changed) {
  const labels = grades(words);
  /** @type {Set<HTMLInputElement>} Those that were moved. */
  const moved = new Set();
  const fields = names.map((name) => {
    const field = element("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": name });
    const shown = element("span", { class: "judge-value", "aria-hidden": "true" }, "–");
    field.addEventListener("input", () => {
      moved.add(field);
      const label = labels[Math.min(labels.length - 1, Math.floor(field.valueAsNumber / 20))];
      shown.textContent = `${field.value} · ${label}`;
      field.setAttribute("aria-valuetext", shown.textContent);
      changed();
    });
    return { field, row: element("div", { class: "judge-slider" }, field, shown) };
  });
  return {
    beside: fields.map(({ row }) => row),
    node: element("p", { class: "judge-question" }, question(words, "mushra")),
    scores: () => (moved.size === fields.length ? fields.map(({ field }) => field.valueAsNumber) : null),
    choose: () => {},
  };
}
