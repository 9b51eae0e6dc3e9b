// @ts-check
// The pages behind the tabs, each loaded when it is first asked for.

import { element } from "./dom.js";

/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./words.js").Words} Words */

/**
 * @typedef {object} TabPage
 * @property {() => void} open into its tab
 * @property {(systems: SystemFacts[]) => void} [show] hears of what the systems are now
 */

export class Pages {
  /**
   * @param {Words} words
   * @param {Record<string, () => Promise<TabPage>>} loads by the name of the tab
   */
  constructor(words, loads) {
    this.words = words;
    this.loads = loads;
    /** @type {Map<string, Promise<TabPage>>} */
    this.loaded = new Map();
  }

  /** @param {string} tab */
  async open(tab) {
    const load = this.loads[tab];
    if (!load) return;
    const page = this.loaded.get(tab) ?? load();
    this.loaded.set(tab, page);
    try {
      (await page).open();
    } catch {
      this.loaded.delete(tab);
      this.offerAgain(`#studio-${tab}`);
    }
  }

  /** @param {SystemFacts[]} systems */
  async show(systems) {
    for (const page of this.loaded.values()) (await page).show?.(systems);
  }

  /**
   * In place of a page, which could not be loaded. A server of another version needs all of it anew.
   * @param {string} place
   */
  offerAgain(place) {
    const again = element("button", { type: "button", class: "tool again", onclick: () => location.reload() }, this.words.try_again);
    document.querySelector(place)?.replaceChildren(element("p", { class: "status bad", role: "alert" }, this.words.offline, " ", again));
  }
}
