// @ts-check
// The files of a take. Some are encoded after it is done: the buttons show how far they are, and none of them blocks.

import { get, read, Refused } from "./ask.js";
import { element } from "./dom.js";

/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {Take["encoded"][string]} Encoded */

const SOON_MS = 300;
const LATER_MS = 5000;

export class Downloads {
  /**
   * @param {Words} words
   * @param {Take} take
   * @param {(error: unknown) => void} complain
   */
  constructor(words, take, complain) {
    this.words = words;
    this.take = take;
    this.complain = complain;
    /** @type {Map<string, HTMLAnchorElement>} */
    this.links = new Map();
    const kinds = { wav: words.lossless, flac: words.lossless, mp3: words.compressed, opus: words.compressed };
    for (const [ending, kind] of Object.entries(kinds)) this.links.set(ending, this.link(ending, kind));
    this.node = element("div", { class: "downloads", role: "group", "aria-label": words.download }, ...this.links.values());
    this.show(take.encoded);
    this.follow();
  }

  /**
   * @param {string} ending
   * @param {string} kind
   */
  link(ending, kind) {
    const href = `${this.take.files[ending]}?download`;
    /** @type {HTMLAnchorElement} */
    const made = element("a", { class: `download ${ending}`, href, download: "", "data-kind": kind }, ending.toUpperCase());
    made.addEventListener("click", (event) => {
      if (made.dataset.state === "ready") return;
      event.preventDefault();
      if (!made.hasAttribute("aria-busy")) this.fetch(made);
    });
    return made;
  }

  /** @param {Record<string, Encoded>} encoded */
  show(encoded) {
    for (const [ending, link] of this.links) if (!link.hasAttribute("aria-busy")) this.mark(link, encoded[ending]);
  }

  /**
   * @param {HTMLAnchorElement} link
   * @param {Encoded} state
   */
  mark(link, state) {
    const { words } = this;
    const kind = link.dataset.kind ?? "";
    const told = { encoding: words.encoding, ready: "", failed: words.not_encoded }[state];
    link.dataset.state = state;
    link.title = told || kind;
    link.setAttribute("aria-label", `${words.download} ${link.textContent} (${told ? `${kind}, ${told}` : kind})`);
  }

  /** Until there is nothing to wait for, or nobody who waits. */
  async follow() {
    for (let wait = SOON_MS; this.waiting; wait = Math.min(LATER_MS, 1.5 * wait)) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (!this.node.isConnected) return;
      try {
        /** @type {Take} */
        const { encoded } = await get(`studio/takes/${encodeURIComponent(this.take.id)}.json`);
        this.show(encoded);
      } catch (error) {
        if (error instanceof Refused) return; // the take is gone; whoever asks for its files is told so
      }
    }
  }

  get waiting() {
    return [...this.links.values()].some((link) => link.dataset.state === "encoding");
  }

  /**
   * Somebody wants it now: the server makes it before others, and the download begins when it is there.
   * @param {HTMLAnchorElement} link
   */
  async fetch(link) {
    link.setAttribute("aria-busy", "true");
    this.mark(link, "encoding");
    try {
      const answer = await fetch(link.href, { method: "HEAD" });
      if (!answer.ok) await read(await fetch(link.href));
      this.mark(link, "ready");
      link.click();
    } catch (error) {
      this.mark(link, "failed");
      this.complain(error);
    } finally {
      link.removeAttribute("aria-busy");
    }
  }
}
