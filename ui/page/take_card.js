// @ts-check
// The card of one take: while it is being spoken, and afterwards.

import { element } from "./dom.js";
import { clock } from "./format.js";
import { Waveform } from "./waveform.js";

/** @typedef {import("./sound.js").LiveSound} LiveSound */
/** @typedef {import("./takes.js").TakeActs} TakeActs */
/** @typedef {import("./wire.js").RewrittenText} RewrittenText */
/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./words.js").Words} Words */

const PEAKS_PER_S = 40;
const MEDIA_EVENTS = ["play", "pause", "ended", "timeupdate"];

export class TakeCard {
  /**
   * @param {Words} words
   * @param {TakeActs} acts
   * @param {Wanted} form
   * @param {(card: TakeCard) => void} played hears of it when the finished sound begins to play
   */
  constructor(words, acts, form, played) {
    this.words = words;
    this.acts = acts;
    this.form = form;
    /** @type {Take | null} */
    this.take = null;
    /** @type {LiveSound | null} */
    this.live = null;
    this.stop = () => {};
    /** @type {number[]} */
    this.peaks = [];
    this.rest = { peak: 0, count: 0 };
    this.seconds = 0;
    this.play = element("button", { class: "play", type: "button", onclick: () => this.toggle() });
    this.wave = new Waveform(words.position, (place) => this.seek(place));
    this.time = element("span", { class: "time" });
    this.chips = element("div", { class: "chips" });
    this.rewritten = element("div", { class: "rewritten" });
    this.rewritten.hidden = true;
    this.foot = element("div", { class: "foot" });
    this.sound = element("audio", { controls: "", preload: "none" });
    for (const event of MEDIA_EVENTS) this.sound.addEventListener(event, () => this.refresh());
    this.sound.addEventListener("play", () => played(this));
    this.node = element(
      "article",
      { class: "take" },
      element("p", { class: "said", lang: form.language || "en", dir: "auto" }, form.text),
      element("div", { class: "transport" }, this.play, this.wave.canvas, this.time),
      this.rewritten,
      this.chips,
      this.foot,
    );
    this.refresh();
  }

  // -- while it is being spoken --

  /**
   * @param {LiveSound} live
   * @param {() => void} stop ends the speaking
   */
  attach(live, stop) {
    this.live = live;
    this.stop = stop;
    this.node.classList.add("live");
    const tick = () => {
      if (this.live !== live) return;
      this.refresh();
      requestAnimationFrame(tick);
    };
    tick();
  }

  /**
   * @param {Float32Array} samples
   * @param {number} rate
   */
  grow(samples, rate) {
    const stretch = Math.round(rate / PEAKS_PER_S);
    for (const sample of samples) {
      this.rest.peak = Math.max(this.rest.peak, Math.abs(sample));
      if (++this.rest.count === stretch) {
        this.peaks.push(this.rest.peak);
        this.rest = { peak: 0, count: 0 };
      }
    }
    this.seconds += samples.length / rate;
    this.wave.show(this.peaks, this.seconds);
  }

  /**
   * The text as the system has rewritten it: to be read, edited and spoken anew.
   * @param {RewrittenText} rewritten
   */
  rewrite({ text, options }) {
    const { words, form } = this;
    const edited = () => ({ ...(this.take?.form ?? form), text, options: { ...form.options, ...options } });
    const edit = () => this.acts.restore(edited(), this.voice, words.edited);
    this.rewritten.replaceChildren(
      element("h3", {}, words.rewritten),
      element("p", { lang: form.language || null, dir: "auto" }, text),
      element("button", { class: "restore", type: "button", onclick: edit }, words.edit),
    );
    this.rewritten.hidden = false;
  }

  get voice() {
    return this.take?.voice ?? "";
  }

  detach() {
    this.live = null;
    this.node.classList.remove("live");
    this.refresh();
  }

  // -- when it is finished --

  /**
   * @param {Take} take
   * @param {number | null} heardMs from the click to the first sound, where it was heard live
   */
  finish(take, heardMs) {
    this.take = take;
    this.seconds = take.audio_s;
    this.wave.show(take.peaks.map((peak) => peak / 100), take.audio_s);
    this.sound.src = take.files.wav;
    if (take.rewritten) this.rewrite(take.rewritten);
    this.chips.replaceChildren(...this.describe(take, heardMs));
    this.foot.replaceChildren(this.downloads(take), this.restore(take), this.details(take));
    this.refresh();
  }

