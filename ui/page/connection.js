// @ts-check
// The pill at the head of the page: how far the first model is, and whether the server is there at all. A server that
// does not answer is asked again, less and less often, until it does.

import { REACHED, reach, read, Refused } from "./ask.js";
import { find } from "./dom.js";
import { Elapsed } from "./elapsed.js";

/** @typedef {import("./wire.js").WarmUpStatus} WarmUpStatus */
/** @typedef {import("./wire.js").Told} Told */
/** @typedef {import("./words.js").Words} Words */

/**
 * @typedef {object} Pill
 * @property {WarmUpStatus["state"] | "lost"} state
 * @property {Told | string | null} label
 * @property {number | null} [done]
 * @property {number | null} [total]
 */

const LOADING_MS = 400;
const SETTLED_MS = 10_000; // while somebody looks; a page that nobody sees asks nothing
const FIRST_MS = 500; // after the first request that failed; then twice as long each time
const LONGEST_MS = 8_000;
const PATIENCE_MS = 20_000; // a machine with two cores that loads a model is slow to answer, and there all the same

export class Connection {
  /**
   * @param {Words} words
   * @param {() => void} back hears of it when a server answers that was gone
   */
  constructor(words, back) {
    this.words = words;
    this.back = back;
    this.pill = find("#studio-pill");
    this.clock = new Elapsed(words.seconds);
    this.lost = false;
    this.said = "";
    this.pause = FIRST_MS;
    this.wake = () => {};
    window.addEventListener(REACHED, (event) => {
      if (event instanceof CustomEvent) this.heard(event.detail);
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.wake();
    });
    window.addEventListener("online", () => this.wake());
  }

  /** @param {boolean} reached by some request of the page's */
  heard(reached) {
    if (reached === !this.lost) return;
    this.lost = !reached;
    this.pause = FIRST_MS;
    if (this.lost) this.show({ state: "lost", label: null });
    this.wake();
    if (!this.lost) this.back();
  }

  /** Never ends. */
  async follow() {
    for (;;) {
      const now = await this.ask();
      if (now) this.show(now);
      if (this.lost) await this.rest(this.pause);
      else if (document.hidden) await this.rest(null);
      else await this.rest(now?.state === "loading" ? LOADING_MS : SETTLED_MS);
      if (this.lost) this.pause = Math.min(LONGEST_MS, 2 * this.pause);
    }
  }

  /** @returns {Promise<Pill | null>} */
  async ask() {
    try {
      return await read(await reach("studio/status", { signal: AbortSignal.timeout(PATIENCE_MS) }));
    } catch (error) {
      return error instanceof Refused ? { state: "failed", label: error.problem } : null;
    }
  }

  /** @param {number | null} ms null waits for whoever wakes it */
  rest(ms) {
    return new Promise((resolve) => {
      this.wake = () => resolve(null);
      if (ms !== null) setTimeout(resolve, ms);
    });
  }

  /** @param {Pill} now */
  show({ state, label, done, total }) {
    const { words, pill } = this;
    const part = total ? ` ${Math.round((100 * (done ?? 0)) / total)} %` : "";
    const said = label ? words.told(label) : "";
    const texts = { ready: words.ready, loading: `${said || words.loading}${part}`, failed: said, idle: "", lost: words.lost };
    pill.dataset.state = state;
    if (state === "loading") this.clock.during(said);
    else this.clock.rest();
    // The clock ticks by itself: what is said anew is read aloud anew.
    if (this.said === texts[state]) return;
    this.said = texts[state];
    pill.replaceChildren(...(this.said ? [this.said, this.clock.node] : []));
  }
}
