// @ts-check
// The recording that voices are made of: the file, the part of it that is used, and what a repair has made of it.

import { post, read, send } from "./ask.js";

/** @typedef {import("./wire_clone.js").RecordingFacts} RecordingFacts */

export const MOST_PART_S = 60; // no system takes more

export class ClonePrompt {
  constructor() {
    /** @type {File | null} */
    this.file = null;
    /** @type {RecordingFacts | null} Of the part of the file. */
    this.facts = null;
    this.start = 0;
    this.end = 0;
    /** @type {{blob: Blob, facts: RecordingFacts | null} | null} */
    this.mended = null;
    this.usesMended = false;
    /** @type {Promise<Blob> | null} The part as a file, once it was cut out. */
    this.part = null;
    this.version = 0; // another for every other sound
  }

  /** @param {File} file */
  take(file) {
    this.file = file;
    this.facts = null;
    this.trim(0, 0);
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  trim(start, end) {
    this.start = start;
    this.end = end;
    this.mended = null;
    this.choose(false);
    this.part = null;
  }

  /** @param {boolean} mended whether to use what was mended */
  choose(mended) {
    this.usesMended = mended;
    this.version += 1;
  }

  /** What is said of the sound that is used. */
  get told() {
    return this.usesMended ? (this.mended?.facts ?? null) : this.facts;
  }

  /**
   * What there is to say of the part, and of what was mended.
   * @param {string} text
   * @param {string} language
   * @param {AbortSignal} signal
   */
  async check(text, language, signal) {
    const { file, start, end, mended } = this;
    if (!file) return;
    const query = new URLSearchParams({ text, language, start: String(start), end: String(end) });
    /** @type {RecordingFacts} */
    const facts = await send(`studio/recordings/check?${query}`, file, signal);
    this.facts = facts;
    [this.start, this.end] = [facts.start, facts.end];
    if (mended) mended.facts = await send(`studio/recordings/check?${new URLSearchParams({ text, language })}`, mended.blob, signal);
  }

  /** The faults of the part that can be mended. */
  get repairs() {
    return (this.facts?.findings ?? []).map(({ repair }) => repair).filter(Boolean);
  }

  async mend() {
    const version = this.version;
    const blob = await this.made(this.repairs);
    if (version !== this.version) return;
    this.mended = { blob, facts: null };
    this.choose(true);
  }

  /** @returns {Promise<Blob>} what voices are made of */
  sound() {
    if (this.usesMended && this.mended) return Promise.resolve(this.mended.blob);
    this.part ??= this.made([]);
    this.part.catch(() => (this.part = null));
    return this.part;
  }

  /** @param {string[]} repairs */
  async made(repairs) {
    const query = new URLSearchParams({ start: String(this.start), end: String(this.end), repairs: repairs.join(",") });
    const answer = await post(`studio/recordings/repair?${query}`, this.file);
    if (!answer.ok) await read(answer);
    return answer.blob();
  }
}
