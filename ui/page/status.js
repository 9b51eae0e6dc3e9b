// @ts-check
// The line that says how far something is, and what went wrong.

import { element } from "./dom.js";
import { Elapsed } from "./elapsed.js";

export class Status {
  /**
   * @param {string} id of the line
   * @param {string} second the unit of the clock
   */
  constructor(id = "", second = "s") {
    this.line = element("div", { class: "status", role: "status", "aria-live": "polite", id: id || null });
    this.fill = element("i");
    this.bar = element("div", { class: "bar" }, this.fill);
    this.bar.hidden = true;
    this.clock = new Elapsed(second);
    this.node = element("div", { class: "now" }, element("div", { class: "stage" }, this.line, this.clock.node), this.bar);
  }

  /** @param {string} message */
  say(message) {
    this.clock.rest();
    this.write(message);
  }

  /** @param {string} message */
  write(message) {
    this.line.className = "status";
    if (this.line.textContent !== message) this.line.textContent = message;
  }

  /**
   * @param {string} label
   * @param {number | null} fraction null while nobody knows
   */
  progress(label, fraction) {
    this.write(label);
    this.clock.during(label);
    this.bar.hidden = false;
    this.bar.classList.toggle("unknown", fraction === null);
    this.fill.style.width = fraction === null ? "" : `${Math.round(100 * fraction)}%`;
  }

  /** @param {string} message */
  complain(message) {
    this.clock.rest();
    this.line.className = "status bad";
    this.line.textContent = message;
    this.line.scrollIntoView({ block: "nearest" });
  }

  /** Nothing is being done any more. */
  rest() {
    this.clock.rest();
    this.bar.hidden = true;
  }
}
