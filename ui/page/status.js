// @ts-check
// The line that says how far something is, and what went wrong.

import { element } from "./dom.js";

export class Status {
  /** @param {string} id of the line */
  constructor(id = "") {
    this.line = element("div", { class: "status", role: "status", "aria-live": "polite", id: id || null });
    this.fill = element("i");
    this.bar = element("div", { class: "bar" }, this.fill);
    this.bar.hidden = true;
    this.node = element("div", { class: "now" }, this.line, this.bar);
  }

  /** @param {string} message */
  say(message) {
    this.line.className = "status";
    if (this.line.textContent !== message) this.line.textContent = message;
  }

  /**
   * @param {string} label
   * @param {number | null} fraction null while nobody knows
   */
  progress(label, fraction) {
    this.say(label);
    this.bar.hidden = false;
    this.bar.classList.toggle("unknown", fraction === null);
    this.fill.style.width = fraction === null ? "" : `${Math.round(100 * fraction)}%`;
  }

  /**
   * @param {string} message
   * @param {{label: string, act: () => void} | null} again how to try it once more, where that may help
   */
  complain(message, again = null) {
    this.line.className = "status bad";
    const button = again && element("button", { type: "button", class: "tool again", onclick: again.act }, again.label);
    this.line.replaceChildren(message, ...(button ? [" ", button] : []));
    this.line.scrollIntoView({ block: "nearest" });
  }

  /**
   * A complaint that is not true any more; how to try it again stays.
   * @param {string} complaint
   * @param {string} message
   */
  relent(complaint, message) {
    const said = this.line.firstChild;
    if (said?.textContent !== complaint) return;
    this.line.className = "status";
    said.textContent = message;
  }

  /** Nothing is being done any more. */
  rest() {
    this.bar.hidden = true;
  }
}
