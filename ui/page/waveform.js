// @ts-check
// A waveform on a canvas that is also a slider: click, drag or use the arrow keys to go to a place in the sound.

import { clock } from "./format.js";

const BAR = 3;
const GAP = 2;

export class Waveform {
  /**
   * @param {string} label
   * @param {(place: number, play: boolean) => void} seek gets a fraction in 0..1, and whether to play from there: a key
   *   only moves, so that somebody who listens to a screen reader is not talked over
   */
  constructor(label, seek) {
    /** @type {number[]} */
    this.peaks = [];
    this.progress = 0;
    this.seconds = 0;
    this.seek = seek;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "wave";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "slider");
    this.canvas.setAttribute("aria-label", label);
    this.canvas.setAttribute("aria-valuemin", "0");
    this.canvas.addEventListener("pointerdown", (event) => this.drag(event));
    this.canvas.addEventListener("pointermove", (event) => event.buttons && this.drag(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const box = this.canvas.getBoundingClientRect();
    this.seek(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)), true);
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!this.seconds) return;
    if (step) this.seek(Math.min(1, Math.max(0, this.progress + step / this.seconds)), false);
    else if (event.key === "Home") this.seek(0, false);
    else if (event.key === "End") this.seek(1, false);
    else return;
    event.preventDefault();
  }

  /**
   * @param {number[]} peaks in 0..1
   * @param {number} seconds that they span
   */
  show(peaks, seconds) {
    this.peaks = peaks;
    this.seconds = seconds;
    this.canvas.setAttribute("aria-valuemax", seconds.toFixed(1));
    this.draw();
  }

  /** @param {number} progress in 0..1 */
  at(progress) {
    this.progress = progress;
    this.canvas.setAttribute("aria-valuenow", (progress * this.seconds).toFixed(1));
    this.canvas.setAttribute("aria-valuetext", clock(progress * this.seconds));
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const pen = this.canvas.getContext("2d");
    if (!width || !pen) return;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    pen.scale(scale, scale);
    const style = getComputedStyle(this.canvas);
    const [played, rest] = ["--wave-played", "--wave-rest"].map((name) => style.getPropertyValue(name));
    const bars = Math.floor(width / (BAR + GAP));
    for (let bar = 0; bar < bars; bar++) {
      const from = Math.floor((bar * this.peaks.length) / bars);
      const to = Math.max(from + 1, Math.floor(((bar + 1) * this.peaks.length) / bars));
      const peak = Math.max(0, ...this.peaks.slice(from, to));
      const tall = Math.max(2, Math.min(1, peak ** 0.8) * (height - 4));
      pen.fillStyle = (bar + 0.5) / bars <= this.progress ? played : rest;
      pen.beginPath();
      pen.roundRect(bar * (BAR + GAP), (height - tall) / 2, BAR, tall, BAR / 2);
      pen.fill();
    }
  }
}
