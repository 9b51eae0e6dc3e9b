// @ts-check
// The Clone page: from a recording to a voice in every system that clones.

import { complaint } from "./ask.js";
import { CloneCheck } from "./clone_check.js";
import { ClonePreview, cloning } from "./clone_preview.js";
import { ClonePrompt, MOST_PART_S } from "./clone_prompt.js";
import { CloneSaid, offerLanguages } from "./clone_said.js";
import { CloneSource } from "./clone_source.js";
import { CloneText } from "./clone_text.js";
import { CodecTool } from "./codec_tool.js";
import { ConvertTool } from "./convert_tool.js";
import { element } from "./dom.js";
import { stem } from "./uploads.js";

/** @typedef {import("./clone_preview.js").PreviewActs} PreviewActs */
/** @typedef {import("./clone_preview.js").Sample} Sample */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./words.js").Words} Words */

const SETTLED_MS = 350; // after a handle or a key has moved
const LONGEST_NAME = 40;

export class ClonePage {
  /**
   * @param {Words} words
   * @param {Pick<PreviewActs, "outputs" | "use" | "restore" | "refresh">} acts
   */
  constructor(words, acts) {
    this.words = words;
    this.acts = acts;
    this.prompt = new ClonePrompt();
    /** @type {Map<string, ClonePreview>} */
    this.previews = new Map();
    /** @type {SystemFacts[]} */
    this.systems = [];
    this.fresh = false; // a file that was not shown yet
    this.asking = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.waiting = undefined;
    this.said = element("p", { class: "voice-said clone-status", role: "status" });
    const sounds = () => this.silence();
    this.source = new CloneSource(words, {
      took: (file) => this.take(file),
      trimmed: () => this.trimmed(),
      say: (message, bad) => this.say(message, bad),
      sounds: () => (sounds(), this.check.sound.pause()),
    });
    this.check = new CloneCheck(words, this.prompt, {
      mend: (button) => void this.mend(button),
      chosen: () => this.soon(0),
      before: () => this.source.seek(this.source.trim.start, true),
      sounds: () => (sounds(), this.source.sound.pause()),
    });
    this.about = new CloneSaid(words, { sound: () => (this.prompt.facts ? this.prompt.sound() : this.lack(words.clone_recording_needed, this.source.input.button)), typed: () => this.soon(), spoken: () => (this.soon(), this.tellAccent()) });
    this.text = new CloneText(words, () => this.opening());
    this.grid = element("div", { class: "clone-grid" });
    this.all = element("button", { type: "button", class: "tool", onclick: () => void this.hearAll() }, words.clone_hear_all);
    const getModel = element("button", { type: "button", class: "tool for-owner", onclick: () => document.getElementById("studio-tab-models-button")?.click() }, words.get_model);
    this.none = element("p", { class: "clone-none" }, words.clone_none, " ", getModel);
    this.convert = new ConvertTool(words);
    this.codecs = new CodecTool(words, () => this.silence());
    const header = element("header", {}, element("h2", {}, words.clone_title), element("p", { class: "clone-hint" }, words.clone_how));
    this.root = element("div", { id: "studio-cloning" }, header, this.none, this.steps(), this.convert.node, this.codecs.node);
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation(); // it is not the Speak page that is meant
      void this.hearAll();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.root.offsetParent !== null) this.stop();
    });
  }

  steps() {
    const { words } = this;
    const row = element("div", { class: "voice-row" }, this.all);
    const previews = element("section", { class: "clone-card clone-previews" }, element("h3", {}, words.clone_preview), this.text.node, row, this.grid);
    return element("div", { class: "clone-steps" }, element("div", { class: "clone-column" }, this.source.node, this.said, this.check.node), this.about.node, previews);
  }

  /** @param {SystemFacts[]} systems as they are now */
  open(systems) {
    const place = document.querySelector("#studio-clone");
    if (!place?.contains(this.root)) place?.replaceChildren(this.root);
    this.show(systems);
  }

  /** @param {SystemFacts[]} systems */
  show(systems) {
    this.systems = systems.filter((spec) => cloning(spec).length);
    this.none.hidden = this.systems.length > 0;
    this.convert.show(systems);
    for (const spec of this.systems) {
      const known = this.previews.get(spec.id);
      if (known) known.show(spec);
      else this.previews.set(spec.id, new ClonePreview(this.words, spec, this.previewActs()));
    }
    const shown = this.systems.flatMap(({ id }) => this.previews.get(id)?.node ?? []);
    const same = shown.length === this.grid.childElementCount && shown.every((node, index) => node === this.grid.children[index]);
    if (!same) this.grid.replaceChildren(...shown); // what is put in anew loses the focus
    this.offer();
  }

  /** The languages that any of the systems speaks; the first is that of the page, where it is one of them. */
  offer() {
    const codes = [...new Set(this.systems.flatMap(({ languages }) => languages))];
    for (const select of [this.about.language, this.text.language]) offerLanguages(select, codes, this.words.locale);
    this.opening();
  }

  /** @returns {PreviewActs} */
  previewActs() {
    return {
      ...this.acts,
      sample: () => this.sample(),
      said: () => this.text.said,
      starts: (preview) => this.silence(preview),
    };
  }

  // -- the recording --

  /** @param {File} file */
  take(file) {
    this.prompt.take(file);
    this.fresh = true;
    this.check.show();
    this.soon(0);
  }

  trimmed() {
    const { start, end } = this.source.trim;
    this.prompt.trim(start, end);
    this.check.show();
    this.soon();
  }

  /** Has the recording looked at, once nothing changes any more. */
  soon(after = SETTLED_MS) {
    clearTimeout(this.waiting);
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    if (this.prompt.file) this.waiting = setTimeout(() => void this.look(signal), after);
  }

  /** @param {AbortSignal} signal */
  async look(signal) {
    this.check.node.setAttribute("aria-busy", "true");
    if (this.fresh) this.say(this.words.clone_checking);
    try {
      await this.prompt.check(this.about.transcript.value, this.about.language.value, signal);
      if (signal.aborted || !this.prompt.facts) return;
      if (this.fresh) {
        this.source.show(this.prompt.facts, MOST_PART_S);
        this.say("");
      }
      this.fresh = false;
      this.check.show();
    } catch (error) {
      if (!signal.aborted) this.say(complaint(error, this.words), true);
    } finally {
      if (!signal.aborted) this.check.node.removeAttribute("aria-busy");
    }
  }

  /** @param {HTMLButtonElement} button */
  async mend(button) {
    button.disabled = true;
    try {
      await this.prompt.mend();
      this.check.show();
      this.say(this.words.clone_repaired);
      this.check.after.focus();
      this.soon(0);
    } catch (error) {
      this.say(complaint(error, this.words), true);
    } finally {
      button.disabled = false;
    }
  }

  // -- the voices --

  /** @returns {Sample | null} */
  sample() {
    const { prompt, words } = this;
    const { file } = prompt;
    if (!file || !prompt.facts) return this.lack(words.clone_recording_needed, this.source.input.button);
    if (!this.about.consent.checked) return this.lack(words.clone_consent_needed, this.about.consent);
    this.say("");
    const [text, language] = [this.about.transcript.value.trim(), this.about.language.value];
    const name = stem(file.name).slice(0, LONGEST_NAME);
    return { key: JSON.stringify([prompt.version, text, language]), sound: () => prompt.sound(), name, text, language, consent: words.clone_consent };
  }

  /**
   * @param {string} message
   * @param {HTMLElement} where
   */
  lack(message, where) {
    this.say(message, true);
    where.focus();
    return null;
  }

  /** A text to hear, in the chosen language. */
  opening() {
    this.text.open(this.systems);
    this.tellAccent();
  }

  tellAccent() {
    this.text.tell(this.about.language.value);
    for (const preview of this.previews.values()) preview.draw();
  }

  async hearAll() {
    for (const { id } of this.systems) {
      if (!this.sample()) return;
      await this.previews.get(id)?.speak();
    }
  }

  /** @param {ClonePreview | null} except */
  silence(except = null) {
    if (except) for (const sound of [this.source.sound, this.check.sound]) sound.pause();
    for (const preview of this.previews.values()) {
      if (preview === except) continue;
      preview.player.stop();
      preview.takes.silence(null);
    }
  }

  stop() {
    this.source.input.stop();
    this.convert.stop();
    this.codecs.stop();
    for (const sound of [this.source.sound, this.check.sound]) sound.pause();
    this.silence();
  }

  /** @param {string} message */
  say(message, bad = false) {
    this.said.classList.toggle("bad", bad);
    this.said.textContent = message;
  }
}
