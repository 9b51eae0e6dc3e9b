// @ts-check
// A new listening test: which takes, which kind, and what is added to find out who listens.

import { complaint, send } from "./ask.js";
import { element, labelled, pills } from "./dom.js";
import { shortened } from "./format.js";

/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire_listening.js").TestFacts} TestFacts */
/** @typedef {import("./wire_listening.js").TestKind} TestKind */
/** @typedef {import("./words.js").Words} Words */

/**
 * A sound of which a test can be made: a take, or a cell of a grid. `name` is what to call it in the results.
 * @typedef {object} Source
 * @property {string} key
 * @property {{take: string} | {grid: string, cell: number}} chosen
 * @property {string} text
 * @property {string} language
 * @property {string} voice
 * @property {string} name
 */

const MOST_CHECKS = 10; // what the server takes
const LONGEST_TITLE = 200;
const LONGEST_NAME = 80;

export class TestForm {
  /**
   * @param {Words} words
   * @param {() => Take[]} takes
   * @param {(made: TestFacts) => void} made
   */
  constructor(words, takes, made) {
    this.words = words;
    this.takes = takes;
    this.made = made;
    this.kind = /** @type {TestKind} */ ("ab");
    /** @type {Map<string, Row>} What is offered, by its key. */
    this.rows = new Map();
    /** @type {Source[]} Those of a grid. */
    this.offered = [];
    this.title = element("input", { type: "text", maxlength: LONGEST_TITLE });
    this.title.value = words.listening_test;
    this.anchors = element("input", { type: "checkbox" });
    this.checks = element("select", {}, ...Array.from({ length: MOST_CHECKS + 1 }, (_, count) => element("option", { value: count }, String(count))));
    this.checks.value = "1";
    this.chosen = element("div", { class: "test-takes", role: "group", "aria-label": words.takes });
    this.button = element("button", { type: "button", class: "tool primary", onclick: () => void this.make() }, words.test_make);
    this.said = element("p", { class: "test-said", role: "status" });
    const kinds = [
      { key: "ab", label: words.kind_ab },
      { key: "abx", label: words.kind_abx },
      { key: "mos", label: words.kind_mos },
      { key: "cmos", label: words.kind_cmos },
      { key: "mushra", label: words.kind_mushra },
    ];
    this.anchored = element("label", { class: "test-tick" }, this.anchors, " ", words.test_anchors);
    this.node = element(
      "section",
      { class: "model test-form", "aria-label": words.test_new },
      element("h3", {}, words.test_new),
      pills(words.test_kind, kinds, this.kind, (key) => this.choose(/** @type {TestKind} */ (key))),
      this.chosen,
      labelled(words.test_title, this.title),
      labelled(words.test_checks, this.checks, words.test_checks_how),
      this.anchored,
      this.button,
      this.said,
    );
    this.choose(this.kind);
  }

  /** @param {TestKind} kind */
  choose(kind) {
    this.kind = kind;
    this.anchored.hidden = kind !== "mos" && kind !== "mushra";
  }

  /**
   * A test is to be made of these.
   * @param {Source[]} sources
   */
  offer(sources) {
    this.offered = sources;
    for (const [key, row] of this.rows) if (!sources.some((source) => source.key === key)) row.tick.checked = false;
    this.refresh();
    this.button.scrollIntoView({ block: "nearest" });
    this.node.querySelector("input")?.focus();
  }

  /** What there is now; what was chosen of it stays so. */
  refresh() {
    const { words } = this;
    const sources = [...this.offered, ...this.takes().map(sourceOf)];
    this.rows = new Map(sources.map((source) => [source.key, this.rows.get(source.key) ?? rowOf(words, source, !this.offered.length || "grid" in source.chosen)]));
    const rows = [...this.rows.values()].map(({ node }) => node);
    this.chosen.replaceChildren(...(rows.length ? rows : [element("p", { class: "models-summary" }, words.test_no_takes)]));
    this.button.disabled = rows.length === 0;
  }

  async make() {
    const { words, kind } = this;
    const takes = [...this.rows.values()].filter(({ tick }) => tick.checked).map(({ chosen, name }) => ({ ...chosen, system: name.value.trim() }));
    const checks = Number(this.checks.value);
    const anchors = this.anchors.checked && !this.anchored.hidden;
    const seed = crypto.getRandomValues(new Uint32Array(1))[0];
    this.button.disabled = true;
    this.say(words.test_making);
    try {
      /** @type {TestFacts} */
      const made = await send("studio/listening-tests", { title: this.title.value, kind, takes, anchors, checks, seed });
      this.say(words.test_made);
      this.made(made);
    } catch (error) {
      this.say(complaint(error, words), true);
    } finally {
      this.button.disabled = false;
    }
  }

  /**
   * @param {string} text
   * @param {boolean} bad
   */
  say(text, bad = false) {
    this.said.classList.toggle("bad", bad);
    this.said.textContent = text;
  }
}

/** @typedef {{node: HTMLElement, tick: HTMLInputElement, name: HTMLInputElement, chosen: Source["chosen"]}} Row */

/**
 * @param {Take} take
 * @returns {Source}
 */
const sourceOf = ({ id, form, voice }) => ({ key: id, chosen: { take: id }, text: form.text, language: form.language, voice, name: form.system });

/**
 * @param {Words} words
 * @param {Source} source
 * @param {boolean} ticked
 * @returns {Row}
 */
function rowOf(words, { chosen, text, language, voice, name: called }, ticked) {
  const tick = element("input", { type: "checkbox" });
  tick.checked = ticked;
  const name = element("input", { type: "text", maxlength: LONGEST_NAME, "aria-label": words.test_name, title: words.test_name });
  name.value = called;
  const said = element("span", { lang: language || "en", dir: "auto", class: "test-text" }, text);
  const node = element("div", { class: "test-take" }, element("label", {}, tick, " ", said, element("small", {}, ` ${shortened(voice)}`)), name);
  return { node, tick, name, chosen };
}
