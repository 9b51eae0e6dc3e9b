// @ts-check
// The cells of a grid as they are made: sorted, walked through by keyboard, all equally loud.

import { complaint, get, isUnreached } from "./ask.js";
import { element, labelled } from "./dom.js";
import { GridCell, voiceOf } from "./grid_cell.js";
import { calledIn } from "./voice_entries.js";

/** @typedef {import("./compare_page.js").CompareActs} CompareActs */
/** @typedef {import("./test_form.js").Source} Source */
/** @typedef {import("./wire_compare.js").CellFacts} CellFacts */
/** @typedef {import("./wire_compare.js").GridNews} GridNews */
/** @typedef {import("./words.js").Words} Words */

const SOON_MS = 500;
const LATER_MS = 4000; // where nobody answers

/** @type {Record<string, (cell: CellFacts) => number>} The least first. */
const ORDERS = {
  order: ({ number }) => number,
  starred: ({ starred }) => (starred ? 0 : 1),
  errors: ({ take }) => (take?.verdict ? take.verdict.errors / Math.max(1, take.verdict.total) : Infinity),
  duration: ({ take }) => take?.audio_s ?? Infinity,
  first: ({ take }) => take?.first_audio_s ?? Infinity,
  rtf: ({ take }) => take?.rtf ?? Infinity,
};

export class GridView {
  /**
   * @param {Words} words
   * @param {string} grid
   * @param {CompareActs} acts
   * @param {(news: GridNews) => void} heard hears of how far it is
   */
  constructor(words, grid, acts, heard) {
    this.words = words;
    this.grid = grid;
    this.address = `studio/grids/${encodeURIComponent(grid)}`;
    this.acts = acts;
    this.heard = heard;
    this.revision = 0;
    this.following = false;
    /** @type {Map<number, GridCell>} */
    this.cells = new Map();
    const labels = { order: words.sort_order, starred: words.sort_starred, errors: words.sort_errors, duration: words.sort_duration, first: words.first, rtf: "RTF" };
    this.sort = element("select", { onchange: () => this.arrange() }, ...Object.entries(labels).map(([value, label]) => element("option", { value }, label)));
    this.list = element("div", { class: "grid-cells", role: "group", "aria-label": words.takes });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("focusin", ({ target }) => this.focused(target));
    this.problem = element("p", { class: "bad", role: "alert" });
    this.node = element("div", { class: "grid-view" }, element("div", { class: "grid-tools" }, labelled(words.sort_by, this.sort), element("small", { class: "grid-keys" }, words.grid_keys)), this.problem, this.list);
  }

  /** Asks for what is new until nothing waits, or nobody looks. */
  async follow() {
    if (this.following) return;
    this.following = true;
    for (let wait = SOON_MS; ; await new Promise((resolve) => setTimeout(resolve, wait))) {
      try {
        /** @type {GridNews} */
        const news = await get(`${this.address}?revision=${this.revision}`);
        wait = SOON_MS;
        this.problem.textContent = "";
        this.show(news);
        this.heard(news);
        if (!news.waiting || (news.paused && news.making === null)) break;
      } catch (error) {
        this.problem.textContent = complaint(error, this.words);
        if (!isUnreached(error)) break;
        wait = LATER_MS;
      }
      if (!this.node.isConnected) break;
    }
    this.following = false;
  }

  /** @param {GridNews} news */
  show(news) {
    const known = this.cells.size;
    for (const facts of news.held) {
      const cell = this.cells.get(facts.number);
      if (!cell) this.cells.set(facts.number, this.cell(facts));
      // What a change has told already is newer than what was asked before it.
      else if (facts.revision >= cell.facts.revision) cell.show(facts, false);
    }
    for (const [number, cell] of this.cells) if (cell.facts.state === "waiting") cell.show(cell.facts, number === news.making);
    this.revision = Math.max(this.revision, news.revision);
    const levels = [...this.cells.values()].flatMap(({ facts }) => facts.take?.level ?? []);
    for (const cell of this.cells.values()) cell.level(Math.min(...levels, 0));
    if (this.cells.size !== known || this.sort.value !== "order") this.arrange();
  }

