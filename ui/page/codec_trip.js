// @ts-check
// One codec in the corner of codecs: what went in, what came back, a picture of both, and what it took.

import { element, labelled } from "./dom.js";
import { fill } from "./words.js";

/** @typedef {import("./wire_codecs.js").CodecFacts} CodecFacts */
/** @typedef {import("./wire_codecs.js").RoundTrip} RoundTrip */
/** @typedef {import("./words.js").Words} Words */

export class CodecTrip {
  /**
   * @param {Words} words
   * @param {CodecFacts} codec
   * @param {object} acts
   * @param {() => void} acts.again another bandwidth was chosen
   * @param {(player: HTMLAudioElement) => void} acts.sounds
   */
  constructor(words, codec, { again, sounds }) {
    this.words = words;
    this.codec = codec;
    this.key = JSON.stringify(codec);
    const [before, after] = [words.codec_before, words.codec_after].map((label) =>
      element("audio", { controls: "", preload: "metadata", "aria-label": label, onplay: ({ target }) => sounds(target) }),
    );
    this.players = /** @type {[HTMLAudioElement, HTMLAudioElement]} */ ([before, after]);
    this.bandwidth = element("select", { onchange: () => (this.clear(), again()) }, ...codec.kbps.map((kbps) => element("option", { value: kbps }, `${kbps} kbit/s`)));
    const choice = codec.kbps.length > 1 ? [labelled(words.codec_bandwidth, this.bandwidth)] : [];
    this.picture = element("img", { class: "codec-picture", alt: words.codec_picture });
    this.facts = element("p", { class: "codec-facts" });
    const [left, right] = this.players.map((player, index) => element("div", { class: "convert-sound" }, element("span", {}, index ? words.codec_after : words.codec_before), player));
    this.made = element("div", { class: "codec-made" }, this.facts, this.picture, left ?? "", right ?? "");
    this.node = element(
      "section",
      { class: "codec-trip", "aria-label": codec.title },
      element("h4", {}, codec.title, ...(codec.file ? [" ", element("small", {}, codec.file)] : [])),
      ...choice,
      this.made,
    );
    this.made.hidden = true;
  }

  /** What to ask for. */
  get query() {
    return new URLSearchParams(this.bandwidth.value ? { kbps: this.bandwidth.value } : {});
  }

  /** @param {RoundTrip} made */
  show(made) {
    const { words } = this;
    const [before, after] = this.players;
    before.src = `data:audio/wav;base64,${made.before}`;
    after.src = `data:audio/wav;base64,${made.after}`;
    this.picture.src = `data:image/png;base64,${made.picture}`;
    const rate = made.frames_per_s * made.codebooks;
    this.facts.textContent = [
      fill(words.codec_rate, { kbps: String(made.kbps), rate: String(rate) }),
      fill(words.codec_count, { codes: String(made.codes), seconds: made.seconds.toFixed(1) }),
      fill(words.codec_took, { encode: made.encode_s.toFixed(2), decode: made.decode_s.toFixed(2) }),
    ].join(" · ");
    this.made.hidden = false;
  }

  /** What was made is of another sound, or another choice. */
  clear() {
    this.pause();
    this.made.hidden = true;
  }

  /** @param {HTMLAudioElement | null} except */
  pause(except = null) {
    for (const player of this.players) if (player !== except) player.pause();
  }
}
