// @ts-check
// Which checkpoint of a system speaks, and with which voice. Drawn anew whenever a checkpoint or a voice comes or goes.

import { get, Refused } from "./ask.js";
import { element, pills } from "./dom.js";
import { VoicePanel } from "./voice_panel.js";

/** @typedef {import("./voice_panel.js").Entry} Entry */
/** @typedef {import("./wire.js").Reference} Reference */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./words.js").Words} Words */

/**
 * A model and a voice, as they are kept.
 * @typedef {object} Choice
 * @property {string} model
 * @property {Entry | null} voice
 */

export class Chooser {
  /**
   * @param {HTMLElement} place
   * @param {SystemFacts} spec
   * @param {Words} words
   * @param {object} acts
   * @param {() => void} acts.changed is called after every choice of a model or a voice
   * @param {() => Promise<void>} acts.refresh asks the server anew what there is
   * @param {() => void} acts.generate speaks the text in the form
   */
  constructor(place, spec, words, { changed, refresh, generate }) {
    this.spec = spec;
    this.words = words;
    this.changed = changed;
    this.name = "";
    /** @type {Record<string, string>} The key of the last voice of each model. */
    this.chosen = {};
    this.models = element("div");
    this.panel = element("div", { class: "voice-panel" });
    this.voices = new VoicePanel(this.panel, spec, words, { changed, refresh, generate });
    place.replaceChildren(this.models, this.panel);
  }

  /** @param {SystemFacts} spec as they are now */
  show(spec) {
    this.spec = spec;
    this.pick(this.name);
  }

  get current() {
    return this.spec.models.find((model) => model.name === this.name) ?? null;
  }

  /**
   * What goes into a request: the model, and a voice or a made one.
   * @returns {{model: string, voice: string, made?: string}}
   */
  get reference() {
    return { model: this.model, voice: "", ...this.voices.reference(this.voices.current) };
  }

  /** What options may need, of the model with the chosen voice. */
  get traits() {
    const { current } = this.voices;
    const { own = [], other = [] } = this.current?.traits ?? {};
    return current?.traits ?? (current?.kind || current?.key === "string" || current?.key === "drawn" ? other : own);
  }

  /** The only model needs no name. */
  get model() {
    return this.spec.models.length > 1 ? this.name : "";
  }

  /**
   * The model and the voice of a take.
   * @param {{model: string, voice: string, made?: string}} form
   * @param {string} label of a voice that was made here
   */
  restore({ model, voice, made }, label) {
    this.pick(model);
    this.voices.restore(voice, made ?? "", label);
  }

  /** @returns {Choice} */
  get choice() {
    return { model: this.name, voice: this.voices.current };
  }

  /**
   * A choice of before; returns what of it is not there any more.
   * @param {Choice | undefined} choice which nobody has looked at
   */
  recall(choice) {
    const gone = [];
    const model = typeof choice?.model === "string" ? choice.model : "";
    if (model) this.pick(model);
    if (model !== this.name) gone.push(model);
    const voice = choice?.voice;
    if (voice?.key && typeof voice.label === "string" && !this.voices.recall(voice)) gone.push(voice.label);
    return gone.filter(Boolean);
  }

  /** Lets go of made voices that the server has forgotten; returns the name of the chosen one if it was among them. */
  async verify() {
    const { voices } = this;
    const { current } = voices;
    for (const { key, made } of voices.made) {
      if (made && (await this.isForgotten(made))) voices.made = voices.made.filter((entry) => entry.key !== key);
    }
    if (!current || voices.current) return [];
    voices.show(this.spec, voices.facts, voices.model); // which chooses another
    return [current.label];
  }

  /** @param {string} made */
  async isForgotten(made) {
    try {
      await get(`${this.voices.place}/made/${encodeURIComponent(made)}`);
      return false;
    } catch (error) {
      return error instanceof Refused && error.status === 404;
    }
  }

  /**
   * @param {string} model
   * @param {string} voice to choose with it, "" for the last
   */
  pick(model, voice = "") {
    const names = this.spec.models.map((each) => each.name);
    if (this.name) this.chosen[this.name] = this.voices.chosen;
    const before = this.name;
    this.name = names.includes(model) ? model : (names[0] ?? "");
    if (voice || this.name !== before) this.voices.chosen = voice || (this.chosen[this.name] ?? "");
    this.draw(names);
    this.panel.hidden = !this.current;
    this.voices.show(this.spec, this.current, this.model);
    this.changed();
  }

  /** @param {string[]} names */
  draw(names) {
    const focused = this.models.contains(document.activeElement);
    const entries = this.spec.models.map(({ name, title }) => {
      const label = this.words.text(title);
      return { key: name, label, note: label.includes(name) ? "" : name };
    });
    this.models.replaceChildren(...(names.length > 1 ? [pills(this.words.model, entries, this.name, (name) => this.pick(name))] : []));
    const checked = this.models.querySelector("input:checked");
    if (focused && checked instanceof HTMLElement) checked.focus();
  }
}