  /** @param {CellFacts} facts */
  cell(facts) {
    return new GridCell(this.words, facts, {
      address: this.address,
      called: (cell) => this.called(cell),
      played: (cell) => this.silence(cell),
      changed: () => void this.follow(),
      restore: (cell) => this.acts.restore(cell.form, voiceOf(cell)),
    });
  }

  /** @param {CellFacts} facts */
  called(facts) {
    const { form } = facts;
    const spec = this.acts.systemOf(form.system);
    const model = spec?.models.find(({ name }) => name === form.model) ?? spec?.models[0];
    const voice = voiceOf(facts);
    return [spec?.name ?? form.system, form.model && (model?.title || form.model), voice && calledIn(model, voice, this.words)].filter(Boolean).join(" · ");
  }

  /** In the order that is chosen; in that of the grid under each text. */
  arrange() {
    const focused = document.activeElement;
    const by = ORDERS[this.sort.value];
    const cells = [...this.cells.values()].sort((one, other) => by(one.facts) - by(other.facts) || one.facts.number - other.facts.number);
    const ordered = this.sort.value === "order";
    this.list.classList.toggle("by-text", ordered);
    const parts = cells.flatMap((cell, index) => {
      const isNext = ordered && cell.facts.form.text !== cells[index - 1]?.facts.form.text;
      return isNext ? [element("h4", { dir: "auto" }, cell.facts.form.text), cell.node] : [cell.node];
    });
    // Moving what plays or has the focus would end it.
    if (parts.some((part, index) => part !== this.list.children[index] && !(part instanceof HTMLHeadingElement))) this.list.replaceChildren(...parts);
    if (focused instanceof HTMLElement && this.list.contains(focused)) focused.focus({ preventScroll: true });
    if (!cells.some(({ node }) => node.tabIndex === 0) && cells.length) cells[0].node.tabIndex = 0;
  }

  /** @param {GridCell | null} except */
  silence(except) {
    for (const cell of this.cells.values()) if (cell !== except) cell.halt();
  }

  /**
   * What a listening test can be made of: the cells with a star, or all that are done.
   * @returns {Source[]}
   */
  sources() {
    const done = [...this.cells.values()].map(({ facts }) => facts).filter(({ state }) => state === "done");
    const starred = done.filter((facts) => facts.starred);
    const chosen = starred.length ? starred : done;
    const named = new Set();
    return chosen.map((facts) => {
      const { form, number } = facts;
      const voice = facts.take?.voice || form.voice;
      // Two that would be called the same are told apart by their seeds, and then by their numbers.
      const names = [form.system, `${form.system} ${form.seed}`, `${form.system} ${form.seed} (${number + 1})`];
      const name = names.find((each) => !named.has(JSON.stringify([each, voice, form.text]))) ?? names[2];
      named.add(JSON.stringify([name, voice, form.text]));
      return { key: `${this.grid} ${number}`, chosen: { grid: this.grid, cell: number }, text: form.text, language: form.language, voice, name };
    });
  }

  // -- by keyboard --

  /** @param {EventTarget | null} target */
  focused(target) {
    const node = target instanceof Element ? target.closest(".grid-cell") : null;
    for (const cell of this.cells.values()) cell.node.tabIndex = cell.node === node ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const nodes = [...this.list.querySelectorAll(".grid-cell")];
    const at = nodes.indexOf(/** @type {Element} */ (event.target)); // of a button within a cell the keys are its own
    const cell = [...this.cells.values()].find(({ node }) => node === event.target);
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const across = getComputedStyle(this.list).gridTemplateColumns.split(" ").length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across, Home: -at, End: nodes.length - 1 - at }[event.key];
    if (step !== undefined) {
      const next = nodes[Math.min(nodes.length - 1, Math.max(0, at + step))];
      if (next instanceof HTMLElement) next.focus();
    } else if (event.key === " " || event.key === "Enter") cell.toggle();
    else if (event.key === "s") void cell.mark();
    else if (event.key === "r") void cell.redo();
    else if (event.key === "u") this.acts.restore(cell.facts.form, voiceOf(cell.facts));
    else return;
    event.preventDefault();
  }
}
