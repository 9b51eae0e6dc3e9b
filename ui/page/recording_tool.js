// @ts-check
// A voice of a recording, which comes from a file or the microphone.

import { send } from "./ask.js";
import { element, fileButton, labelled } from "./dom.js";
import { clock } from "./format.js";
import { Recorder } from "./recorder.js";

/** @typedef {import("./voice_panel.js").VoicePanel} VoicePanel */
/** @typedef {import("./wire_systems.js").MadeVoice} MadeVoice */

export class RecordingTool {
  /** @param {VoicePanel} panel */
  constructor(panel) {
    const { words, spec } = panel;
    this.panel = panel;
    /** @type {File | null} */
    this.file = null;
    this.recorder = new Recorder(
      (level, seconds) => this.heard(level, seconds),
      (file) => this.take(file),
    );
    this.button = element("button", { type: "button", class: "tool record", onclick: () => this.toggle() }, words.record);
    this.meter = element("i");
    const level = element("div", { class: "meter", "aria-hidden": "true" }, this.meter);
    const [choose, input] = fileButton(words.choose_recording, { accept: "audio/*,video/*" }, ([file]) => this.take(file));
    this.preview = element("audio", { controls: "", preload: "metadata" });
    this.text = element("textarea", { rows: "2" });
    /** @type {HTMLButtonElement} */
    this.use = element("button", { type: "button", class: "tool primary", onclick: () => this.make() }, words.use_voice);
    const transcript = spec.voicing.prompt_text ? [labelled(words.transcript, this.text, words.transcript_how)] : [];
    this.rest = element("div", { class: "voice-rest" }, this.preview, ...transcript, this.use);
    this.rest.hidden = true;
    const hints = [words.recording_how, words.consent, ...(Recorder.supported ? [] : [words.no_microphone])];
    this.node = element(
      "div",
      { class: "voice-tool" },
      element("div", { class: "voice-row" }, ...(Recorder.supported ? [this.button, level] : []), choose, input),
      element("small", {}, hints.join(" ")),
      this.rest,
    );
    this.node.addEventListener("dragover", (event) => event.preventDefault());
    this.node.addEventListener("drop", (event) => {
      event.preventDefault();
      const dropped = event.dataTransfer?.files[0];
      if (dropped) this.take(dropped);
    });
  }

  opened() {}

  closed() {
    this.recorder.stop();
  }

  async toggle() {
    if (this.recorder.recording) return this.recorder.stop();
    try {
      await this.recorder.start();
      this.node.classList.add("recording");
      this.panel.say("");
    } catch {
      this.panel.say(this.panel.words.no_microphone, true);
    }
  }

  /**
   * @param {number} level in 0..1
   * @param {number} seconds
   */
  heard(level, seconds) {
    this.meter.style.width = `${Math.round(100 * Math.sqrt(level))}%`;
    this.button.textContent = `${this.panel.words.stop} ${clock(seconds)}`;
  }

  /** @param {File} file */
  take(file) {
    this.node.classList.remove("recording");
    this.meter.style.width = "";
    this.button.textContent = this.panel.words.record;
    if (this.preview.src) URL.revokeObjectURL(this.preview.src);
    this.file = file;
    this.preview.src = URL.createObjectURL(file);
    this.rest.hidden = false;
    this.use.focus();
  }

  async make() {
    const { panel, file } = this;
    if (!file) return;
    const chosen = document.querySelector(`#studio-${CSS.escape(panel.spec.id)}-language input:checked`);
    const language = chosen instanceof HTMLInputElement ? chosen.value : "";
    const name = file.name.replace(/\.[^.]*$/, "");
    const query = new URLSearchParams({ text: this.text.value, name, language, model: panel.model });
    await panel.work(this.use, async () => {
      /** @type {MadeVoice} */
      const made = await send(`${panel.place}/recording?${query}`, file);
      panel.toggle(this);
      panel.add({ key: made.made, made: made.made, label: made.name, traits: made.traits });
      panel.focus();
    });
  }
}
