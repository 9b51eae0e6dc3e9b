// @ts-check
// What can be done with the chosen voice: hear it, save it, hand it on, delete it.

import { send } from "./ask.js";
import { copy, element } from "./dom.js";
import { VoicePreview } from "./voice_preview.js";

/** @typedef {import("./voice_entries.js").Entry} Entry */
/** @typedef {import("./voice_panel.js").VoicePanel} VoicePanel */
/** @typedef {import("./wire_systems.js").SavedVoice} SavedVoice */

// A label such as "50 % Ada + 50 % Ben" is no name.
const NAME = /^[\p{L}][\p{L}\p{N}\p{M} ._'-]*$/u;

export class VoiceActs {
  /** @param {VoicePanel} panel */
  constructor(panel) {
    this.panel = panel;
    this.words = panel.words;
    /** @type {"" | "save" | "delete"} */
    this.asking = "";
    this.preview = new VoicePreview(panel);
    this.row = element("div", { class: "voice-acts" });
    this.node = element("div", { class: "voice-chosen" }, this.preview.node, this.row);
  }

  draw() {
    const { current } = this.panel;
    this.preview.draw();
    this.row.replaceChildren(...(current ? this.possible(current) : []));
  }

  /** @param {Entry} current */
  possible(current) {
    const { words, panel } = this;
    if (this.asking === "save") return [this.naming(current)];
    if (this.asking === "delete") {
      const remove = this.act(words.delete, (button) => this.remove(button, current));
      return [element("span", {}, words.delete_ask), remove, this.act(words.keep, () => this.ask(""))];
    }
    const acts = [];
    if (current.kind === "made") acts.push(this.act(words.save_voice, () => this.ask("save"), "for-owner", "save"));
    if (panel.spec.voicing.string) acts.push(this.act(words.copy_string, (button) => this.copy(button, current)));
    if (current.kind === "saved") {
      const href = `${panel.place}/${encodeURIComponent(current.label)}.safetensors`;
      acts.push(element("a", { class: "tool for-owner", href, download: "" }, words.download));
      acts.push(this.act(words.delete, () => this.ask("delete"), "for-owner", "delete"));
    }
    return acts;
  }

  /**
   * @param {string} label
   * @param {(button: HTMLButtonElement) => void} done
   */
  act(label, done, kind = "", asks = "") {
    /** @type {HTMLButtonElement} */
    const button = element("button", { type: "button", class: `tool ${kind}`, "data-asks": asks || null, onclick: () => done(button) }, label);
    return button;
  }

  /** @param {"" | "save" | "delete"} what */
  ask(what) {
    const before = this.asking;
    this.asking = what;
    this.draw();
    const again = this.row.querySelector(`[data-asks="${before}"]`);
    const first = this.row.querySelector("input") ?? (again instanceof HTMLElement ? again : this.row.querySelector("button"));
    first?.focus();
  }

  /** Whether there was a question, which is answered with no. */
  closed() {
    if (!this.asking) return false;
    this.ask("");
    return true;
  }

  /** @param {Entry} current */
  naming(current) {
    const { words, panel } = this;
    const name = element("input", { type: "text", maxlength: "40", "aria-label": words.name, placeholder: words.name });
    name.value = NAME.test(current.label) ? current.label : "";
    const save = element("button", { type: "submit", class: "tool primary" }, words.save);
    const form = element("form", { class: "voice-row" }, name, save, this.act(words.cancel, () => this.ask("")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      panel.work(save, () => this.save(current, name.value));
    });
    return form;
  }

  /**
   * @param {Entry} current
   * @param {string} wanted its name
   */
  async save(current, wanted) {
    const { panel } = this;
    /** @type {SavedVoice} */
    const { name } = await send(`${panel.place}/save`, { ...panel.reference(current), name: wanted, model: panel.model });
    panel.made = panel.made.filter((entry) => entry.key !== current.key);
    await panel.shelved(`saved ${name}`, this.words.saved);
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {Entry} current
   */
  remove(button, current) {
    const { panel } = this;
    return panel.work(button, async () => {
      await send(`${panel.place}/delete`, { name: current.label });
      await panel.shelved("", this.words.deleted);
    });
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {Entry} current
   */
  copy(button, current) {
    const { panel } = this;
    return panel.work(button, async () => {
      /** @type {{string: string}} */
      const { string } = await send(`${panel.place}/string`, { ...panel.reference(current), model: panel.model });
      await copy(string);
      panel.say(this.words.copied);
    });
  }
}
