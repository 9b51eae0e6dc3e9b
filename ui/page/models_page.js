// @ts-check
// The Models page: a card for each checkpoint, drawn from /studio/models and kept up to date while it is looked at.

import { Advice } from "./advice.js";
import { get, send } from "./ask.js";
import { CatalogueSearch } from "./catalogue.js";
import { element } from "./dom.js";
import { bytes } from "./format.js";
import { ModelCard } from "./model_card.js";
import { OwnModels } from "./own_models.js";

/** @typedef {import("./wire_library.js").CardFacts} CardFacts */
/** @typedef {import("./wire_library.js").Library} Library */
/** @typedef {import("./wire_library.js").Loaded} Loaded */
/** @typedef {import("./wire_library.js").SilentFacts} SilentFacts */
/** @typedef {import("./wire_library.js").Task} Task */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./words.js").Words} Words */

/**
 * What the parts of the page need of the whole.
 * @typedef {object} ModelsActs
 * @property {(card: CardFacts) => string} keyOf the id under which the server works on a card
 * @property {() => Promise<unknown>} poll asks the server now
 * @property {(task: Task) => Promise<unknown>} dismiss lets the server forget how some work has ended
 * @property {(system: string, model: string, voice?: string) => void} use puts a checkpoint into the form
 * @property {(system: string) => boolean} speaks whether what is of this system can be used so: a recogniser cannot
 * @property {(system: string) => boolean} loads whether what is of this system can be kept in memory: a codec cannot
 */

const SOON_MS = 500;
const LATER_MS = 4000;

export class ModelsPage {
  /**
   * @param {Words} words
   * @param {SystemFacts[]} systems
   * @param {object} acts
   * @param {(system: string, model: string, voice?: string) => void} acts.use puts a checkpoint into the form
   * @param {() => Promise<void>} acts.refresh hears of it when a checkpoint has come or gone
   */
  constructor(words, systems, { use, refresh }) {
    this.words = words;
    this.refresh = refresh;
    /** @type {ModelsActs} */
    this.acts = { keyOf, use, speaks: (id) => systems.some((spec) => spec.id === id), loads: (id) => this.loadable.has(id), poll: () => this.poll(), dismiss: (task) => this.dismiss(task) };
    this.loadable = new Set(systems.map((spec) => spec.id));
    this.root = element("div", { id: "studio-library", "aria-busy": "true" });
    /** @type {Map<string, ModelCard>} */
    this.cards = new Map();
    /** @type {OwnModels[]} */
    this.owns = [];
    /** @type {Map<string, HTMLElement>} The place for the cards of each system. */
    this.lists = new Map();
    this.memory = element("div", { class: "memory" });
    this.where = element("p", { class: "models-where" });
    this.told = "";
    /** @type {string | null} */
    this.ready = null;
    this.busy = false;
    this.wake = () => {};
    const top = element("section", { class: "models-top" }, element("h2", {}, words.memory), this.memory, this.where);
    this.advice = new Advice(words, this.acts);
    this.catalogue = new CatalogueSearch(words, this.acts);
    this.root.replaceChildren(this.advice.node, this.catalogue.node, top, ...systems.map((spec) => this.section(spec)));
    void this.advice.ask();
    void this.catalogue.search();
    this.follow();
  }

  /** @param {SystemFacts | SilentFacts} spec */
  section(spec) {
    const { words } = this;
    const list = element("div", { class: "models-list" });
    this.lists.set(spec.id, list);
    const own = spec.own ? [new OwnModels(words, this.acts, spec)] : [];
    this.owns.push(...own);
    return element(
      "section",
      { class: "models-system", "data-system": spec.id },
      element("h2", {}, spec.name),
      element("p", { class: "models-summary" }, words.text(spec.summary)),
      element("p", { class: "models-summary" }, `${words.code} ${words.text(spec.licences.code)}`),
      list,
      ...own.map(({ node }) => node),
    );
  }

