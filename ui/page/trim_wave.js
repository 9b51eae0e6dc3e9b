// @ts-check
// A waveform with two handles, between which lies what is used. Each handle is a slider: drag it, or use the keys.

import { element } from "./dom.js";
import { Waveform } from "./waveform.js";

const STEP_S = 0.1;
const PAGE_S = 1;
const LEAST_PART_S = 0.5;

/** @typedef {"start" | "end"} Side */

export class TrimWave {
  /**
   * @param {object} labels
   * @param {string} labels.position
   * @param {string} labels.start
   * @param {string} labels.end
   * @param {string} labels.seconds the unit
   * @param {object} acts
   * @param {(second: number, play: boolean) => void} acts.seek
   * @param {() => void} acts.moved hears of every move of a handle
   */
  constructor(labels, { seek, moved }) {
    this.unit = labels.seconds;
    this.moved = moved;
    this.seconds = 0;
    this.start = 0;
    this.end = 0;
    this.most = Infinity;
    this.wave = new Waveform(labels.position, (place, play) => seek(place * this.seconds, play));
    this.before = element("i", { class: "trim-shade" });
    this.after = element("i", { class: "trim-shade" });
    this.handles = { start: this.handle("start", labels.start), end: this.handle("end", labels.end) };
    this.node = element("div", { class: "trim" }, this.wave.canvas, this.before, this.after, this.handles.start, this.handles.end);
  }

  /**
   * @param {Side} side
   * @param {string} label
   */
  handle(side, label) {
    const node = element("div", { class: `trim-handle ${side}`, role: "slider", tabindex: "0", "aria-label": label });
    node.addEventListener("pointerdown", (event) => {
      node.setPointerCapture(event.pointerId);
      node.focus();
      event.preventDefault();
    });
    node.addEventListener("pointermove", (event) => {
      if (!node.hasPointerCapture(event.pointerId)) return;
      const box = this.node.getBoundingClientRect();
      this.move(side, ((event.clientX - box.left) / box.width) * this.seconds);
    });
    node.addEventListener("keydown", (event) => this.key(side, event));
    return node;
  }

  /**
   * @param {Side} side
   * @param {KeyboardEvent} event
   */
  key(side, event) {
    const step = { ArrowLeft: -STEP_S, ArrowDown: -STEP_S, ArrowRight: STEP_S, ArrowUp: STEP_S, PageDown: -PAGE_S, PageUp: PAGE_S }[event.key];
    if (step) this.move(side, this[side] + step);
    else if (event.key === "Home") this.move(side, 0);
    else if (event.key === "End") this.move(side, this.seconds);
    else return;
    event.preventDefault();
  }

  /**
   * One handle pushes the other along where the part would be too long, and stops before it where too short.
   * @param {Side} side
   * @param {number} second
   */
  move(side, second) {
    const least = Math.min(LEAST_PART_S, this.seconds);
    if (side === "start") {
      this.start = Math.max(0, Math.min(second, this.end - least));
      this.end = Math.min(this.end, this.start + this.most);
    } else {
      this.end = Math.min(this.seconds, Math.max(second, this.start + least));
      this.start = Math.max(this.start, this.end - this.most);
    }
    this.draw();
    this.moved();
  }

  /**
   * @param {number[]} peaks in 0..1
   * @param {number} seconds
   * @param {number} start
   * @param {number} end
   * @param {number} most seconds between the handles
   */
  show(peaks, seconds, start, end, most) {
    Object.assign(this, { seconds, start, end, most });
    this.wave.show(peaks, seconds);
    this.draw();
  }

  draw() {
    const { seconds, start, end } = this;
    const percent = (/** @type {number} */ second) => `${seconds ? (100 * second) / seconds : 0}%`;
    this.handles.start.style.left = percent(start);
    this.handles.end.style.left = percent(end);
    this.before.style.cssText = `left: 0; width: ${percent(start)}`;
    this.after.style.cssText = `left: ${percent(end)}; right: 0`;
    const bounds = { start: [0, end], end: [start, seconds] };
    for (const side of /** @type {const} */ (["start", "end"])) {
      const handle = this.handles[side];
      const [least, most] = bounds[side];
      handle.setAttribute("aria-valuemin", least.toFixed(1));
      handle.setAttribute("aria-valuemax", most.toFixed(1));
      handle.setAttribute("aria-valuenow", this[side].toFixed(1));
      handle.setAttribute("aria-valuetext", `${this[side].toFixed(1)} ${this.unit}`);
    }
  }
}
