// @ts-check
// A sound from the microphone, from a file, or dropped.

import { element, fileButton } from "./dom.js";
import { clock } from "./format.js";
import { Recorder } from "./recorder.js";

/** @typedef {import("./words.js").Words} Words */

export class SoundInput {
  /**
   * @param {Words} words
   * @param {object} acts
   * @param {(file: File) => void} acts.took
   * @param {(message: string, bad?: boolean) => void} acts.say
   * @param {() => void} [acts.began] hears that the microphone is on
   */
  constructor(words, { took, say, began = () => {} }) {
    this.words = words;
    this.took = took;
    this.say = say;
    this.began = began;
    this.recorder = new Recorder(
      (level, seconds) => this.heard(level, seconds),
      (file) => this.take(file),
    );
    this.button = element("button", { type: "button", class: "tool record", onclick: () => this.toggle() }, words.record);
    this.meter = element("i");
    const level = element("div", { class: "meter", "aria-hidden": "true" }, this.meter);
    const [choose, input] = fileButton(words.choose_recording, { accept: "audio/*,video/*" }, ([file]) => this.take(file));
    this.node = element("div", { class: "voice-row" }, ...(Recorder.supported ? [this.button, level] : []), choose, input);
  }

  /**
   * How to give a sound, and what is in the way of that here.
   * @param {string} how
   */
  hint(how) {
    return Recorder.supported ? how : `${how} ${this.words.no_microphone}`;
  }

  /** @param {HTMLElement} place takes what is dropped on it */
  hearDrops(place) {
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
    place.addEventListener("dragleave", () => place.classList.remove("over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("over");
      const dropped = event.dataTransfer?.files[0];
      if (dropped) this.take(dropped);
    });
  }

  stop() {
    this.recorder.stop();
  }

  async toggle() {
    if (this.recorder.recording) return this.recorder.stop();
    try {
      await this.recorder.start();
      this.node.classList.add("recording");
      this.began();
      this.say("");
    } catch {
      this.say(this.words.no_microphone, true);
    }
  }

  /**
   * @param {number} level in 0..1
   * @param {number} seconds
   */
  heard(level, seconds) {
    this.meter.style.width = `${Math.round(100 * Math.sqrt(level))}%`;
    this.button.textContent = `${this.words.stop} ${clock(seconds)}`;
  }

  /** @param {File} file */
  take(file) {
    this.node.classList.remove("recording");
    this.meter.style.width = "";
    this.button.textContent = this.words.record;
    this.took(file);
  }
}
