// @ts-check
// One system that clones: the voice of the recording is made and heard there, saved, and used on the Speak page.

import { complaint, send } from "./ask.js";
import { element, labelled } from "./dom.js";
import { SEED } from "./numbers.js";
import { Player } from "./player.js";
import { Status } from "./status.js";
import { TakeList } from "./takes.js";

/** @typedef {import("./sound.js").Outputs} Outputs */
/** @typedef {import("./voice_entries.js").Entry} Entry */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./wire_systems.js").MadeVoice} MadeVoice */
/** @typedef {import("./wire_systems.js").SavedVoice} SavedVoice */
/** @typedef {import("./words.js").Words} Words */

/**
 * What voices are made of; `key` is another for every other voice.
 * @typedef {object} Sample
 * @property {string} key
 * @property {() => Promise<Blob>} sound
 * @property {string} name
 * @property {string} text
 * @property {string} language
 * @property {string} consent
 */

/**
 * @typedef {object} PreviewActs
 * @property {Outputs} outputs
 * @property {() => Sample | null} sample null where something is missing, which was said then
 * @property {() => {text: string, language: string}} said what to say
 * @property {(preview: ClonePreview) => void} starts hears of every one that begins
 * @property {(system: string, model: string, entry: Entry) => void} use
 * @property {(form: Wanted, voice: string) => void} restore
 * @property {() => Promise<void>} refresh asks the server anew what there is
 */

/**
 * The models of a system that clone.
 * @param {SystemFacts} spec
 */
export const cloning = (spec) => spec.models.filter(({ voicing }) => voicing.prompt_audio);

export class ClonePreview {
  /**
   * @param {Words} words
   * @param {SystemFacts} spec
   * @param {PreviewActs} acts
   */
  constructor(words, spec, acts) {
    this.words = words;
    this.spec = spec;
    this.acts = acts;
    this.place = `studio/voices/${encodeURIComponent(spec.id)}`;
    /** @type {(MadeVoice & {key: string, model: string, saved: string}) | null} */
    this.made = null;
    this.status = new Status("", words.seconds);
    const complain = (/** @type {unknown} */ error) => this.status.complain(complaint(error, words));
    this.takes = new TakeList(words, { restore: acts.restore, systemOf: () => this.spec, complain, offline: () => this.status.complain(words.offline) });
    this.player = new Player({ words, outputs: acts.outputs, takes: this.takes, status: this.status, changed: () => this.draw() });
    this.model = element("select", { onchange: () => this.draw() });
    this.models = labelled(words.model, this.model);
    /** @type {HTMLButtonElement} */
    this.hear = element("button", { type: "button", class: "tool primary hear", onclick: () => (this.player.busy || this.player.sounding ? this.player.stop() : void this.speak()) });
    this.use = element("button", { type: "button", class: "tool", onclick: () => void this.toSpeak() }, words.clone_use);
    this.name = element("input", { type: "text", maxlength: "40", "aria-label": words.name, placeholder: words.name });
    this.save = element("button", { type: "submit", class: "tool" }, words.save_voice);
    const form = element("form", { class: "voice-row for-owner clone-save" }, this.name, this.save);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.keep();
    });
    this.summary = element("p", { class: "clone-hint" }, words.text(spec.purpose));
    this.unspoken = element("p", { class: "clone-accent" }, words.clone_not_spoken);
    this.node = element(
      "section",
      { class: "clone-preview", "data-system": spec.id },
      element("h4", {}, spec.name),
      this.summary,
      this.models,
      this.unspoken,
      element("div", { class: "voice-row" }, this.hear, this.use),
      form,
      this.status.node,
      this.takes.node,
    );
    this.show(spec);
  }

  /** @param {SystemFacts} spec as it is now */
  show(spec) {
    this.spec = spec;
    const { value } = this.model;
    const models = cloning(spec);
    this.model.replaceChildren(...models.map(({ name, title }) => element("option", { value: name }, this.words.text(title))));
    if (models.some(({ name }) => name === value)) this.model.value = value;
    this.models.hidden = models.length < 2;
    this.draw();
  }

  /** The chosen model as a request names it. */
  get asked() {
    return this.spec.models.length > 1 ? this.model.value : "";
  }

  get speaks() {
    const { language } = this.acts.said();
    return !language || this.spec.languages.includes(language);
  }

  draw() {
    const { words, player } = this;
    const works = player.busy || player.sounding;
    this.hear.textContent = works ? words.stop : words.clone_hear;
    this.hear.setAttribute("aria-busy", String(player.busy));
    this.unspoken.hidden = this.speaks;
  }

  /** Makes the voice where it was not made yet; null where something is missing or fails, which is said. */
  async voice() {
    const sample = this.acts.sample();
    if (!sample) return null;
    const key = `${sample.key} ${this.model.value}`;
    if (this.made?.key === key) return this.made;
    const { name, text, consent } = sample;
    const language = this.spec.languages.includes(sample.language) ? sample.language : "";
    this.status.progress(this.words.making, null);
    try {
      const query = new URLSearchParams({ name, text, language, consent, model: this.asked });
      /** @type {MadeVoice} */
      const made = await send(`${this.place}/recording?${query}`, await sample.sound());
      this.made = { ...made, key, model: this.model.value, saved: "" };
      if (!this.name.value) this.name.value = made.name;
      this.status.say("");
      return this.made;
    } catch (error) {
      this.status.complain(complaint(error, this.words));
      return null;
    } finally {
      this.status.rest();
    }
  }

  /** Says the text in the voice, and ends when it is heard. */
  async speak() {
    if (!this.speaks) return;
    const outputs = this.acts.outputs.at(this.spec.sample_rate); // inside the click
    this.acts.starts(this);
    const made = await this.voice();
    if (!made) return;
    void outputs.resume();
    const { text, language } = this.acts.said();
    await this.player.speak({ text, system: this.spec.id, model: this.asked, voice: "", made: made.made, language, seed: SEED, options: {} }, this.spec.sample_rate);
    for (const { box } of this.takes.cards) box.open = false; // side by side they are to be short
    while (this.player.sounding) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async toSpeak() {
    const made = await this.voice();
    if (!made) return;
    /** @type {Entry} */
    const entry = made.saved
      ? { key: `saved ${made.saved}`, label: made.saved, voice: made.saved, kind: "saved" }
      : { key: made.made, made: made.made, label: made.name, traits: made.traits, kind: "made" };
    this.acts.use(this.spec.id, made.model, entry);
  }

  async keep() {
    const made = await this.voice();
    if (!made) return;
    this.save.disabled = true;
    try {
      /** @type {SavedVoice} */
      const { name } = await send(`${this.place}/save`, { made: made.made, name: this.name.value, model: this.asked });
      made.saved = name;
      await this.acts.refresh();
      this.status.note(`${this.words.saved} ${name}`);
    } catch (error) {
      this.status.complain(complaint(error, this.words));
    } finally {
      this.save.disabled = false;
    }
  }
}
