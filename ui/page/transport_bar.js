// @ts-check
// The bar at the foot of the window: what is made or heard, how far it is, and what there is to tell. It stays in view,
// on every tab, for as long as there is any of that.

import { element } from "./dom.js";
import { clock } from "./format.js";
import { SVG } from "./header.js";
import { lasting } from "./storage.js";

/** @typedef {import("./player.js").Player} Player */
/** @typedef {import("./status.js").Status} Status */
/** @typedef {import("./take_card.js").TakeCard} TakeCard */
/** @typedef {import("./takes.js").TakeList} TakeList */
/** @typedef {import("./words.js").Words} Words */

// How long something is shown: a word of passing interest, and what should be read, which stays on its take.
const LINGER_MS = { "": 5000, note: 15_000, bad: Infinity };
const MOVE_MS = 100;
const VOLUME = "polyphone.volume";

/**
 * What is heard now, or waits to go on.
 * @typedef {object} Heard
 * @property {TakeCard | null} card
 * @property {string} text
 * @property {number} position in seconds
 * @property {number} seconds that there are so far
 * @property {boolean} paused
 * @property {boolean} live
 */

export class TransportBar {
  /**
   * @param {object} parts
   * @param {Words} parts.words
   * @param {Player} parts.player
   * @param {TakeList} parts.takes
   * @param {Status} parts.status
   */
  constructor({ words, player, takes, status }) {
    this.words = words;
    this.player = player;
    this.takes = takes;
    this.status = status;
    this.shown = false;
    this.until = 0;
    this.timer = 0;
    this.play = element("button", { class: "play", type: "button", onclick: () => this.toggle() });
    this.end = element("button", { class: "end", type: "button", onclick: () => this.stop() });
    this.text = element("button", { class: "text", type: "button", onclick: () => this.reveal() });
    this.time = element("span", { class: "time" });
    this.slider = element("input", { type: "range", min: 0, step: "any", "aria-label": words.position, oninput: () => this.seek() });
    this.volume = element("input", { type: "range", min: 0, max: 1, step: 0.05, "aria-label": words.volume, title: words.volume, oninput: () => this.turned() });
    this.volume.value = lasting.get(VOLUME) ?? "1";
    this.louder();
    const place = element("div", { class: "place" }, this.time, this.slider);
    this.node = element(
      "section",
      { id: "studio-bar", class: "resting", "aria-label": words.player },
      element("div", { class: "inner" }, this.play, this.end, element("div", { class: "what" }, this.text, status.node), place, element("div", { class: "volume" }, speaker(), this.volume)),
    );
    this.node.addEventListener("focusout", () => setTimeout(() => this.refresh()));
    status.changed = () => this.told();
    takes.moved = () => this.refresh();
    new ResizeObserver(() => this.makeRoom()).observe(this.node);
    this.refresh();
  }

  // -- what there is --

  /** @returns {Heard | null} */
  get heard() {
    const { current, sounding, paused } = this.player;
    if (current && sounding && current.card) {
      const { card, live } = current;
      return { card, text: card.form.text, position: live.position, seconds: card.seconds, paused, live: true };
    }
    const card = this.takes.heard;
    if (!card) return null;
    return { card, text: card.form.text, position: card.sound.currentTime, seconds: card.seconds, paused: card.sound.paused, live: false };
  }

  told() {
    this.until = this.status.line.textContent ? Date.now() + LINGER_MS[this.status.weight] : 0;
    this.refresh();
  }

  refresh() {
    const { words, player, status } = this;
    const heard = this.heard;
    const working = player.busy || heard !== null;
    const lingers = Date.now() < this.until;
    // What was told of one sound says nothing of the next.
    if (heard && !player.busy && !lingers && status.line.textContent) return status.say("");
    this.shown = working || lingers || this.node.matches(":has(:focus-visible)");
    this.node.classList.toggle("resting", !this.shown);
    const shows = heard?.paused ? "play" : "pause";
    this.play.hidden = !heard;
    this.play.dataset.shows = shows;
    this.play.setAttribute("aria-label", heard?.paused ? words.play : words.pause);
    this.end.dataset.shows = working ? "stop" : "close";
    this.end.setAttribute("aria-label", working ? words.stop : words.dismiss);
    const text = heard?.text ?? (player.busy ? (player.current?.wanted.text ?? "") : "");
    this.text.hidden = !text;
    this.text.disabled = !heard;
    if (this.text.textContent !== text) this.text.textContent = text;
    this.node.classList.toggle("heard", heard !== null);
    this.tick(heard);
    clearTimeout(this.timer);
    if (heard && !heard.paused) this.timer = setTimeout(() => this.refresh(), MOVE_MS);
    else if (!working && lingers && this.until < Infinity) this.timer = setTimeout(() => this.refresh(), this.until - Date.now() + MOVE_MS);
    this.makeRoom();
  }

  /** @param {Heard | null} heard */
  tick(heard) {
    if (!heard) return;
    const { position, seconds } = heard;
    this.slider.disabled = heard.live;
    this.slider.max = String(seconds || 1);
    this.slider.value = String(position);
    this.slider.style.setProperty("--played", `${seconds ? (100 * position) / seconds : 0}%`);
    this.slider.setAttribute("aria-valuetext", clock(position));
    this.time.textContent = `${clock(position)} / ${clock(seconds)}`;
  }

  /** The page can be scrolled so far that the bar covers nothing of it. */
  makeRoom() {
    document.documentElement.style.setProperty("--studio-bar", this.shown ? `${this.node.offsetHeight}px` : "0px");
  }

  // -- what can be done --

  toggle() {
    const heard = this.heard;
    if (heard?.live) this.player.toggle();
    else heard?.card?.toggle();
    this.refresh();
  }

  /** Everything ends: the making, the sound, and what was told. */
  stop() {
    const heard = this.heard;
    if (!this.player.busy && !heard) this.dismiss();
    this.player.stop();
    if (heard && !heard.live) heard.card?.halt();
    this.refresh();
  }

  dismiss() {
    this.status.say("");
    if (this.node.contains(document.activeElement)) this.end.blur();
  }

  seek() {
    const { card, seconds } = this.heard ?? {};
    if (card && seconds) card.seek(Number(this.slider.value) / seconds, false);
    this.refresh();
  }

  /** Somebody has moved the volume: it stays so for every visit with this browser. */
  turned() {
    lasting.set(VOLUME, this.volume.value);
    this.louder();
  }

  louder() {
    const level = Number(this.volume.value);
    this.volume.style.setProperty("--played", `${100 * level}%`);
    this.player.louder(level);
    this.takes.louder(level);
  }

  /** Brings the take that is heard into view. */
  reveal() {
    const card = this.heard?.card;
    card?.node.scrollIntoView({ block: "center", behavior: "smooth" });
    card?.play.focus({ preventScroll: true });
  }
}

function speaker() {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 20 20");
  drawing.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", "M3 8h3l4-4v12l-4-4H3z M13 7a4 4 0 0 1 0 6 M15 4.5a7.5 7.5 0 0 1 0 11");
  drawing.append(shape);
  return drawing;
}
