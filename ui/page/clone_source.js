// @ts-check
// Where the recording comes from, and which part of it is used: recorded, chosen or dropped; heard and trimmed.

import { element, fileButton } from "./dom.js";
import { clock } from "./format.js";
import { Recorder } from "./recorder.js";
import { TrimWave } from "./trim_wave.js";

/** @typedef {import("./wire_clone.js").RecordingFacts} RecordingFacts */
/** @typedef {import("./words.js").Words} Words */

export class CloneSource {
  /**
   * @param {Words} words
   * @param {object} acts
   * @param {(file: File) => void} acts.took
   * @param {() => void} acts.trimmed
   * @param {(message: string, bad?: boolean) => void} acts.say
   * @param {() => void} acts.sounds hears that it begins to play
   */
  constructor(words, { took, trimmed, say, sounds }) {
    this.words = words;
    this.took = took;
    this.say = say;
    this.recorder = new Recorder(
      (level, seconds) => this.heard(level, seconds),
      (file) => this.take(file),
    );
    this.button = element("button", { type: "button", class: "tool record", onclick: () => this.toggle() }, words.record);
    this.meter = element("i");
    const level = element("div", { class: "meter", "aria-hidden": "true" }, this.meter);
    const [choose, input] = fileButton(words.choose_recording, { accept: "audio/*,video/*" }, ([file]) => this.take(file));
    this.sound = element("audio", { preload: "metadata" });
    this.sound.addEventListener("play", sounds);
    for (const event of ["play", "pause", "timeupdate", "seeked"]) this.sound.addEventListener(event, () => this.refresh());
    this.play = element("button", { type: "button", class: "play", onclick: () => this.playPart() });
    const labels = { position: words.position, start: words.clone_begin, end: words.clone_end, seconds: words.seconds };
    this.trim = new TrimWave(labels, { seek: (second, play) => this.seek(second, play), moved: () => this.moved(trimmed) });
    this.span = element("output", { class: "trim-span" });
    this.rest = element(
      "div",
      { class: "clone-rest" },
      element("div", { class: "clone-wave", role: "group", "aria-label": words.player }, this.play, this.trim.node),
      element("p", { class: "clone-hint" }, this.span, " ", words.clone_trim_how),
      this.sound,
    );
    this.rest.hidden = true;
    this.node = element(
      "section",
      { class: "clone-card" },
      element("h3", {}, words.clone_recording),
      element("p", { class: "clone-hint" }, Recorder.supported ? words.clone_recording_how : `${words.clone_recording_how} ${words.no_microphone}`),
      element("div", { class: "voice-row" }, ...(Recorder.supported ? [this.button, level] : []), choose, input),
      this.rest,
    );
    this.node.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.node.classList.add("over");
    });
    this.node.addEventListener("dragleave", () => this.node.classList.remove("over"));
    this.node.addEventListener("drop", (event) => {
      event.preventDefault();
      this.node.classList.remove("over");
      const dropped = event.dataTransfer?.files[0];
      if (dropped) this.take(dropped);
    });
    this.refresh();
  }

  async toggle() {
    if (this.recorder.recording) return this.recorder.stop();
    try {
      await this.recorder.start();
      this.node.classList.add("recording");
      this.sound.pause();
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
    this.button.textContent = this.words.record;
    if (this.sound.src) URL.revokeObjectURL(this.sound.src);
    this.sound.src = URL.createObjectURL(file);
    this.rest.hidden = true;
    this.took(file);
  }

  /**
   * @param {RecordingFacts} facts
   * @param {number} most seconds of a part
   */
  show(facts, most) {
    this.rest.hidden = false;
    const peaks = facts.peaks.map((peak) => peak / 100);
    this.trim.show(peaks, facts.seconds, facts.start, facts.end, most);
    this.refresh();
  }

  /** @param {() => void} trimmed */
  moved(trimmed) {
    this.refresh();
    trimmed();
  }

  playPart() {
    const { sound, trim } = this;
    if (!sound.paused) return sound.pause();
    if (sound.currentTime < trim.start || sound.currentTime > trim.end - 0.05) sound.currentTime = trim.start;
    sound.play().catch(() => {});
  }

  /**
   * @param {number} second
   * @param {boolean} play
   */
  seek(second, play) {
    this.sound.currentTime = second;
    if (play) this.sound.play().catch(() => {});
  }

  refresh() {
    const { sound, trim, words } = this;
    if (!sound.paused && sound.currentTime >= trim.end) sound.pause();
    const shows = sound.paused ? "play" : "pause";
    this.play.dataset.shows = shows;
    this.play.setAttribute("aria-label", words[shows]);
    trim.wave.at(trim.seconds ? Math.min(1, sound.currentTime / trim.seconds) : 0);
    this.span.textContent = `${trim.start.toFixed(1)} – ${trim.end.toFixed(1)} ${words.seconds} (${(trim.end - trim.start).toFixed(1)} ${words.seconds})`;
  }
}
