// @ts-check
// The Tests page, which is the owner's: a listening test made of takes, the links to send, and what listeners said.

import { complaint, discard, get } from "./ask.js";
import { copy, element } from "./dom.js";
import { moment } from "./format.js";
import { TestForm } from "./test_form.js";
import { TestResults } from "./test_results.js";

/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire_listening.js").TestFacts} TestFacts */
/** @typedef {import("./words.js").Words} Words */

export class TestsPage {
  /**
   * @param {Words} words
   * @param {() => Take[]} takes those that can be heard now
   */
  constructor(words, takes) {
    this.words = words;
    this.form = new TestForm(words, takes, (made) => void this.made(made));
    this.list = element("div", { class: "tests-list" });
    this.problem = element("p", { class: "status bad", role: "alert" });
    const head = element("section", {}, element("h2", {}, words.listening_tests), element("p", { class: "models-summary" }, words.tests_how));
    this.root = element("div", { id: "studio-judging" }, head, this.form.node, this.problem, this.list);
    /** @type {Map<string, TestCard>} */
    this.cards = new Map();
  }

  /** Into the tab, which Gradio makes when it is opened for the first time. */
  open() {
    const place = document.querySelector("#studio-tests");
    if (!place) return void requestAnimationFrame(() => this.open());
    if (!place.contains(this.root)) place.replaceChildren(this.root);
    this.form.refresh();
    void this.refresh();
  }

  /** Asks for the tests that there are; the cards of those that are known stay as they are. */
  async refresh() {
    try {
      /** @type {{tests: TestFacts[]}} */
      const { tests } = await get("studio/listening-tests");
      this.problem.textContent = "";
      const cards = tests.map((facts) => this.card(facts));
      this.cards = new Map(cards.map((card) => [card.facts.test, card]));
      this.list.replaceChildren(...(cards.length ? cards.map(({ node }) => node) : [element("p", { class: "models-summary" }, this.words.tests_none)]));
    } catch (error) {
      this.problem.textContent = complaint(error, this.words);
    }
  }

  /** @param {TestFacts} facts */
  card(facts) {
    const card = this.cards.get(facts.test) ?? new TestCard(this.words, facts, () => this.refresh());
    card.show(facts);
    return card;
  }

  /** @param {TestFacts} made */
  async made(made) {
    await this.refresh();
    this.cards.get(made.test)?.copy.focus();
  }
}

class TestCard {
  /**
   * @param {Words} words
   * @param {TestFacts} facts
   * @param {() => Promise<void>} gone hears of it when the test was deleted
   */
  constructor(words, facts, gone) {
    this.words = words;
    this.facts = facts;
    this.gone = gone;
    this.about = element("p", { class: "models-summary" });
    this.said = element("span", { role: "status" });
    const address = new URL(`listen/${facts.link}`, document.baseURI).href;
    const link = element("a", { href: address, target: "_blank", rel: "noopener", class: "test-link" }, address);
    this.copy = element("button", { type: "button", class: "tool", onclick: () => this.copied(address) }, words.copy_link);
    this.results = new TestResults(words, facts);
    this.fold = element("details", { class: "test-fold" }, element("summary", {}, words.test_results), this.results.node);
    this.fold.addEventListener("toggle", () => this.fold.open && void this.results.load());
    this.acts = element("div", { class: "test-acts" });
    this.rest();
    this.node = element("article", { class: "model test-card", "data-test": facts.test }, element("h3", {}, facts.title), this.about, link, this.acts, this.fold);
  }

  /** @param {TestFacts} facts as they are now */
  show(facts) {
    const { words } = this;
    const kinds = { ab: "A/B", abx: "ABX", mos: "MOS", cmos: "CMOS", mushra: "MUSHRA" };
    const counts = [`${words.test_trials}${words.colon}${facts.trials}`, `${words.test_listeners}${words.colon}${facts.listeners}`, `${words.test_finished}${words.colon}${facts.finished}`];
    this.about.textContent = [kinds[facts.kind], ...counts, moment(facts.made)].join(" · ");
    if (this.fold.open && facts.listeners) void this.results.load();
  }

  /** @param {string} address */
  async copied(address) {
    await copy(address);
    this.said.textContent = this.words.link_copied;
  }

  rest() {
    const remove = element("button", { type: "button", class: "tool", onclick: () => this.ask() }, this.words.delete);
    this.acts.replaceChildren(this.copy, remove, this.said);
  }

  /** Answers of people cannot be had again. */
  ask() {
    const { words } = this;
    const yes = element("button", { type: "button", class: "act tool danger", onclick: () => void this.remove() }, words.delete);
    const no = element("button", { type: "button", class: "tool", onclick: () => this.rest() }, words.keep);
    this.acts.replaceChildren(element("span", {}, words.test_delete_ask), yes, no);
    no.focus();
  }

  async remove() {
    try {
      await discard(`studio/listening-tests/${encodeURIComponent(this.facts.test)}`);
      await this.gone();
    } catch (error) {
      this.rest();
      this.said.textContent = complaint(error, this.words);
    }
  }
}
