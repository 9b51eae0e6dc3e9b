// @ts-check
// A new grid: texts, who says them, seeds and settings, or a table with a line for each cell.

import { complaint, send } from "./ask.js";
import { element, fileButton, labelled } from "./dom.js";
import { SEED } from "./numbers.js";
import { calledIn } from "./voice_entries.js";

/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire_compare.js").GridFacts} GridFacts */
/** @typedef {import("./wire_systems.js").ModelFacts} ModelFacts */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{system: string, model: string, voice: string, language: string}} Speaker */

const MOST_CELLS = 200; // what the server takes
const LONGEST_TITLE = 200;
const MOST_VOICES = 300; // of one model; more are for a table

export class GridForm {
  /**
   * @param {Words} words
   * @param {(made: GridFacts) => void} made
   */
  constructor(words, made) {
    this.words = words;
    this.made = made;
    /** @type {Map<string, {speaker: Speaker, tick: HTMLInputElement}>} Who can be chosen, by all that names them. */
    this.speakers = new Map();
    this.texts = element("textarea", { rows: 3, oninput: () => this.count() });
    this.voices = element("div", { class: "grid-voices", role: "group", "aria-label": words.voice });
    this.seeds = element("input", { type: "text", inputmode: "numeric", value: SEED, oninput: () => this.count() });
    this.settings = element("textarea", { rows: 2, oninput: () => this.count() });
    this.title = element("input", { type: "text", maxlength: LONGEST_TITLE });
    this.checked = element("input", { type: "checkbox" });
    this.checked.checked = true;
    this.button = element("button", { type: "button", class: "tool primary", onclick: () => void this.make() }, words.grid_make);
    this.said = element("p", { class: "grid-said", role: "status" });
    const [pick, input] = fileButton(words.grid_table, { accept: ".csv,.tsv,.txt,text/csv" }, (files) => void this.table(files[0]));
    const more = element("details", {}, element("summary", {}, words.more), labelled(words.grid_settings, this.settings, words.grid_settings_how), labelled(words.grid_title, this.title));
    this.node = element(
      "section",
      { class: "model grid-form", "aria-label": words.grid_new },
      element("h3", {}, words.grid_new),
      labelled(words.grid_texts, this.texts, words.grid_texts_how),
      this.voices,
      labelled(words.grid_seeds, this.seeds),
      more,
      element("label", { class: "grid-tick" }, this.checked, " ", words.grid_checked),
      element("div", { class: "grid-acts" }, this.button, pick, input, element("small", {}, words.grid_table_how)),
      this.said,
    );
    this.count();
  }

  /**
   * Who can speak now; what was chosen of them stays so.
   * @param {SystemFacts[]} systems
   */
  show(systems) {
    const before = this.speakers;
    this.speakers = new Map();
    const ready = systems.filter(({ state, models }) => state === "ready" && models.length);
    if (!this.texts.value) this.texts.value = ready[0]?.samples[document.documentElement.lang]?.[0] ?? Object.values(ready[0]?.samples ?? {})[0]?.[0] ?? "";
    const folds = ready.flatMap((spec) => spec.models.map((model, index) => this.fold(spec, model, index === 0, before)));
    if (!before.size) for (const { tick } of [...this.speakers.values()].slice(0, 2)) tick.checked = true;
    if (!before.size && folds.length) folds[0].open = true;
    this.voices.replaceChildren(...(folds.length ? folds : [element("p", { class: "models-summary" }, this.words.grid_no_voices)]));
    this.count();
  }

  /**
   * @param {SystemFacts} spec
   * @param {ModelFacts} model
   * @param {boolean} first which has the saved voices
   * @param {GridForm["speakers"]} before
   */
  fold(spec, model, first, before) {
    const { words } = this;
    const named = [...model.voices, ...(first ? spec.saved.filter((name) => !model.voices.includes(name)) : [])];
    const rows = (named.length ? named : [""]).slice(0, MOST_VOICES).map((voice) => {
      const speaker = { system: spec.id, model: spec.models.length > 1 ? model.name : "", voice, language: model.portraits[voice]?.language ?? "" };
      const key = JSON.stringify([spec.id, model.name, voice]);
      const tick = element("input", { type: "checkbox", onchange: () => this.count() });
      tick.checked = before.get(key)?.tick.checked ?? false;
      this.speakers.set(key, { speaker, tick });
      return element("label", {}, tick, " ", voice ? calledIn(model, voice, words) : words.default);
    });
    const open = rows.some((row) => row.querySelector("input")?.checked);
    const title = model.title && model.title !== spec.name ? `${spec.name} · ${words.text(model.title)}` : spec.name;
    return element("details", open ? { open: "" } : {}, element("summary", {}, title), element("div", { class: "grid-choices", role: "group", "aria-label": title }, ...rows));
  }

  get wanted() {
    const lines = (/** @type {string} */ text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
    return {
      texts: lines(this.texts.value),
      speakers: [...this.speakers.values()].filter(({ tick }) => tick.checked).map(({ speaker }) => speaker),
      seeds: [...new Set(this.seeds.value.split(/[^0-9]+/).filter(Boolean).map(Number))],
      settings: lines(this.settings.value),
    };
  }

  /** Says how many cells it would be. */
  count() {
    const { texts, speakers, seeds, settings } = this.wanted;
    const cells = texts.length * speakers.length * Math.max(1, seeds.length) * Math.max(1, settings.length);
    this.button.disabled = cells < 1 || cells > MOST_CELLS;
    this.button.textContent = `${this.words.grid_make} (${cells} / ${MOST_CELLS})`;
  }

  make() {
    const { wanted } = this;
    return this.send({ ...wanted, title: this.title.value.trim() || wanted.texts[0].slice(0, 60) });
  }

  /** @param {File} file */
  async table(file) {
    await this.send({ csv: await file.text(), title: this.title.value.trim() || file.name.slice(0, 60) });
  }

  /** @param {object} wanted */
  async send(wanted) {
    const { words } = this;
    this.button.disabled = true;
    this.say("");
    try {
      /** @type {GridFacts} */
      const made = await send("studio/grids", { ...wanted, checked: this.checked.checked });
      this.say(words.grid_made);
      this.made(made);
    } catch (error) {
      this.say(complaint(error, words), true);
    } finally {
      this.count();
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
