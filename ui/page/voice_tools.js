// @ts-check
// The ways to a new voice: a draw, a recording, a string, a blend. Each is offered where the system's facts say so.

import { Refused, send } from "./ask.js";
import { element, labelled } from "./dom.js";
import { FieldCheck } from "./field_check.js";
import { shortened } from "./format.js";
import { RecordingTool } from "./recording_tool.js";
import { fill } from "./words.js";

/** @typedef {import("./voice_entries.js").Entry} Entry */
/** @typedef {import("./voice_panel.js").VoicePanel} VoicePanel */
/** @typedef {import("./wire_systems.js").MadeVoice} MadeVoice */

/**
 * Which fact of a model says that it has this way to a voice.
 * @typedef {"random" | "prompt_audio" | "strings" | "blend"} Way
 */

/**
 * What a panel folds out.
 * @typedef {object} VoiceTool
 * @property {HTMLElement} node
 * @property {() => void} opened
 * @property {() => void} closed
 */

const DRAWN = 100_000; // enough to find a voice by, and few enough to note its number
const LARGEST = 2 ** 31 - 1;

/** A number that draws a voice. */
class DrawTool {
  /** @param {VoicePanel} panel */
  constructor(panel) {
    const { words } = panel;
    this.panel = panel;
    const bounds = { min: 0, max: LARGEST, step: 1, inputmode: "numeric" };
    this.number = element("input", { type: "number", ...bounds, oninput: () => this.pick(), onblur: () => this.keep() });
    this.last = "";
    const range = fill(words.number_range, { least: "0", most: LARGEST.toLocaleString() });
    this.check = new FieldCheck(this.number, words, (value) => {
      if (!fits(value)) throw new Refused({ type: "VoiceError", message: range });
    });
    const dice = element("button", { type: "button", class: "tool dice", "aria-label": words.roll, title: words.roll, onclick: () => this.roll() }, "⚄");
    this.node = element("div", { class: "voice-tool voice-draw" }, labelled(words.number, this.number), dice, this.check.node, element("small", {}, words.draw_how));
  }

  opened() {
    if (this.number.value === "") this.roll();
    else this.pick();
  }

  closed() {}

  roll() {
    this.number.value = String(Math.floor(Math.random() * DRAWN));
    this.pick();
    this.check.soon(0);
  }

  /** Left empty, it is what it was. */
  keep() {
    if (this.number.value === "") this.number.value = this.last;
  }

  pick() {
    const { value } = this.number;
    if (!fits(value)) return;
    this.last = value;
    const number = Number(value);
    this.panel.add({ key: "drawn", voice: `seed:${number}`, label: `№ ${number}` });
  }
}

/**
 * Whether a number draws a voice.
 * @param {string} value
 */
const fits = (value) => value !== "" && Number.isInteger(Number(value)) && Number(value) >= 0 && Number(value) <= LARGEST;

/** A string that stands for a voice. */
class StringTool {
  /** @param {VoicePanel} panel */
  constructor(panel) {
    const { words, spec } = panel;
    this.panel = panel;
    this.field = element("textarea", { rows: "3", spellcheck: "false", autocomplete: "off", oninput: () => this.pick() });
    this.check = new FieldCheck(this.field, words, (voice, signal) => send(`${panel.place}/check`, { voice, model: panel.model }, signal));
    this.node = element("div", { class: "voice-tool" }, labelled(words.string, this.field, words.text(spec.voicing.strings)), this.check.node);
  }

  opened() {
    this.field.focus();
    this.pick();
    this.check.soon(0); // the model may be another
  }

  closed() {}

  pick() {
    const voice = this.field.value.trim();
    if (voice) this.panel.add({ key: "string", voice, label: shortened(voice) });
  }
}

/** Two voices in one. */
class BlendTool {
  /** @param {VoicePanel} panel */
  constructor(panel) {
    const { words } = panel;
    this.panel = panel;
    /** @type {Entry[]} */
    this.entries = [];
    this.first = element("select", { onchange: () => this.tell() });
    this.second = element("select", { onchange: () => this.tell() });
    this.share = element("input", { type: "range", min: "0", max: "100", step: "5", value: "50", "aria-label": words.share, oninput: () => this.tell() });
    this.left = element("output");
    this.right = element("output");
    /** @type {HTMLButtonElement} */
    this.hear = element("button", { type: "button", class: "tool primary", onclick: () => this.make() }, words.hear);
    this.node = element(
      "div",
      { class: "voice-tool" },
      element("div", { class: "voice-pair" }, labelled(words.first_voice, this.first), labelled(words.second_voice, this.second)),
      element("div", { class: "voice-share" }, this.left, this.share, this.right),
      element("div", { class: "voice-row" }, this.hear),
    );
  }

  opened() {
    this.entries = this.panel.entries().filter((entry) => entry.key !== "blend");
    for (const [index, select] of [this.first, this.second].entries()) {
      const likely = this.entries[Math.min(index, this.entries.length - 1)]?.key;
      const chosen = select.value || likely;
      select.replaceChildren(...this.entries.map((entry) => element("option", { value: entry.key }, entry.label)));
      select.value = this.entries.some((entry) => entry.key === chosen) ? chosen : (this.entries[0]?.key ?? "");
    }
    this.tell();
  }

  closed() {}

  tell() {
    const share = Number(this.share.value);
    this.left.textContent = `${100 - share} %`;
    this.right.textContent = `${share} %`;
    this.share.setAttribute("aria-valuetext", `${share} %`);
  }

  async make() {
    const { panel } = this;
    const share = Number(this.share.value);
    const [first, second] = [this.first, this.second].map((select) => this.entries.find((entry) => entry.key === select.value));
    if (!first || !second) return;
    const blend = [
      { ...panel.reference(first), weight: 100 - share },
      { ...panel.reference(second), weight: share },
    ];
    await panel.work(this.hear, async () => {
      /** @type {MadeVoice} */
      const made = await send(`${panel.place}/make`, { blend, name: `${first.label} + ${second.label}`, model: panel.model });
      panel.add({ key: "blend", made: made.made, traits: made.traits, label: `${100 - share} % ${first.label} + ${share} % ${second.label}` });
      panel.generate();
    });
  }
}

/**
 * The tools that a system's facts call for, each with what to call it.
 * @param {VoicePanel} panel
 * @returns {[Way, string, VoiceTool][]}
 */
export function toolsOf(panel) {
  const { words } = panel;
  const { voicing } = panel.spec;
  /** @type {[Way, string, VoiceTool][]} */
  const tools = [];
  if (voicing.random) tools.push(["random", words.draw, new DrawTool(panel)]);
  if (voicing.prompt_audio) tools.push(["prompt_audio", words.recording, new RecordingTool(panel)]);
  if (voicing.strings) tools.push(["strings", words.string, new StringTool(panel)]);
  if (voicing.blend) tools.push(["blend", words.blend, new BlendTool(panel)]);
  return tools;
}
