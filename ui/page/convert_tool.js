// @ts-check
// A recording of one speaker of a model, said by another of its speakers.

import { complaint, post, read } from "./ask.js";
import { element, labelled } from "./dom.js";
import { SoundInput } from "./sound_input.js";
import { stem } from "./uploads.js";

/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire_systems.js").ModelFacts} ModelFacts */
/** @typedef {import("./words.js").Words} Words */

export class ConvertTool {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    /** @type {File | null} */
    this.file = null;
    /** @type {Map<string, {system: string, model: ModelFacts}>} What can convert, by what the choice of it says. */
    this.models = new Map();
    this.asking = new AbortController();
    this.input = new SoundInput(words, { took: (file) => this.take(file), say: (message, bad) => this.say(message, bad), began: () => this.pause() });
    this.which = element("select", { onchange: () => this.offer() });
    this.from = element("select", { onchange: () => this.forget() });
    this.to = element("select", { onchange: () => this.forget() });
    /** @type {HTMLButtonElement} */
    this.button = element("button", { type: "button", class: "tool primary", onclick: () => void this.convert() }, words.convert);
    this.said = element("p", { class: "voice-said convert-said", role: "status" });
    this.before = element("audio", { controls: "", preload: "metadata", "aria-label": words.convert_before });
    this.after = element("audio", { controls: "", preload: "metadata", "aria-label": words.convert_after });
    this.save = element("a", { class: "tool", download: "" }, words.download);
    this.source = element("div", { class: "convert-sound" }, element("span", {}, words.convert_before), this.before);
    this.result = element("div", { class: "convert-sound" }, element("span", {}, words.convert_after), this.after, this.save);
    this.model = labelled(words.model, this.which);
    const voices = element("div", { class: "voice-pair" }, labelled(words.convert_from, this.from), labelled(words.convert_to, this.to));
    this.node = element(
      "section",
      { class: "clone-card clone-convert" },
      element("h3", {}, words.convert_title),
      element("p", { class: "clone-hint" }, this.input.hint(words.convert_how)),
      this.input.node,
      this.source,
      this.model,
      voices,
      this.button,
      this.said,
      this.result,
    );
    this.input.hearDrops(this.node);
    for (const part of [this.node, this.source, this.result]) part.hidden = true;
  }

  /** @param {SystemFacts[]} systems as they are now */
  show(systems) {
    const found = systems.flatMap(({ id, models }) => models.filter((model) => model.converts).map((model) => ({ system: id, model })));
    const names = found.map(({ system, model }) => `${system}/${model.name}`);
    this.node.hidden = found.length === 0;
    if (names.join() === [...this.models.keys()].join()) return; // what is put in anew loses the choice
    this.models = new Map(found.map((each, index) => [names[index] ?? "", each]));
    this.which.replaceChildren(...names.map((name, index) => element("option", { value: name }, found[index]?.model.title ?? name)));
    this.model.hidden = found.length < 2;
    this.offer();
  }

  /** The speakers of the chosen model; at first another than the one in the recording. */
  offer() {
    const { labels = {}, voices = [] } = this.models.get(this.which.value)?.model ?? {};
    for (const select of [this.from, this.to]) {
      select.replaceChildren(...voices.map((name) => element("option", { value: name }, labels[name] ? this.words.told(labels[name]) : name)));
    }
    this.to.selectedIndex = Math.min(1, voices.length - 1);
    this.forget();
  }

  /** @param {File} file */
  take(file) {
    this.file = file;
    show(this.before, file);
    this.source.hidden = false;
    this.forget();
    this.say("");
    this.button.focus();
  }

  /** What was made belongs to other choices. */
  forget() {
    this.asking.abort();
    this.after.pause();
    this.result.hidden = true;
  }

  async convert() {
    const { file, words } = this;
    const chosen = this.models.get(this.which.value);
    if (!chosen) return;
    if (!file) {
      this.say(words.clone_recording_needed, true);
      return this.input.button.focus();
    }
    this.forget();
    const { signal } = (this.asking = new AbortController());
    const { value: source } = this.from;
    const { value: target } = this.to;
    const query = new URLSearchParams({ source, target, model: chosen.model.name });
    this.button.disabled = true;
    this.say(words.converting);
    try {
      const answer = await post(`studio/conversions/${encodeURIComponent(chosen.system)}?${query}`, file, signal);
      if (!answer.ok) await read(answer);
      this.save.href = show(this.after, await answer.blob());
      this.save.download = `${stem(file.name)} - ${target}.wav`;
      this.result.hidden = false;
      this.say("");
      this.before.pause();
      this.after.play().catch(() => {});
    } catch (error) {
      this.say(signal.aborted ? "" : complaint(error, words), true);
    } finally {
      this.button.disabled = false;
    }
  }

  pause() {
    for (const sound of [this.before, this.after]) sound.pause();
  }

  /** Ends what goes on here: a recording, the work, what sounds. */
  stop() {
    this.input.stop();
    this.asking.abort();
    this.pause();
  }

  /** @param {string} message */
  say(message, bad = false) {
    this.said.classList.toggle("bad", bad);
    this.said.textContent = message;
  }
}

/**
 * A sound in its player, in place of the last one; returns its address.
 * @param {HTMLAudioElement} player
 * @param {Blob} sound
 */
function show(player, sound) {
  if (player.src) URL.revokeObjectURL(player.src);
  player.src = URL.createObjectURL(sound);
  return player.src;
}
