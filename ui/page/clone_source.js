// @ts-check
// Where the recording comes from, and which part of it is used: recorded, chosen or dropped; heard and trimmed.

import { element } from "./dom.js";
import { SoundInput } from "./sound_input.js";
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
    this.input = new SoundInput(words, { took: (file) => this.take(file), say, began: () => this.sound.pause() });
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
      element("p", { class: "clone-hint" }, this.input.hint(words.clone_recording_how)),
      this.input.node,
      this.rest,
    );
    this.input.hearDrops(this.node);
    this.refresh();
  }

  /** @param {File} file */
  take(file) {
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
