// @ts-check
// What a visitor adds to a system: files of their own, or a repository that nobody has listed.

import { complaint, send } from "./ask.js";
import { element } from "./dom.js";
import { Receiver } from "./receiver.js";
import { deliver } from "./uploads.js";

/** @typedef {import("./models_page.js").ModelsActs} ModelsActs */
/** @typedef {import("./uploads.js").Brought} Brought */
/** @typedef {import("./wire_library.js").CardFacts} CardFacts */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire_library.js").Task} Task */
/** @typedef {import("./words.js").Words} Words */

const READ_MS = 10_000; // how long a complaint stays before the work that goes on is shown again

export class OwnModels {
  /**
   * @param {Words} words
   * @param {ModelsActs} acts
   * @param {SystemFacts} spec
   */
  constructor(words, acts, spec) {
    this.words = words;
    this.acts = acts;
    this.id = spec.id;
    this.busy = false;
    this.said = element("p", { class: "own-said", role: "status" });
    this.fill = element("i");
    this.bar = element("div", { class: "bar" }, this.fill);
    this.bar.hidden = true;
    this.repo = element("input", { type: "text", placeholder: words.repository_hint, "aria-label": words.repository, spellcheck: "false" });
    const form = element("form", { class: "own-repository" }, this.repo, element("button", { type: "submit", class: "act" }, words.download));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.fetch();
    });
    this.node = element("div", { class: "own" });
    const receiver = new Receiver(this.node, words, (files, name) => this.bring(files, name));
    const buttons = element("div", { class: "model-acts" }, ...receiver.buttons());
    this.node.append(
      element("div", { class: "own-drop" }, element("h3", {}, words.bring), element("p", {}, words.bring_how), buttons),
      element("div", { class: "own-drop" }, element("h3", {}, words.repository), element("p", {}, words.repository_how), form),
      this.bar,
      this.said,
    );
  }

  /**
   * Work that has no card yet: an import, or the first moments of a repository.
   * @param {Record<string, Task>} tasks
   * @param {CardFacts[]} cards
   */
  update(tasks, cards) {
    if (this.busy) return;
    const claimed = new Set(cards.map((card) => this.acts.keyOf(card)));
    const [, task] = Object.entries(tasks).find(([key]) => key === this.id || (key.startsWith(`${this.id}:`) && !claimed.has(key))) ?? [];
    const { words } = this;
    const running = task?.state === "running";
    this.bar.hidden = !running;
    this.bar.classList.toggle("unknown", !task?.total);
    this.fill.style.width = task?.total ? `${(100 * (task.done ?? 0)) / task.total}%` : "";
    if (task?.state === "failed") this.say(words.told(task), true);
    else this.say(running ? words.told(task.label) : "");
  }

  /** @param {string} message */
  say(message, bad = false) {
    if (this.said.textContent !== message) this.said.textContent = message;
    this.said.classList.toggle("model-problem", bad);
  }

  /**
   * @param {Brought[]} files
   * @param {string} name
   */
  async bring(files, name) {
    this.busy = true;
    this.bar.hidden = false;
    this.say(this.words.sending);
    try {
      await deliver(this.id, files, name, false, (done, total) => {
        this.fill.style.width = `${total ? (100 * done) / total : 0}%`;
      });
      this.busy = false;
    } catch (error) {
      this.complain(error);
    }
    await this.acts.poll();
  }

  async fetch() {
    const name = this.repo.value.trim().replace(/^https:\/\/[^/]+\//, "");
    if (!name) return this.repo.focus();
    this.busy = false;
    try {
      await send("studio/models/download", { id: `${this.id}:${name}` });
      this.repo.value = "";
    } catch (error) {
      this.complain(error);
    }
    await this.acts.poll();
  }

  /** @param {unknown} error */
  complain(error) {
    this.busy = true;
    this.bar.hidden = true;
    this.say(complaint(error, this.words), true);
    setTimeout(() => (this.busy = false), READ_MS);
  }
}
