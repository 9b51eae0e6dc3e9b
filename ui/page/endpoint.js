// @ts-check
// Speaks through Gradio's named endpoint, which answers with a finished sound: in browsers without WebAudio, and on hosts
// that know their visitors by Gradio's calls alone.

import { complaint, get } from "./ask.js";
import { find } from "./dom.js";

/** @typedef {import("./status.js").Status} Status */
/** @typedef {import("./takes.js").TakeList} TakeList */
/** @typedef {import("./wire.js").FieldValue} FieldValue */
/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./words.js").Words} Words */

const TAKE = /\/studio\/takes\/([\w-]+)\.\w+$/;

export class Endpoint {
  /**
   * @param {object} parts
   * @param {Words} parts.words
   * @param {TakeList} parts.takes where results go
   * @param {Status} parts.status
   * @param {(endpoint: Endpoint) => void} parts.changed after each change of `busy`
   */
  constructor({ words, takes, status, changed }) {
    this.words = words;
    this.takes = takes;
    this.status = status;
    this.changed = changed;
    /** @type {Wanted | null} What it is asked for now. */
    this.wanted = null;
    this.last = ""; // what it has answered
    this.sounding = false; // a take sounds by itself
  }

  get busy() {
    return this.wanted !== null;
  }

  /** @param {Wanted} wanted */
  speak(wanted) {
    this.stop();
    this.takes.silence(null);
    this.wanted = wanted;
    this.status.progress(this.words.starting, null);
    this.changed(this);
    find("#studio-endpoint").click();
  }

  /** Gradio ends the call, and the server with it. */
  stop() {
    if (!this.busy) return;
    find("#studio-endpoint-stop").click();
    this.rest();
    this.status.say(this.words.silenced);
  }

  /**
   * What Gradio sends, in the order of the endpoint's arguments.
   * @returns {FieldValue[]}
   */
  asked() {
    if (!this.wanted) return [];
    const { text, system, voice, language, seed, options, model, made = "" } = this.wanted;
    return [text, system, voice, language, seed, JSON.stringify(options), model, made];
  }

  /**
   * The call is over. What went wrong Gradio has said itself; the sound is then the one before.
   * @param {{url?: string} | null} sound
   */
  async answered(sound) {
    const { wanted } = this;
    const id = TAKE.exec(sound?.url ?? "")?.[1] ?? "";
    if (!wanted) return;
    this.rest();
    if (!id || id === this.last) return;
    this.last = id;
    try {
      /** @type {Take} */
      const take = await get(`studio/takes/${id}.json`);
      const card = this.takes.add(wanted);
      this.takes.finish(card, take, null);
      card.toggle();
      const notices = (take.notices ?? []).map((notice) => this.words.told(notice));
      if (notices.length) this.status.note([this.words.done, ...notices].join(" · "));
      else this.status.say(this.words.done);
    } catch (error) {
      this.status.complain(complaint(error, this.words));
    }
  }

  rest() {
    this.wanted = null;
    this.status.rest();
    this.changed(this);
  }
}
