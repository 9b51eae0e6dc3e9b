// @ts-check
// What is known of the chosen voice before it is used, and a sentence in its language to hear it by.

import { complaint } from "./ask.js";
import { element, find } from "./dom.js";
import { languageName } from "./format.js";
import { SEED } from "./numbers.js";
import { Player } from "./player.js";
import { Outputs } from "./sound.js";
import { Status } from "./status.js";
import { TakeList } from "./takes.js";

/** @typedef {import("./voice_entries.js").Entry} Entry */
/** @typedef {import("./voice_panel.js").VoicePanel} VoicePanel */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */

/** @type {Entry} Where a model has one voice, which needs no name. */
const ONLY = { key: "", label: "", voice: "" };

export class VoicePreview {
  /** @param {VoicePanel} panel */
  constructor(panel) {
    this.panel = panel;
    this.words = panel.words;
    this.about = element("span");
    /** @type {HTMLButtonElement} */
    this.button = element("button", { type: "button", class: "tool", onclick: () => void this.toggle() });
    this.place = element("div");
    this.node = element("div", { class: "voice-portrait" }, this.about, this.button, this.place);
    /** @type {Player | null} Made when it is first heard. */
    this.player = null;
  }

  /** The chosen voice, which may be the only one. */
  get voice() {
    const { panel } = this;
    return panel.current ?? (panel.facts && !panel.entries().length ? ONLY : null);
  }

  /** The language of the chosen voice, "" where it has many or nobody knows. */
  get language() {
    const { facts } = this.panel;
    const languages = facts?.languages ?? [];
    return this.portrait?.language || (languages.length === 1 ? languages[0] : "");
  }

  get portrait() {
    const { voice } = this;
    return voice && !voice.kind ? this.panel.facts?.portraits[voice.voice ?? ""] : undefined;
  }

  /** What it says to be heard, "" where nothing is known in its languages. */
  get sentence() {
    const previews = this.panel.facts?.previews ?? {};
    const mine = navigator.languages.map((tag) => previews[tag.split("-")[0]]).find(Boolean);
    return this.language ? (previews[this.language] ?? "") : (mine ?? Object.values(previews)[0] ?? "");
  }

  draw() {
    const { words, portrait, language } = this;
    const parts = [language ? languageName(language) : "", portrait?.character ? words.told(portrait.character) : ""];
    this.about.textContent = parts.filter(Boolean).join(" · ");
    this.node.hidden = !this.voice || !(this.about.textContent || this.sentence);
    this.button.hidden = !this.sentence || !Outputs.supported;
    const works = this.player?.busy || this.player?.sounding;
    this.button.textContent = works ? words.stop : words.preview;
    this.button.setAttribute("aria-busy", String(Boolean(this.player?.busy)));
  }

  /** Hear it, or stop. */
  async toggle() {
    const { panel, voice } = this;
    this.player ??= this.made();
    if (this.player.busy || this.player.sounding) return this.player.stop();
    if (!voice) return;
    find("#studio-stop").click(); // one sound at a time
    const { spec } = panel;
    const text = this.sentence;
    const spoken = this.language || Object.keys(panel.facts?.previews ?? {}).find((each) => panel.facts?.previews[each] === text) || "";
    const language = spec.languages.includes(spoken) ? spoken : "";
    await this.player.speak({ text, system: spec.id, model: panel.model, voice: "", ...panel.reference(voice), language, seed: SEED, options: {} }, spec.sample_rate);
  }

  /** A player whose takes are kept nowhere. */
  made() {
    const { words } = this;
    const status = new Status("", words.seconds);
    const complain = (/** @type {unknown} */ error) => status.complain(complaint(error, words));
    const takes = new TakeList(words, { restore: () => {}, systemOf: () => this.panel.spec, complain });
    this.place.replaceChildren(status.node);
    return new Player({
      words,
      outputs: new Outputs(),
      takes,
      status,
      changed: (player) => {
        this.draw();
        if (player.busy || player.sounding) return;
        if (status.weight !== "bad") status.say("");
        void takes.forget(takes.finished);
      },
    });
  }
}
