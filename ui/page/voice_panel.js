// @ts-check
// The voices of one system: those of the checkpoint, those that are saved, and those that are made here.

import { complaint, send } from "./ask.js";
import { element, fileButton, pills, uniqueId } from "./dom.js";
import { shortened } from "./format.js";
import { VoiceActs } from "./voice_acts.js";
import { toolsOf } from "./voice_tools.js";

/** @typedef {import("./wire.js").Reference} Reference */
/** @typedef {import("./wire.js").SavedVoice} SavedVoice */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./voice_tools.js").VoiceTool} VoiceTool */
/** @typedef {import("./words.js").Words} Words */

/**
 * A voice to choose: named by `voice`, or `made` here.
 * @typedef {object} Entry
 * @property {string} key
 * @property {string} label
 * @property {string} [voice]
 * @property {string} [made]
 * @property {"saved" | "made"} [kind]
 */

export class VoicePanel {
  /**
   * @param {HTMLElement} place
   * @param {SystemFacts} spec
   * @param {Words} words
   * @param {object} acts
   * @param {() => Promise<void>} acts.refresh asks the server anew what there is
   * @param {() => void} acts.generate speaks the text in the form
   */
  constructor(place, spec, words, { refresh, generate }) {
    this.words = words;
    this.spec = spec;
    this.refresh = refresh;
    this.generate = generate;
    this.place = `studio/voices/${encodeURIComponent(spec.id)}`;
    /** @type {Entry[]} Those of this visit. */
    this.made = [];
    this.chosen = ""; // a key
    /** @type {string[]} */
    this.presets = [];
    this.model = "";
    this.pills = element("div");
    this.acts = new VoiceActs(this);
    this.said = element("p", { class: "voice-said", role: "status" });
    this.tools = toolsOf(this).map(([word, tool]) => this.offer(word, tool));
    place.replaceChildren(this.pills, this.acts.node, ...this.bar(), ...this.tools.map(({ tool }) => tool.node), this.said);
  }

  // -- which voices there are --

  /** @returns {Entry[]} */
  entries() {
    /** @type {Entry[]} */
    const own = this.presets.map((name) => ({ key: name, label: name, voice: name }));
    const nameless = [{ key: "", label: this.words.default, voice: "" }];
    const saved = this.spec.saved.filter((name) => !this.presets.includes(name));
    return [
      ...(own.length || !this.tools.length ? own : nameless),
      ...saved.map((name) => ({ key: `saved ${name}`, label: name, voice: name, kind: /** @type {const} */ ("saved") })),
      ...this.made.map((entry) => ({ ...entry, kind: /** @type {const} */ ("made") })),
    ];
  }

  get current() {
    return this.entries().find((entry) => entry.key === this.chosen) ?? null;
  }

  /**
   * What goes into a request for a voice.
   * @param {Entry | null} entry
   * @returns {Reference}
   */
  reference(entry) {
    return entry?.made ? { made: entry.made } : { voice: entry?.voice ?? "" };
  }

  /**
   * What a checkpoint offers, and what is saved now.
   * @param {SystemFacts} spec
   * @param {string[]} presets
   * @param {string} model
   */
  show(spec, presets, model) {
    this.spec = spec;
    this.presets = presets;
    this.model = model;
    if (!this.current) this.chosen = this.entries()[0]?.key ?? "";
    this.draw();
  }

  /** @param {string} key */
  pick(key) {
    this.chosen = key;
    this.acts.asking = "";
    this.say("");
    this.acts.draw();
  }

  /**
   * A voice that was made here, chosen at once; one that came the same way before makes room.
   * @param {Entry} entry
   */
  add(entry) {
    this.made = [...this.made.filter(({ key }) => key !== entry.key), entry];
    this.pick(entry.key);
    this.draw();
  }

  /**
   * The voice of a take: by its name or string, or by the id that it was made under.
   * @param {string} voice
   * @param {string} made
   * @param {string} label
   */
  restore(voice, made, label) {
    const known = this.entries().find((entry) => (made ? entry.made === made : entry.voice === voice));
    if (known) this.chosen = known.key;
    else if (made) this.add({ key: made, made, label });
    else if (voice) this.add({ key: "string", voice, label: shortened(voice) });
    this.draw();
  }

  /**
   * A voice that was chosen before; returns whether it is there. One that was made here lasts as long as its string,
   * or as the server keeps it.
   * @param {Entry} entry
   */
  recall({ kind, ...entry }) {
    const known = this.entries().some(({ key }) => key === entry.key);
    if (known) this.chosen = entry.key;
    else if (kind === "made") this.add(entry);
    this.draw();
    return known || kind === "made";
  }

  // -- drawing --

  draw() {
    const entries = this.entries();
    this.pills.replaceChildren(...(entries.length ? [pills(this.words.voice, entries, this.chosen, (key) => this.pick(key))] : []));
    this.acts.draw();
  }

  bar() {
    if (!this.tools.length) return [];
    const { words, spec } = this;
    const accept = spec.voicing.file ? ".safetensors,.pt" : ".safetensors";
    const [open, input] = fileButton(words.voice_file, { accept }, ([file]) => this.open(open, file));
    const buttons = this.tools.map(({ button }) => button);
    return [element("div", { class: "voice-tools", role: "group", "aria-label": words.new_voice }, element("span", {}, words.new_voice), ...buttons, open, input)];
  }

  /**
   * @param {string} word
   * @param {VoiceTool} tool
   */
  offer(word, tool) {
    tool.node.id = uniqueId("studio-tool");
    tool.node.hidden = true;
    const attributes = { type: "button", class: "tool", "aria-expanded": "false", "aria-controls": tool.node.id };
    return { tool, button: element("button", { ...attributes, onclick: () => this.toggle(tool) }, word) };
  }

  /**
   * One tool at a time.
   * @param {VoiceTool} chosen
   */
  toggle(chosen) {
    for (const { tool, button } of this.tools) {
      const open = tool === chosen && tool.node.hidden;
      if (!open && !tool.node.hidden) tool.closed();
      tool.node.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
      if (open) tool.opened();
    }
  }

  // -- the work --

  /**
   * The voice in a file that somebody else has saved.
   * @param {HTMLButtonElement} button
   * @param {File} file
   */
  open(button, file) {
    return this.work(button, async () => {
      /** @type {SavedVoice} */
      const { name, made } = await send(`${this.place}/file?${new URLSearchParams({ name: file.name })}`, file);
      if (made) return this.add({ key: `file ${name}`, made, label: name });
      await this.shelved(`saved ${name}`, this.words.saved);
    });
  }

  /**
   * What is on the shelf has changed: another voice is chosen.
   * @param {string} key
   * @param {string} message
   */
  async shelved(key, message) {
    this.chosen = key;
    this.acts.asking = "";
    await this.refresh();
    const checked = this.pills.querySelector("input:checked");
    if (checked instanceof HTMLElement) checked.focus();
    this.say(message);
  }

  /**
   * Whatever it is: the button waits, and what goes wrong is said.
   * @param {HTMLButtonElement} button
   * @param {() => Promise<void>} steps
   */
  async work(button, steps) {
    button.disabled = true;
    this.say(this.words.making);
    try {
      await steps();
      if (this.said.textContent === this.words.making) this.say("");
    } catch (error) {
      this.say(complaint(error, this.words), true);
    } finally {
      button.disabled = false;
    }
  }

  /** @param {string} message */
  say(message, bad = false) {
    this.said.classList.toggle("bad", bad);
    this.said.textContent = message;
  }
}