  /**
   * @param {Take} take
   * @param {number | null} heardMs
   */
  describe(take, heardMs) {
    const { words } = this;
    const unit = ` ${words.seconds}`;
    const first = heardMs ? heardMs / 1000 : take.load_s + take.first_audio_s;
    const speed = 1 / take.rtf;
    return [
      ...[take.form.model, this.acts.called(take), take.form.language].filter(Boolean).map((text) => chip(text)),
      chip(`${words.seed} ${take.form.seed}`),
      chip(`${words.first} ${first.toFixed(2)}${unit}`, `${take.first_audio_s.toFixed(3)} s in the engine`),
      chip(`RTF ${take.rtf.toFixed(3)}`, `${speed.toFixed(1)} ${words.faster}`),
      ...(take.load_s > 0.1 ? [chip(`${words.loading} ${take.load_s.toFixed(1)}${unit}`)] : []),
      ...(take.stopped ? [element("span", { class: "chip warn" }, words.stopped)] : []),
      ...take.notices.map((notice) => element("span", { class: "chip warn" }, words.told(notice))),
    ];
  }

  /** @param {Take} take */
  downloads(take) {
    const { words } = this;
    const kinds = { wav: words.lossless, flac: words.lossless, mp3: words.compressed, opus: words.compressed };
    const links = Object.entries(kinds).map(([ending, kind]) => {
      const label = `${words.download} ${ending.toUpperCase()} (${kind})`;
      const href = `${take.files[ending]}?download`;
      return element("a", { class: `download ${ending}`, href, download: "", title: kind, "aria-label": label }, ending.toUpperCase());
    });
    return element("div", { class: "downloads" }, ...links);
  }

  /** @param {Take} take */
  restore(take) {
    const click = () => this.acts.restore(take.form, this.voice, this.words.restored);
    return element("button", { class: "restore", type: "button", onclick: click }, this.words.restore);
  }

  /** @param {Take} take */
  details(take) {
    const { words } = this;
    // What was left as it is by default says nothing.
    const defaults = this.acts.defaults(take.form.system);
    const changed = Object.entries(take.form.options).filter(([name, value]) => value !== defaults[name]);
    const options = changed.map(([name, value]) => element("div", {}, element("dt", {}, this.acts.labelOf(take.form.system, name)), element("dd", {}, String(value))));
    const machine = `${take.device} · ${take.dtype} · ${take.sample_rate} Hz`;
    const picture = element("img", { alt: words.picture, class: "mel", width: 640, height: 160 });
    const box = element(
      "details",
      { class: "details" },
      element("summary", {}, words.details),
      picture,
      this.sound,
      element("dl", {}, ...options),
      element("p", { class: "small" }, `${take.form.system} · ${machine}`),
      element("p", { class: "small" }, words.ai),
    );
    box.addEventListener("toggle", () => {
      if (box.open && !picture.src) picture.src = take.picture;
    });
    return box;
  }

  // -- the transport --

  toggle() {
    if (this.live) return this.stop();
    if (!this.take) return;
    if (this.sound.paused) this.sound.play();
    else this.sound.pause();
  }

  /** @param {number} place in 0..1 */
  seek(place) {
    if (!this.take) return;
    this.live?.stop();
    this.sound.currentTime = place * this.seconds;
    this.sound.play();
  }

  refresh() {
    const { words } = this;
    const position = this.live ? this.live.position : this.sound.currentTime;
    const shows = this.live ? "stop" : this.sound.paused ? "play" : "pause";
    this.play.dataset.shows = shows;
    this.play.disabled = !this.live && !this.take;
    this.play.setAttribute("aria-label", words[shows]);
    this.wave.at(this.seconds ? Math.min(1, position / this.seconds) : 0);
    this.time.textContent = `${clock(position)} / ${clock(this.seconds)}`;
  }
}

/**
 * @param {string} text
 * @param {string} title
 */
const chip = (text, title = "") => element("span", { class: "chip", title }, text);
