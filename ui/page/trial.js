// @ts-check
// One trial of a listening test: sounds without names, which are all to be heard, and an answer.

import { element } from "./dom.js";
import { scaleOf } from "./scales.js";

/** @typedef {import("./wire_listening.js").TestKind} TestKind */
/** @typedef {import("./words.js").Words} Words */

const LETTERS = "ABCDEFGHIJKL";

/**
 * What the sounds of a trial are called.
 * @param {TestKind} kind
 * @param {number} count
 */
const namesOf = (kind, count) => (kind === "abx" ? ["A", "B", "X"] : [...LETTERS.slice(0, count)]);

export class Trial {
  /**
   * @param {Words} words
   * @param {TestKind} kind
   * @param {string[]} sounds their addresses
   * @param {(scores: number[]) => Promise<void>} answer takes the answer, and does not fail
   */
  constructor(words, kind, sounds, answer) {
    this.words = words;
    this.answer = answer;
    this.names = namesOf(kind, sounds.length);
    /** @type {Set<HTMLAudioElement>} Those that were heard to their end. */
    this.heard = new Set();
    this.busy = false;
    this.players = sounds.map((url) => element("audio", { src: url, preload: "auto" }));
    this.buttons = this.players.map((player, index) => this.button(player, this.names[index]));
    this.scale = scaleOf(words, kind, this.names, () => this.refresh());
    this.said = element("p", { class: "judge-said", role: "status" });
    /** @type {HTMLButtonElement} */
    this.next = element("button", { type: "button", class: "tool primary judge-next", onclick: () => void this.finish() }, words.listen_next);
    const rows = this.buttons.map((button, index) => element("div", { class: "judge-sound" }, button, ...this.scale.beside.slice(index, index + 1)));
    const keys = element("p", { class: "judge-keys" }, words.listen_keys);
    this.node = element("section", { class: "judge-trial" }, element("div", { class: "judge-sounds" }, ...rows), this.scale.node, this.next, this.said, keys, ...this.players);
    this.refresh();
  }

  /**
   * @param {HTMLAudioElement} player
   * @param {string} name
   */
  button(player, name) {
    const { words } = this;
    const button = element("button", { type: "button", class: "tool judge-play", onclick: () => this.toggle(player) }, name);
    const show = () => {
      button.setAttribute("aria-label", `${player.paused ? words.play : words.pause} ${name}`);
      button.classList.toggle("sounding", !player.paused);
      button.classList.toggle("heard", this.heard.has(player));
    };
    for (const event of ["play", "pause", "ended"]) player.addEventListener(event, show);
    player.addEventListener("ended", () => {
      this.heard.add(player);
      show();
      this.refresh();
    });
    player.addEventListener("error", () => this.say(words.offline));
    show();
    return button;
  }

  /** @param {HTMLAudioElement} player */
  toggle(player) {
    if (!player.paused) return player.pause();
    this.silence();
    if (player.error) player.load(); // what was not to be had may be now
    player.currentTime = 0;
    player.play().catch(() => {}); // an event tells of it
  }

  silence() {
    for (const player of this.players) player.pause();
  }

  /** @param {string} text */
  say(text) {
    this.said.textContent = text;
  }

  refresh() {
    const all = this.heard.size === this.players.length;
    this.next.disabled = this.busy || !all || this.scale.scores() === null;
    this.say(all ? "" : this.words.listen_all);
  }

  async finish() {
    const scores = this.scale.scores();
    if (this.next.disabled || !scores) return;
    this.silence();
    this.busy = true;
    this.refresh();
    await this.answer(scores);
    this.busy = false;
    if (this.node.isConnected) this.next.disabled = false; // it was not taken: once more
  }

  /**
   * Letters play, numbers choose, Enter goes on.
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const player = this.players[this.names.indexOf(event.key.toUpperCase())];
    if (player) this.toggle(player);
    else if (/^[1-9]$/.test(event.key)) this.scale.choose(Number(event.key));
    else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) void this.finish();
    else return;
    event.preventDefault();
  }
}
