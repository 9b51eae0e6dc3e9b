// @ts-check
// The Compare page: the visitor's grids, each of which goes on being made whether somebody looks or not.

import { complaint, discard, get, send } from "./ask.js";
import { element } from "./dom.js";
import { moment } from "./format.js";
import { GridForm } from "./grid_form.js";
import { GridView } from "./grid_view.js";

/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./test_form.js").Source} Source */
/** @typedef {import("./wire_compare.js").GridFacts} GridFacts */
/** @typedef {import("./words.js").Words} Words */

/**
 * What grids need of the page around them.
 * @typedef {object} CompareActs
 * @property {(form: Wanted, voice: string) => void} restore puts settings back into the form
 * @property {(system: string) => SystemFacts | undefined} systemOf
 * @property {(sources: Source[]) => void} judge makes a listening test of these
 */

export class ComparePage {
  /**
   * @param {Words} words
   * @param {SystemFacts[]} systems
   * @param {CompareActs} acts
   */
  constructor(words, systems, acts) {
    this.words = words;
    this.acts = acts;
    this.form = new GridForm(words, (made) => void this.made(made));
    this.list = element("div", { class: "tests-list" });
    this.problem = element("p", { class: "status bad", role: "alert" });
    const head = element("section", {}, element("h2", {}, words.compare), element("p", { class: "models-summary" }, words.compare_how));
    this.root = element("div", { id: "studio-comparing" }, head, this.form.node, this.problem, this.list);
    /** @type {Map<string, GridCard>} */
    this.cards = new Map();
    this.show(systems);
  }

  /** @param {SystemFacts[]} systems */
  show(systems) {
    this.form.show(systems);
  }

  /** Into the tab, which Gradio makes when it is opened for the first time. */
  open() {
    const place = document.querySelector("#studio-compare");
    if (!place) return void requestAnimationFrame(() => this.open());
    if (!place.contains(this.root)) place.replaceChildren(this.root);
    void this.refresh();
  }

  /** Asks for the grids that there are; the newest is open. */
  async refresh() {
    try {
      /** @type {{grids: GridFacts[]}} */
      const { grids } = await get("studio/grids");
      this.problem.textContent = "";
      const first = !this.cards.size;
      this.cards = new Map(grids.map((facts) => [facts.grid, this.cards.get(facts.grid) ?? new GridCard(this.words, facts, this.acts, () => this.refresh())]));
      for (const facts of grids) this.cards.get(facts.grid)?.show(facts);
      const cards = [...this.cards.values()];
      this.list.replaceChildren(...(cards.length ? cards.map(({ node }) => node) : [element("p", { class: "models-summary" }, this.words.grids_none)]));
      if (first && cards.length) cards[0].fold.open = true;
      for (const card of cards) if (card.fold.open) void card.view.follow();
    } catch (error) {
      this.problem.textContent = complaint(error, this.words);
    }
  }

  /** @param {GridFacts} made */
  async made(made) {
    for (const card of this.cards.values()) card.fold.open = false;
    await this.refresh();
    const card = this.cards.get(made.grid);
    if (!card) return;
    card.fold.open = true;
    card.summary.focus();
  }
}

class GridCard {
  /**
   * @param {Words} words
   * @param {GridFacts} facts
   * @param {CompareActs} acts
   * @param {() => Promise<void>} gone hears of it when the grid was deleted
   */
  constructor(words, facts, acts, gone) {
    this.words = words;
    this.facts = facts;
    this.gone = gone;
    this.address = `studio/grids/${encodeURIComponent(facts.grid)}`;
    this.about = element("p", { class: "models-summary" });
    this.bar = element("progress", { max: facts.cells, "aria-label": words.grid_progress });
    this.pause = element("button", { type: "button", class: "tool", onclick: () => void this.wait() });
    const link = (/** @type {string} */ ending) => element("a", { class: "tool", href: `${this.address}.${ending}`, download: "", "aria-label": `${words.download} ${ending.toUpperCase()}` }, ending.toUpperCase());
    this.downloads = element("span", { class: "grid-downloads", role: "group", "aria-label": words.download }, link("zip"), link("csv"), link("json"));
    this.judge = element("button", { type: "button", class: "tool for-owner", onclick: () => acts.judge(this.view.sources()) }, words.grid_test);
    this.said = element("span", { role: "status" });
    this.acts = element("div", { class: "grid-acts" });
    this.view = new GridView(words, facts.grid, acts, (news) => this.show(news));
    this.summary = element("summary", {}, words.takes);
    this.fold = element("details", { class: "test-fold" }, this.summary, this.view.node);
    this.fold.addEventListener("toggle", () => (this.fold.open ? void this.view.follow() : this.view.silence(null)));
    this.rest();
    this.node = element("article", { class: "model grid-card", "data-grid": facts.grid }, element("h3", { dir: "auto" }, facts.title), this.about, this.bar, this.acts, this.fold);
  }

  /** @param {GridFacts} facts as they are now */
  show(facts) {
    const { words } = this;
    this.facts = facts;
    const done = facts.cells - facts.waiting - facts.failed;
    const failed = facts.failed ? [`${words.grid_failed}${words.colon}${facts.failed}`] : [];
    this.about.textContent = [`${words.grid_done}${words.colon}${done} / ${facts.cells}`, ...failed, moment(facts.made)].join(" · ");
    this.bar.value = facts.cells - facts.waiting;
    this.bar.hidden = !facts.waiting;
    this.judge.disabled = !done || !this.view.cells.size;
    this.pause.hidden = !facts.waiting;
    this.pause.textContent = facts.paused ? words.grid_go_on : words.grid_pause;
  }

  async wait() {
    try {
      this.show(await send(this.address, { paused: !this.facts.paused }));
      if (this.fold.open) await this.view.follow();
    } catch (error) {
      this.said.textContent = complaint(error, this.words);
    }
  }

  rest() {
    const remove = element("button", { type: "button", class: "tool", onclick: () => this.ask() }, this.words.delete);
    this.acts.replaceChildren(this.pause, this.judge, this.downloads, remove, this.said);
  }

  ask() {
    const { words } = this;
    const yes = element("button", { type: "button", class: "act tool danger", onclick: () => void this.remove() }, words.delete);
    const no = element("button", { type: "button", class: "tool", onclick: () => this.rest() }, words.keep);
    this.acts.replaceChildren(element("span", {}, words.grid_delete_ask), yes, no);
    no.focus();
  }

  async remove() {
    try {
      await discard(this.address);
      this.view.silence(null);
      await this.gone();
    } catch (error) {
      this.rest();
      this.said.textContent = complaint(error, this.words);
    }
  }
}
