// @ts-check
// How long a stage has been going on, in seconds that tick. Not read aloud: the stage itself is.

import { element } from "./dom.js";

const SHOWN_FROM_S = 2; // a shorter stage needs no clock
const ELAPSED_TICK_MS = 250;

export class Elapsed {
  /** @param {string} second the unit, such as "s" */
  constructor(second) {
    this.second = second;
    this.node = element("span", { class: "elapsed", "aria-hidden": "true" });
    this.stage = "";
    this.began = 0;
    this.timer = 0;
  }

  /** @param {string} stage counts anew when it is another */
  during(stage) {
    if (this.timer && stage === this.stage) return;
    this.rest();
    this.stage = stage;
    this.began = performance.now();
    this.timer = setInterval(() => this.tick(), ELAPSED_TICK_MS);
  }

  /** Nothing is going on. */
  rest() {
    clearInterval(this.timer);
    this.timer = 0;
    this.node.textContent = "";
  }

  tick() {
    const seconds = Math.floor((performance.now() - this.began) / 1000);
    if (seconds >= SHOWN_FROM_S) this.node.textContent = `${seconds} ${this.second}`;
  }
}
