// @ts-check
// What listeners said: a table for systems, voices and sentences, each row with its interval drawn.

import { complaint, get } from "./ask.js";
import { element } from "./dom.js";
import { drawn } from "./test_plot.js";

/** @typedef {import("./wire_listening.js").ResultRow} ResultRow */
/** @typedef {import("./wire_listening.js").TestFacts} TestFacts */
/** @typedef {import("./wire_listening.js").TestKind} TestKind */
/** @typedef {import("./words.js").Words} Words */

/** @type {Record<TestKind, [number, number]>} What a mean lies between. */
const BOUNDS = { ab: [-1, 1], abx: [0, 1], mos: [1, 5], cmos: [-3, 3], mushra: [0, 100] };

export class TestResults {
  /**
   * @param {Words} words
   * @param {TestFacts} facts
   */
  constructor(words, facts) {
    this.words = words;
    this.kind = facts.kind;
    this.url = `studio/listening-tests/${encodeURIComponent(facts.test)}`;
    this.attentive = element("input", { type: "checkbox", onchange: () => void this.load() });
    this.failed = element("span", { class: "test-failed" });
    this.told = element("div", { class: "test-told", role: "status" });
    const files = ["csv", "json"].map((ending) => element("a", { class: "tool", href: `${this.url}.${ending}`, download: "" }, ending.toUpperCase()));
    const tick = element("label", { class: "test-tick" }, this.attentive, " ", words.attentive_only, " ", this.failed);
    this.node = element("div", { class: "test-results" }, element("div", { class: "test-acts" }, tick, ...files), this.told);
  }

  async load() {
    const { words } = this;
    try {
      /** @type {import("./wire_listening.js").TestResults} */
      const { inattentive, rows } = await get(`${this.url}?attentive=${this.attentive.checked}`);
      this.failed.textContent = `(${inattentive.length})`;
      this.told.replaceChildren(...(rows.length ? this.tables(rows) : [element("p", {}, words.test_unanswered)]));
    } catch (error) {
      this.told.replaceChildren(element("p", { class: "status bad" }, complaint(error, words)));
    }
  }

  /** @param {ResultRow[]} rows */
  tables(rows) {
    const { words } = this;
    /** @type {[ResultRow["by"], string][]} */
    const groups = [["system", words.by_system], ["voice", words.by_voice], ["sentence", words.by_sentence]];
    return groups.flatMap(([by, title]) => {
      const some = rows.filter((row) => row.by === by);
      return some.length ? [this.table(title, some)] : [];
    });
  }

  /**
   * @param {string} title
   * @param {ResultRow[]} rows
   */
  table(title, rows) {
    const { words, kind } = this;
    const paired = rows[0].p !== null;
    const counts = kind === "abx" ? [words.told_apart, words.not_told_apart] : [words.preferred_first, words.preferred_second, words.no_difference];
    const heads = ["", words.test_mean, words.test_interval, "", ...(paired ? [...counts, words.test_chance] : []), words.test_judgements, words.test_listeners];
    const body = rows.map((row) => element("tr", {}, element("th", { scope: "row", dir: "auto" }, named(row, paired)), ...this.cells(row, paired)));
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))), element("tbody", {}, ...body));
    // A table may be wider than a phone: then it is scrolled, by keys too.
    return element("section", {}, element("h4", {}, title), element("div", { class: "test-table", tabindex: 0, role: "region", "aria-label": title }, table));
  }

  /**
   * @param {ResultRow} row
   * @param {boolean} paired
   */
  cells({ mean, first, second, ties, p }, paired) {
    const interval = mean.low === null || mean.high === null ? "–" : `${mean.low.toFixed(2)} … ${mean.high.toFixed(2)}`;
    const counts = this.kind === "abx" ? [first, second] : [first, second, ties];
    const plot = element("td", { class: "test-plot" });
    plot.append(drawn(mean, BOUNDS[this.kind]));
    const texts = [...(paired ? [...counts.map(String), chance(p ?? 1)] : []), String(mean.count), String(mean.listeners)];
    return [element("td", {}, mean.mean.toFixed(2)), element("td", {}, interval), plot, ...texts.map((text) => element("td", {}, text))];
  }
}

/** @param {number} p */
const chance = (p) => (p < 0.001 ? "< 0.001" : p.toFixed(3));

/**
 * Whom a row is of: one, or two against each other.
 * @param {ResultRow} row
 * @param {boolean} paired
 */
function named({ by, of }, paired) {
  const joined = (/** @type {string[]} */ names) => names.filter(Boolean).join(" · ");
  if (!paired) return joined(of);
  if (by === "voice") return `${joined(of.slice(0, 2))} / ${joined(of.slice(2))}`;
  return joined([`${of[0]} / ${of[1]}`, ...of.slice(2)]);
}
