// @ts-check
// The voices of one system: those of the checkpoint, those that are saved, and those that are made here.

import { complaint, send } from "./ask.js";
import { element, fileButton, onEscape, pills, uniqueId } from "./dom.js";
import { shortened } from "./format.js";
import { VoiceActs } from "./voice_acts.js";
import { entriesOf } from "./voice_entries.js";
import { toolsOf } from "./voice_tools.js";

/** @typedef {import("./wire.js").Reference} Reference */
/** @typedef {import("./wire_systems.js").ModelFacts} ModelFacts */
/** @typedef {import("./wire_systems.js").SavedVoice} SavedVoice */
/** @typedef {import("./voice_tools.js").Way} Way */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./voice_entries.js").Entry} Entry */
/** @typedef {import("./voice_tools.js").VoiceTool} VoiceTool */
/** @typedef {import("./words.js").Words} Words */

export class VoicePanel {
  /**
   * @param {HTMLElement} place
   * @param {SystemFacts} spec
   * @param {Words} words
   * @param {object} acts
   * @param {() => void} acts.changed is called after every choice
   * @param {() => Promise<void>} acts.refresh asks the server anew what there is
   * @param {() => void} acts.generate speaks the text in the form
   */
  constructor(place, spec, words, { changed, refresh, generate }) {
    this.words = words;
    this.spec = spec;
    this.changed = changed;
    this.refresh = refresh;
    this.generate = generate;
    this.place = `studio/voices/${encodeURIComponent(spec.id)}`;
    /** @type {Entry[]} Those of this visit. */
    this.made = [];
    this.chosen = ""; // a key
    /** @type {ModelFacts | null} */
    this.facts = null;
    this.model = ""; // as a request names it
    this.pills = element("div");
    this.acts = new VoiceActs(this);
    this.said = element("p", { class: "voice-said", role: "status" });
    this.tools = toolsOf(this).map(([way, word, tool]) => this.offer(way, word, tool));
    place.replaceChildren(this.pills, this.acts.node, ...this.bar(), ...this.tools.map(({ tool }) => tool.node), this.said);
    onEscape(place, () => this.closed());
  }

  // -- which voices there are --

  entries() {
    return entriesOf(this);
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
   * @param {ModelFacts | null} facts
   * @param {string} model as a request names it
   */
  show(spec, facts, model) {
    this.spec = spec;
    this.facts = facts;
    this.model = model;
    for (const { way, tool, button } of this.tools) {
      button.hidden = !facts?.voicing[way];
      if (button.hidden && !tool.node.hidden) this.toggle(tool);
    }
    if (!this.current) this.chosen = this.entries()[0]?.key ?? "";
    this.draw();
  }

  /** @param {string} key */
  pick(key) {
    this.chosen = key;
    this.acts.asking = "";
    this.say("");
    this.acts.draw();
    this.changed();
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
    this.changed();
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
    const focused = this.pills.contains(document.activeElement);
    this.pills.replaceChildren(...(entries.length ? [pills(this.words.voice, entries, this.chosen, (key) => this.pick(key))] : []));
    if (focused) this.focus();
    this.acts.draw();
  }

  /** On the chosen voice. */
  focus() {
    const checked = this.pills.querySelector("input:checked");
    if (checked instanceof HTMLElement) checked.focus();
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
   * @param {Way} way
   * @param {string} word
   * @param {VoiceTool} tool
   */
  offer(way, word, tool) {
    tool.node.id = uniqueId("studio-tool");
    tool.node.hidden = true;
    const attributes = { type: "button", class: "tool", "aria-expanded": "false", "aria-controls": tool.node.id };
    return { way, tool, button: element("button", { ...attributes, onclick: () => this.toggle(tool) }, word) };
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

  /** Whether a question or a tool was open; the focus goes back to where it came from. */
  closed() {
    if (this.acts.closed()) return true;
    const open = this.tools.find(({ tool }) => !tool.node.hidden);
    if (!open) return false;
    this.toggle(open.tool);
    open.button.focus();
    return true;
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
      const { name, made, traits = [] } = await send(`${this.place}/file?${new URLSearchParams({ name: file.name })}`, file);
      if (made) return this.add({ key: `file ${name}`, made, label: name, traits });
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
    this.focus();
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
