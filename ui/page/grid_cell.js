// @ts-check
// A cell of a grid: while it waits, and then as a player with what is known of its sound.

import { complaint, send } from "./ask.js";
import { element, uniqueId } from "./dom.js";
import { clock, shortened } from "./format.js";
import { Waveform } from "./waveform.js";

/** @typedef {import("./wire_compare.js").CellFacts} CellFacts */
/** @typedef {import("./wire_compare.js").CellTake} CellTake */
/** @typedef {import("./words.js").Words} Words */

/**
 * What a cell tells the grid that it is in.
 * @typedef {object} CellHooks
 * @property {string} address of the grid
 * @property {(cell: CellFacts) => string} called who speaks in it
 * @property {(cell: GridCell) => void} played
 * @property {() => void} changed it waits again, or has another star
 * @property {(cell: CellFacts) => void} restore
 */

export class GridCell {
  /**
   * @param {Words} words
   * @param {CellFacts} facts
   * @param {CellHooks} hooks
   */
  constructor(words, facts, hooks) {
    this.words = words;
    this.facts = facts;
    this.hooks = hooks;
    const name = uniqueId("studio-cell");
    this.who = element("strong", { class: "cell-who", id: name });
    this.text = element("p", { class: "cell-text", dir: "auto" });
    this.play = element("button", { class: "play", type: "button", "aria-describedby": name, onclick: () => this.toggle() });
    this.wave = new Waveform(words.position, (place, play) => this.seek(place, play));
    this.time = element("span", { class: "time" });
    this.sound = element("audio", { preload: "none" });
    for (const event of ["play", "pause", "ended", "timeupdate", "seeked", "error"]) this.sound.addEventListener(event, () => this.refresh());
    this.sound.addEventListener("play", () => hooks.played(this));
    this.transport = element("div", { class: "transport", role: "group", "aria-label": words.player }, this.play, this.wave.canvas, this.time, this.sound);
    this.chips = element("div", { class: "chips" });
    this.said = element("p", { class: "cell-said", role: "status" });
    this.star = element("button", { class: "tool cell-star", type: "button", "aria-describedby": name, "aria-label": words.star, title: words.star, onclick: () => void this.mark() }, "★");
    this.again = element("button", { class: "tool", type: "button", "aria-describedby": name, onclick: () => void this.redo() });
    this.use = element("button", { class: "tool", type: "button", "aria-describedby": name, onclick: () => hooks.restore(this.facts) }, words.restore);
    this.file = element("a", { class: "tool", download: "", "aria-label": `${words.download} FLAC` }, "FLAC");
    this.mel = element("details", { class: "cell-picture" });
    this.mel.addEventListener("toggle", () => this.picture());
    this.node = element(
      "article",
      { class: "grid-cell", tabindex: "-1", "data-cell": facts.number },
      element("div", { class: "cell-head" }, this.who, this.star),
      this.text,
      this.transport,
      this.chips,
      this.said,
      element("div", { class: "cell-acts" }, this.again, this.use, this.file),
      this.mel,
    );
    this.show(facts, false);
  }

  /**
   * @param {CellFacts} facts as they are now
   * @param {boolean} making whether it is being made
   */
  show(facts, making) {
    const { words } = this;
    const { take, form } = facts;
    const isNew = facts.revision !== this.facts.revision || !this.who.textContent;
    this.facts = facts;
    this.node.dataset.state = making ? "making" : facts.state;
    this.star.setAttribute("aria-pressed", String(facts.starred));
    this.again.disabled = facts.state === "waiting";
    if (facts.state !== "done") this.said.textContent = facts.problem ? words.told(facts.problem) : making ? words.grid_making : words.grid_waits;
    this.said.classList.toggle("bad", facts.state === "failed");
    if (!isNew) return;
    this.who.textContent = this.hooks.called(facts);
    this.text.textContent = form.text;
    this.node.setAttribute("aria-label", `${this.who.textContent}, ${words.seed} ${form.seed}, ${form.text}`);
    this.again.textContent = facts.state === "failed" ? words.try_again : words.redo;
    for (const part of [this.transport, this.file, this.mel]) part.hidden = !take;
    this.chips.replaceChildren(...chips(words, facts));
    this.mel.open = false;
    this.mel.replaceChildren(element("summary", {}, words.details));
    if (!take) return void this.halt();
    this.said.textContent = take.notices.map((notice) => words.told(notice)).join(" ");
    if (this.sound.getAttribute("src") !== facts.sound) this.sound.src = facts.sound;
    this.file.href = facts.file;
    this.wave.show(take.peaks.map((peak) => peak / 100), take.audio_s);
    this.refresh();
  }

