// @ts-check
// A voice of a recording, which comes from a file or the microphone.

import { send } from "./ask.js";
import { element, labelled } from "./dom.js";
import { SoundInput } from "./sound_input.js";

/** @typedef {import("./voice_panel.js").VoicePanel} VoicePanel */
/** @typedef {import("./wire_systems.js").MadeVoice} MadeVoice */

export class RecordingTool {
  /** @param {VoicePanel} panel */
  constructor(panel) {
    const { words, spec } = panel;
    this.panel = panel;
    /** @type {File | null} */
    this.file = null;
    this.input = new SoundInput(words, { took: (file) => this.take(file), say: (message, bad) => panel.say(message, bad) });
    this.preview = element("audio", { controls: "", preload: "metadata" });
    this.text = element("textarea", { rows: "2" });
    /** @type {HTMLButtonElement} */
    this.use = element("button", { type: "button", class: "tool primary", onclick: () => this.make() }, words.use_voice);
    const transcript = spec.voicing.prompt_text ? [labelled(words.transcript, this.text, words.transcript_how)] : [];
    this.rest = element("div", { class: "voice-rest" }, this.preview, ...transcript, this.use);
    this.rest.hidden = true;
    const hint = this.input.hint(`${words.recording_how} ${words.consent}`);
    this.node = element("div", { class: "voice-tool" }, this.input.node, element("small", {}, hint), this.rest);
    this.input.hearDrops(this.node);
  }

  opened() {}

  closed() {
    this.input.stop();
  }

  /** @param {File} file */
  take(file) {
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
