// @ts-check
// The card of one take: while it is being spoken, and afterwards.

import { element, uniqueId } from "./dom.js";
import { Downloads } from "./downloads.js";
import { clock } from "./format.js";
import { chips, facts, notices } from "./take_facts.js";
import { Verdict } from "./verdict.js";
import { Waveform } from "./waveform.js";

/** @typedef {import("./sound.js").LiveSound} LiveSound */
/** @typedef {import("./takes.js").CardActs} CardActs */
/** @typedef {import("./wire.js").RewrittenText} RewrittenText */
/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./words.js").Words} Words */

const PEAKS_PER_S = 40;
const MEDIA_EVENTS = ["play", "pause", "ended", "timeupdate", "seeked"];

/**
 * What a card tells the list that it is in.
 * @typedef {object} CardHooks
 * @property {(card: TakeCard) => void} played its finished sound begins to play
 * @property {(card: TakeCard) => void} moved so does anything of that sound
 * @property {() => void} finished it has a take now
 * @property {(card: TakeCard) => void} remove the visitor wants it deleted
 */

export class TakeCard {
  /**
   * @param {Words} words
   * @param {CardActs} acts
   * @param {Wanted} form
   * @param {CardHooks} hooks
   */
  constructor(words, acts, form, hooks) {
    this.words = words;
    this.acts = acts;
    this.form = form;
    this.hooks = hooks;
    /** @type {Take | null} */
    this.take = null;
    this.gone = false; // for the server
    /** @type {LiveSound | null} */
    this.live = null;
    this.stop = () => {};
    /** @type {number[]} */
    this.peaks = [];
    this.rest = { peak: 0, count: 0 };
    this.seconds = 0;
    const name = uniqueId("studio-take");
    this.play = element("button", { class: "play", type: "button", "aria-describedby": name, onclick: () => this.toggle() });
    this.wave = new Waveform(words.position, (place, play) => this.seek(place, play));
    this.time = element("span", { class: "time" });
    this.told = element("ul", { class: "notices" });
    this.chips = element("div", { class: "chips" });
    this.rewritten = element("div", { class: "rewritten" });
    this.rewritten.hidden = true;
    this.remove = element("button", { class: "remove", type: "button", "aria-describedby": name, onclick: () => hooks.remove(this) }, words.delete);
    this.foot = element("div", { class: "foot" });
    this.box = element("details", { class: "details" });
    this.box.hidden = true;
    this.sound = element("audio", { preload: "none" });
    for (const event of MEDIA_EVENTS) {
      this.sound.addEventListener(event, () => {
        this.refresh();
        hooks.moved(this);
      });
    }
    this.sound.addEventListener("play", () => hooks.played(this));
    this.sound.addEventListener("error", () => acts.missed(this));
    this.node = element(
      "article",
      { class: "take", "aria-labelledby": name },
      element("p", { class: "said", id: name, lang: form.language || "en", dir: "auto" }, form.text),
      element("div", { class: "transport", role: "group", "aria-label": words.player }, this.play, this.wave.canvas, this.time, this.sound),
      this.rewritten,
      this.told,
      this.chips,
      this.foot,
      this.box,
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
    const { words, acts } = this;
    this.told.replaceChildren(...notices(words, take));
    this.chips.replaceChildren(...chips(words, take, heardMs, acts.systemOf(take.form.system)));
    const downloads = new Downloads(words, take, (error) => acts.complain(error));
    downloads.node.addEventListener("click", () => acts.missed(this));
    this.foot.replaceChildren(downloads.node, element("div", { class: "acts" }, this.restore(take), this.remove));
    this.verdict = new Verdict(words, take);
    this.foot.before(this.verdict.node);
    this.describe(take);
    this.refresh();
    this.hooks.finished();
  }

  /** Its sound cannot be had any more: only what still works is offered. */
  lose() {
    if (!this.take || this.gone) return;
    this.gone = true;
    this.sound.pause();
    const lost = element("p", { class: "lost", role: "status" }, this.words.gone);
    this.foot.replaceChildren(lost, element("div", { class: "acts" }, this.restore(this.take), this.remove));
    this.refresh();
  }

  /** @param {Take} take */
  restore(take) {
    const click = () => this.acts.restore(take.form, this.voice, this.words.restored);
    return element("button", { class: "restore", type: "button", onclick: click }, this.words.restore);
  }

  /**
   * What can be looked up, folded away.
   * @param {Take} take
   */
  describe(take) {
    const { words, box } = this;
    const picture = element("img", { alt: words.picture, class: "mel", width: 640, height: 160 });
    const known = facts(words, take, this.acts.systemOf(take.form.system));
    box.replaceChildren(element("summary", {}, words.details), picture, known, element("p", { class: "small" }, words.ai));
    box.addEventListener("toggle", () => {
      if (box.open && !picture.src) picture.src = take.picture;
    });
    box.hidden = false;
  }

  // -- the transport --

  toggle() {
    if (this.live) return this.stop();
    if (!this.take || this.gone) return;
    if (this.sound.paused) this.start();
    else this.sound.pause();
  }

  /**
   * @param {number} place in 0..1
   * @param {boolean} play whether to play from there; else it goes on as it was
   */
  seek(place, play = true) {
    if (!this.take || this.gone) return;
    this.live?.stop();
    this.sound.currentTime = place * this.seconds;
    if (play) this.start();
  }

  start() {
    if (this.sound.error) this.sound.load(); // what was not to be had may be now
    this.sound.play().catch(() => {}); // an event tells of it
  }

  /** The finished sound is silent, and at its beginning. */
  halt() {
    this.sound.pause();
    if (this.sound.currentTime) this.sound.currentTime = 0;
  }

  /** Whether the finished sound plays, or waits in its midst. */
  get begun() {
    return !this.sound.paused || (this.sound.currentTime > 0 && !this.sound.ended);
  }

  refresh() {
    const { words } = this;
    const position = this.live ? this.live.position : this.sound.currentTime;
    const shows = this.live ? "stop" : this.sound.paused ? "play" : "pause";
    this.play.dataset.shows = shows;
    this.play.disabled = !this.live && (!this.take || this.gone);
    this.play.setAttribute("aria-label", this.gone ? words.gone : words[shows]);
    this.wave.at(this.seconds ? Math.min(1, position / this.seconds) : 0);
    this.time.textContent = `${clock(position)} / ${clock(this.seconds)}`;
  }
}