  picture() {
    const { take, picture } = this.facts;
    if (!this.mel.open || !take || this.mel.querySelector("img")) return;
    this.mel.append(element("img", { alt: this.words.picture, class: "mel", width: 640, height: 160, src: picture }));
    if (take.verdict?.heard) this.mel.append(element("q", { dir: "auto" }, take.verdict.heard));
  }

  /** @param {number} least the level of the softest of the grid, in LKFS: all are heard with it */
  level(least) {
    const level = this.facts.take?.level ?? null;
    this.sound.volume = level === null ? 1 : Math.min(1, 10 ** ((least - level) / 20));
  }

  // -- the transport --

  toggle() {
    if (!this.facts.take) return;
    if (this.sound.paused) this.start();
    else this.sound.pause();
  }

  start() {
    if (this.sound.error) this.sound.load(); // what was not to be had may be now
    this.sound.play().catch(() => {}); // an event tells of it
  }

  halt() {
    this.sound.pause();
    if (this.sound.currentTime) this.sound.currentTime = 0;
  }

  /**
   * @param {number} place in 0..1
   * @param {boolean} play
   */
  seek(place, play) {
    if (!this.facts.take) return;
    this.sound.currentTime = place * this.facts.take.audio_s;
    if (play) this.start();
  }

  refresh() {
    const seconds = this.facts.take?.audio_s ?? 0;
    const shows = this.sound.paused ? "play" : "pause";
    this.play.dataset.shows = shows;
    this.play.setAttribute("aria-label", this.words[shows]);
    this.wave.at(seconds ? Math.min(1, this.sound.currentTime / seconds) : 0);
    this.time.textContent = `${clock(this.sound.currentTime)} / ${clock(seconds)}`;
  }

  // -- its acts --

  mark() {
    return this.change("star", { starred: !this.facts.starred });
  }

  redo() {
    return this.again.disabled ? Promise.resolve() : this.change("redo", {});
  }

  /**
   * @param {string} act
   * @param {object} sent
   */
  async change(act, sent) {
    try {
      this.show(await send(`${this.hooks.address}/${this.facts.number}/${act}`, sent), false);
      this.hooks.changed();
    } catch (error) {
      this.said.classList.add("bad");
      this.said.textContent = complaint(error, this.words);
    }
  }
}

/**
 * @param {Words} words
 * @param {CellFacts} facts
 */
function chips(words, { form, take }) {
  const chip = (/** @type {string} */ text, kind = "") => element("span", { class: `chip ${kind}`.trim() }, text);
  const seed = chip(`${words.seed} ${form.seed}`);
  if (!take) return [seed];
  return [
    seed,
    chip(`${take.audio_s.toFixed(1)} ${words.seconds}`),
    chip(`${words.first} ${take.first_audio_s.toFixed(2)} ${words.seconds}`),
    chip(`RTF ${take.rtf.toFixed(3)}`),
    ...(take.verdict ? [chip(judged(words, take.verdict), take.verdict.errors ? "warn" : "")] : []),
    ...(take.verdict?.naturalness ? [chip(`${words.naturalness} ${take.verdict.naturalness.toFixed(1)} / 5`)] : []),
  ];
}

/**
 * @param {Words} words
 * @param {NonNullable<CellTake["verdict"]>} verdict
 */
function judged(words, { errors, total, by_character: byCharacter, heard }) {
  if (!heard) return words.heard_none;
  return errors ? `${errors} / ${total} ${byCharacter ? words.characters_wrong : words.words_wrong}` : words.heard_all;
}

/**
 * What to call a voice that is named at length.
 * @param {CellFacts} facts
 */
export const voiceOf = ({ form, take }) => shortened(take?.voice || form.voice);
