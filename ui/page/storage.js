// @ts-check
// What the browser remembers for us. Everything goes through here: where a browser keeps nothing for a site (private
// windows, blocked cookies, frames of another site) even looking at its storage is an error, and a full one throws.

class Memory {
  /** @param {() => Storage} area may throw, as each act on it may */
  constructor(area) {
    this.area = area;
    /** @type {Map<string, string>} What the browser did not take; it lasts as long as the page. */
    this.refused = new Map();
  }

  /**
   * @param {string} key
   * @returns {string | null}
   */
  get(key) {
    const refused = this.refused.get(key);
    if (refused !== undefined) return refused;
    try {
      return this.area().getItem(key);
    } catch {
      return null;
    }
  }

  /**
   * Never fails: what is being done is not undone by a browser that will not remember it.
   * @param {string} key
   * @param {string} text
   */
  set(key, text) {
    try {
      this.area().setItem(key, text);
      this.refused.delete(key);
    } catch {
      this.refused.set(key, text);
    }
  }

  /**
   * What `keep` was given; undefined where there is nothing, or something that is not ours.
   * @param {string} key
   * @returns {any}
   */
  recall(key) {
    try {
      return JSON.parse(this.get(key) ?? "");
    } catch {
      return undefined;
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value plain data
   */
  keep(key, value) {
    this.set(key, JSON.stringify(value));
  }
}

/** For every visit with this browser. */
export const lasting = new Memory(() => localStorage);

/** For this tab of the browser, over a reload. */
export const ofThisTab = new Memory(() => sessionStorage);
