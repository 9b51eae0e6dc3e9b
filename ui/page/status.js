// @ts-check
// The line that says how far something is, and what went wrong.

import { element } from "./dom.js";
import { Elapsed } from "./elapsed.js";

/** @typedef {"" | "note" | "bad"} Weight what is to be read stays until it is dismissed */

export class Status {
  /**
   * @param {string} id of the line
   * @param {string} second the unit of the clock
   */
  constructor(id = "", second = "s") {
    this.line = element("div", { class: "status", role: "status", "aria-live": "polite", id: id || null });
    // Not in the line: a screen reader would say every number.
    this.share = element("span", { class: "share", "aria-hidden": "true" });
    this.acts = element("span", { class: "again-acts" });
    this.fill = element("i");
    this.bar = element("div", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.bar.hidden = true;
    this.clock = new Elapsed(second);
    this.node = element("div", { class: "now" }, this.line, this.clock.node, this.share, this.acts, this.bar);
    /** @type {Weight} */
    this.weight = "";
    /** Hears of everything that is said. */
    this.changed = () => {};
  }

  /** @param {string} message of passing interest */
  say(message) {
    this.clock.rest();
    this.put(message, "");
  }

  /** @param {string} message that should be read */
  note(message) {
    this.put(message, "note");
  }

  /**
   * @param {string} message of what went wrong
   * @param {{label: string, act: () => void} | null} again how to try it once more, where that may help
   */
  complain(message, again = null) {
    this.put(message, "bad");
    if (again) this.acts.append(element("button", { type: "button", class: "again", onclick: again.act }, again.label));
  }

  /**
   * @param {string} message
   * @param {Weight} weight
   */
  put(message, weight) {
    this.weight = weight;
    if (weight) this.clock.rest();
    this.line.className = `status ${weight}`.trim();
    this.acts.replaceChildren();
    if (this.line.textContent !== message) this.line.textContent = message;
    this.changed();
  }

  /**
   * @param {string} label
   * @param {number | null} fraction null while nobody knows
   */
  progress(label, fraction) {
    const percent = fraction === null ? null : Math.round(100 * fraction);
    this.bar.hidden = false;
    this.bar.setAttribute("aria-label", label);
    this.bar.classList.toggle("unknown", percent === null);
    if (percent === null) this.bar.removeAttribute("aria-valuenow");
    else this.bar.setAttribute("aria-valuenow", String(percent));
    this.fill.style.width = percent === null ? "" : `${percent}%`;
    this.share.textContent = percent === null ? "" : `${percent} %`;
    this.put(label, "");
    this.clock.during(label);
  }

  /**
   * A complaint that is not true any more; how to try it again stays.
   * @param {string} complaint
   * @param {string} message
   */
  relent(complaint, message) {
    if (this.line.textContent !== complaint) return;
    this.weight = "note";
    this.line.className = "status note";
    this.line.textContent = message;
    this.changed();
  }

  /** Nothing is being done any more. */
  rest() {
    this.clock.rest();
    this.bar.hidden = true;
    this.share.textContent = "";
    this.changed();
  }
}
