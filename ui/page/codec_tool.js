// @ts-check
// A corner where a sound goes through every codec that is here, and is heard beside what comes back.

import { complaint, get, send } from "./ask.js";
import { CodecTrip } from "./codec_trip.js";
import { element } from "./dom.js";
import { SoundInput } from "./sound_input.js";
import { fill } from "./words.js";

/** @typedef {import("./wire_codecs.js").CodecFacts} CodecFacts */
/** @typedef {import("./wire_codecs.js").CodecShelf} CodecShelf */
/** @typedef {import("./wire_codecs.js").RoundTrip} RoundTrip */
/** @typedef {import("./words.js").Words} Words */

export class CodecTool {
  /**
   * @param {Words} words
   * @param {() => void} sounds hears that a sound begins here
   */
  constructor(words, sounds) {
    this.words = words;
    this.sounds = sounds;
    /** @type {File | null} */
    this.file = null;
    /** @type {CodecTrip[]} */
    this.trips = [];
    this.asking = new AbortController();
    this.input = new SoundInput(words, { took: (file) => void this.take(file), say: (message, bad) => this.say(message, bad), began: () => this.pause() });
    this.said = element("p", { class: "voice-said codec-said", role: "status" });
    this.list = element("div", { class: "clone-grid" });
    this.how = element("p", { class: "clone-hint" });
    this.body = element("div", { class: "codec-body" }, this.how, this.input.node, this.said, this.list);
    /** @type {HTMLDetailsElement} */
    this.node = element("details", { class: "clone-card clone-codecs", ontoggle: () => void this.opened() }, element("summary", {}, words.codec_title), this.body);
    this.input.hearDrops(this.node);
  }

  /** Each opening asks anew: a model may have come, and its codec with it. */
  async opened() {
    if (!this.node.open) return this.stop();
    try {
      /** @type {CodecShelf} */
      const { codecs, most_s } = await get("studio/codecs");
      this.offer(codecs);
      this.how.textContent = codecs.length ? this.input.hint(fill(this.words.codec_how, { seconds: String(most_s) })) : this.words.codec_none;
      this.input.node.hidden = codecs.length === 0;
    } catch (error) {
      this.say(complaint(error, this.words), true);
    }
  }

  /** @param {CodecFacts[]} codecs those that were there keep what they have made */
  offer(codecs) {
    const known = new Map(this.trips.map((trip) => [trip.key, trip]));
    this.trips = codecs.map((codec) => {
      const trip = new CodecTrip(this.words, codec, { again: () => void this.work([trip]), sounds: (player) => this.pause(player) });
      return known.get(trip.key) ?? trip;
    });
    this.list.replaceChildren(...this.trips.map(({ node }) => node));
  }

  /** @param {File} file */
  async take(file) {
    this.file = file;
    this.say("");
    for (const trip of this.trips) trip.clear();
    await this.work(this.trips);
  }

  /**
   * One after the other, so that each has the machine for itself.
   * @param {CodecTrip[]} trips
   */
  async work(trips) {
    const { file, words } = this;
    this.asking.abort();
    if (!file) return;
    const { signal } = (this.asking = new AbortController());
    for (const trip of trips) {
      if (signal.aborted) return;
      this.say(fill(words.codec_working, { codec: trip.codec.title }));
      try {
        /** @type {RoundTrip} */
        const made = await send(`studio/codecs/${encodeURIComponent(trip.codec.id)}?${trip.query}`, file, signal);
        trip.show(made);
      } catch (error) {
        return this.say(signal.aborted ? "" : complaint(error, words), true);
      }
    }
    this.say("");
  }

  /** @param {HTMLAudioElement | null} except begins to sound */
  pause(except = null) {
    if (except) this.sounds();
    for (const trip of this.trips) trip.pause(except);
  }

  /** Ends what goes on here: a recording, the work, what sounds. */
  stop() {
    this.input.stop();
    this.asking.abort();
    this.pause();
  }

  /** @param {string} message */
  say(message, bad = false) {
    this.said.classList.toggle("bad", bad);
    this.said.textContent = message;
  }
}
