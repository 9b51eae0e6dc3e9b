// @ts-check
// What a visitor adds to a system: files of their own, or a repository that nobody has listed.

import { complaint, send } from "./ask.js";
import { element } from "./dom.js";
import { Receiver } from "./receiver.js";
import { deliver } from "./uploads.js";
import { Work } from "./work.js";

/** @typedef {import("./models_page.js").ModelsActs} ModelsActs */
/** @typedef {import("./uploads.js").Brought} Brought */
/** @typedef {import("./wire_library.js").CardFacts} CardFacts */
/** @typedef {import("./wire_library.js").Task} Task */
/** @typedef {import("./words.js").Words} Words */

export class OwnModels {
  /**
   * @param {Words} words
   * @param {ModelsActs} acts
   * @param {{id: string}} spec
   */
  constructor(words, acts, spec) {
    this.words = words;
    this.acts = acts;
    this.id = spec.id;
    this.sending = false;
    this.refused = ""; // what was wrong with what was brought, before the server began to import it
    this.import = new Work(words);
    this.asking = new Work(words);
    /** @type {Map<string, Work>} A place for each repository that has no card yet, by the id of the work on it. */
    this.fetches = new Map();
    this.repo = element("input", { type: "text", placeholder: words.repository_hint, "aria-label": words.repository, spellcheck: "false" });
    const form = element("form", { class: "own-repository" }, this.repo, element("button", { type: "submit", class: "act" }, words.download));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.fetch();
    });
    this.node = element("div", { class: "own" });
    const receiver = new Receiver(this.node, words, (files, name) => this.bring(files, name));
    const buttons = element("div", { class: "model-acts" }, ...receiver.buttons());
    this.repositories = element("div", { class: "own-drop" }, element("h3", {}, words.repository), element("p", {}, words.repository_how), form, this.asking.node);
    this.node.append(
      element("div", { class: "own-drop" }, element("h3", {}, words.bring), element("p", {}, words.bring_how), buttons, this.import.node),
      this.repositories,
    );
  }

  /**
   * Work that has no card yet: an import, or the first moments of a repository.
   * @param {Task[]} tasks
   * @param {CardFacts[]} cards
   */
  update(tasks, cards) {
    const brought = tasks.find((task) => task.id === this.id);
    if (!this.sending && !this.refused) this.tell(this.import, brought);
    const claimed = new Set(cards.map((card) => this.acts.keyOf(card)));
    const fetched = tasks.filter(({ id, state }) => id.startsWith(`${this.id}:`) && !claimed.has(id) && (state === "running" || state === "failed"));
    for (const [id, work] of this.fetches) {
      if (fetched.some((task) => task.id === id)) continue;
      work.node.remove();
      this.fetches.delete(id);
    }
    for (const task of fetched) this.tell(this.fetchOf(task.id), task, task.id.slice(this.id.length + 1));
  }

  /** @param {string} id */
  fetchOf(id) {
    const known = this.fetches.get(id);
    if (known) return known;
    const made = new Work(this.words);
    this.fetches.set(id, made);
    this.repositories.append(made.node);
    return made;
  }

  /**
   * @param {Work} work
   * @param {Task | undefined} task
   * @param {string} name of what is worked on
   */
  tell(work, task, name = "") {
    const { words } = this;
    /** @param {string} said */
    const named = (said) => (name ? `${name}: ${said}` : said);
    if (task?.state === "running") return work.move(named(words.told(task.label)), task.done, task.total);
    if (task?.state === "failed") return work.fail(named(words.told(task)), () => this.acts.dismiss(task));
    work.rest();
    work.clear();
  }

  /**
   * @param {Brought[]} files
   * @param {string} name
   */
  async bring(files, name) {
    this.sending = true;
    this.refused = "";
    this.import.move(this.words.sending, 0, 0);
    try {
      // What is tried anew need not be told of any more.
      await send("studio/models/dismiss", { id: this.id, kind: "import" });
      await deliver(this.id, files, name, false, (done, total) => this.import.move(this.words.sending, done, total));
    } catch (error) {
      this.refused = complaint(error, this.words);
      this.import.fail(this.refused, () => {
        this.refused = "";
        this.import.clear();
      });
    }
    this.sending = false;
    await this.acts.poll();
  }

  async fetch() {
    const name = this.repo.value.trim().replace(/^https:\/\/[^/]+\//, "");
    if (!name) return this.repo.focus();
    this.asking.clear();
    try {
      await send("studio/models/download", { id: `${this.id}:${name}` });
      this.repo.value = "";
    } catch (error) {
      this.asking.fail(complaint(error, this.words), () => this.asking.clear());
    }
    await this.acts.poll();
  }
}
