// @ts-check
// The page of somebody who was sent the link of a listening test, under an address of its own: what is asked, one trial
// after another, thanks. Who comes back with the same browser goes on where they left.

import { complaint, get, Refused, send } from "./ask.js";
import { element, find } from "./dom.js";
import { recallTheme } from "./header.js";
import { question } from "./scales.js";
import { lasting } from "./storage.js";
import { Trial } from "./trial.js";
import { loadWords, preferred } from "./words.js";

/** @typedef {import("./wire_listening.js").AboutTest} AboutTest */
/** @typedef {import("./wire_listening.js").NextTrial} NextTrial */
/** @typedef {import("./wire_listening.js").SittingFacts} SittingFacts */
/** @typedef {import("./words.js").Words} Words */

const MISSING = 404;
const TAKEN = 409;

class ListenerPage {
  /**
   * @param {Words} words
   * @param {HTMLElement} root
   * @param {string} link
   */
  constructor(words, root, link) {
    this.words = words;
    this.root = root;
    this.url = `studio/listen/${encodeURIComponent(link)}`;
    this.kept = `polyphone.listener.${link}`;
    /** @type {AboutTest | null} */
    this.about = null;
    /** @type {Trial | null} */
    this.trial = null;
    this.problem = element("p", { class: "judge-problem", role: "alert" });
    document.addEventListener("keydown", (event) => this.trial?.key(event));
  }

  /** The address of what is this listener's; "" before there is one. */
  get mine() {
    const who = lasting.get(this.kept);
    return who ? `${this.url}/${encodeURIComponent(who)}` : "";
  }

  async open() {
    try {
      /** @type {AboutTest} */
      const about = await get(this.url);
      this.about = about;
      document.title = about.title;
      const sitting = await this.sitting();
      if (sitting) this.show(about, sitting);
      else this.greet(about);
    } catch (error) {
      this.draw(element("p", { role: "alert" }, error instanceof Refused && error.status === MISSING ? this.words.listen_gone : complaint(error, this.words)));
    }
  }

  /** @returns {Promise<SittingFacts | null>} null for who is new here */
  async sitting() {
    if (!this.mine) return null;
    try {
      return await get(this.mine);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== MISSING) throw error;
      lasting.set(this.kept, "");
      return null;
    }
  }

  /** @param {AboutTest} about */
  greet(about) {
    const { words } = this;
    const begin = element("button", { type: "button", class: "tool primary judge-next", onclick: () => void this.begin(about) }, words.listen_begin);
    this.draw(
      element("h1", {}, about.title),
      element("p", {}, words.listen_how),
      element("p", {}, question(words, about.kind), ` ${words.test_trials}${words.colon}${about.trials}`),
      begin,
      this.problem,
    );
    begin.focus();
  }

  /** @param {AboutTest} about */
  async begin(about) {
    try {
      /** @type {{listener: string}} */
      const { listener } = await send(this.url, {});
      lasting.set(this.kept, listener);
      this.show(about, await get(this.mine));
    } catch (error) {
      this.complain(error);
    }
  }

  /**
   * @param {AboutTest} about
   * @param {SittingFacts} sitting
   */
  show(about, { answered, trials, next }) {
    const { words } = this;
    this.problem.textContent = "";
    const progress = element("progress", { max: trials, value: answered, "aria-label": words.listen_progress });
    if (!next) {
      this.trial = null;
      return this.draw(element("h1", {}, about.title), progress, element("p", { role: "status" }, words.listen_thanks));
    }
    const { place, sounds } = next;
    const files = Array.from({ length: sounds }, (_, slot) => `${this.mine}/${place}/${slot}.flac`);
    this.trial = new Trial(words, about.kind, files, (scores) => this.answer(about, place, scores));
    const title = element("h1", { tabindex: -1 }, `${about.title} · ${answered + 1} / ${trials}`);
    this.draw(title, progress, this.trial.node, this.problem);
    title.focus(); // so that it is read aloud, and Tab leads to the sounds
  }

  /**
   * @param {AboutTest} about
   * @param {number} place
   * @param {number[]} scores
   */
  async answer(about, place, scores) {
    try {
      this.show(about, await send(this.mine, { place, scores }));
    } catch (error) {
      // Another window was faster: go on where that one is.
      if (error instanceof Refused && error.status === TAKEN) return this.open();
      this.complain(error);
    }
  }

  /** @param {unknown} error */
  complain(error) {
    this.problem.textContent = complaint(error, this.words);
  }

  /** @param {...HTMLElement} parts */
  draw(...parts) {
    this.root.replaceChildren(...parts);
  }
}

const root = find("#listener");
document.body.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);
recallTheme();
const words = await loadWords(preferred((root.dataset.languages ?? "en").split(" ")), root.dataset.base ?? "");
document.documentElement.lang = words.locale;
await new ListenerPage(words, root, decodeURIComponent(location.pathname.split("/").pop() ?? "")).open();
document.body.classList.add("studio-ready");