  async follow() {
    for (;;) {
      const visible = this.root.offsetParent !== null && !document.hidden;
      const busy = visible ? await this.poll() : false;
      await new Promise((resolve) => {
        this.wake = () => resolve(null);
        setTimeout(resolve, busy ? SOON_MS : LATER_MS);
      });
    }
  }

  /** Into the tab, which Gradio makes when it is opened for the first time; then do not wait for the next round. */
  open() {
    const place = document.querySelector("#studio-models");
    if (!place) return void requestAnimationFrame(() => this.open());
    if (!place.contains(this.root)) place.replaceChildren(this.root);
    this.wake();
  }

  /** Whether work is going on; false also when the server does not answer, who is asked again. */
  async poll() {
    /** @type {Library | null} */
    const state = await get("studio/models").catch(() => null);
    if (!state) return false;
    this.draw(state);
    const ready = state.cards.filter((card) => card.state === "ready").map((card) => card.id).join();
    if (this.ready !== null && ready !== this.ready) this.refresh().catch(() => {}); // the next visit asks again
    this.ready = ready;
    const busy = state.tasks.some((task) => task.state === "running");
    if (busy && !this.busy) this.wake();
    this.busy = busy;
    return busy;
  }

  /** @param {Task} task */
  async dismiss({ id, kind }) {
    await send("studio/models/dismiss", { id, kind }).catch(() => {}); // then it is still shown
    await this.poll();
  }

  /** @param {Library} state */
  draw(state) {
    const { words } = this;
    const { cards, tasks, memory, folder, free } = state;
    for (const spec of state.silent) {
      if (spec.loads) this.loadable.add(spec.id);
      if (!this.lists.has(spec.id)) this.root.append(this.section(spec));
    }
    this.advice.update(state);
    this.catalogue.update(state);
    this.root.setAttribute("aria-busy", "false");
    for (const [id, card] of this.cards) {
      if (cards.some((each) => each.id === id)) continue;
      card.node.remove();
      this.cards.delete(id);
    }
    for (const card of cards) {
      const loaded = memory.find((each) => each.id === card.id);
      const ids = [keyOf(card), card.id];
      this.cardOf(card).update(card, tasks.filter((task) => ids.includes(task.id)), loaded);
    }
    for (const own of this.owns) own.update(tasks, cards);
    this.remember(memory);
    this.where.textContent = folder ? [`${words.kept_in} ${folder}`, ...(free === null ? [] : [`${bytes(free)} ${words.free}`])].join(" · ") : words.no_folder;
  }

  /** @param {CardFacts} card */
  cardOf(card) {
    const known = this.cards.get(card.id);
    if (known) return known;
    const made = new ModelCard(this.words, this.acts, card);
    this.cards.set(card.id, made);
    this.lists.get(card.system)?.append(made.node);
    return made;
  }

  /** @param {Loaded[]} memory */
  remember(memory) {
    const { words } = this;
    const told = JSON.stringify(memory.map(({ idle_s: _, ...model }) => model));
    if (told === this.told) return;
    this.told = told;
    const rows = memory.map((model) => {
      const speaking = model.requests ? ` · ${words.speaking}` : "";
      const about = `${bytes(model.bytes)} · ${model.device} · ${model.dtype}${speaking}`;
      return element("div", { class: "loaded" }, element("b", {}, model.id ?? `${model.system} · ${model.name}`), element("span", {}, about));
    });
    this.memory.replaceChildren(...(rows.length ? rows : [element("p", {}, words.memory_empty)]));
  }
}

/**
 * The id under which the server works on a card: that of a repository begins before there is a folder.
 * @param {CardFacts} card
 */
function keyOf(card) {
  if (!card.own || !card.repo) return card.id;
  return `${card.system}:${card.repo}${card.revision === "main" ? "" : `@${card.revision}`}`;
}
