// @ts-check
// What there is to say of the recording, in words; its repair by one click, and before and after to hear.

import { element, pills } from "./dom.js";

/** @typedef {import("./clone_prompt.js").ClonePrompt} ClonePrompt */
/** @typedef {import("./wire_clone.js").RecordingFinding} RecordingFinding */
/** @typedef {import("./words.js").Words} Words */

const GRADES = { good: "✓", fair: "!", poor: "✕" };

export class CloneCheck {
  /**
   * @param {Words} words
   * @param {ClonePrompt} prompt
   * @param {object} acts
   * @param {(button: HTMLButtonElement) => void} acts.mend
   * @param {() => void} acts.chosen another sound is used
   * @param {() => void} acts.before plays the part as it was recorded
   * @param {() => void} acts.sounds hears that the other one begins to play
   */
  constructor(words, prompt, { mend, chosen, before, sounds }) {
    this.words = words;
    this.prompt = prompt;
    this.chosen = chosen;
    this.list = element("ul", { class: "clone-findings" });
    /** @type {HTMLButtonElement} */
    this.mend = element("button", { type: "button", class: "tool primary", onclick: () => mend(this.mend) }, words.clone_mend);
    this.sound = element("audio", { preload: "metadata", class: "clone-after", onplay: sounds });
    this.after = element("button", { type: "button", class: "tool", onclick: () => this.playAfter() }, `▶ ${words.clone_after}`);
    const first = element("button", { type: "button", class: "tool", onclick: before }, `▶ ${words.clone_before}`);
    this.which = element("div");
    this.compare = element("div", { class: "clone-compare" }, element("div", { class: "voice-row" }, first, this.after), this.which, this.sound);
    /** @type {Blob | null} */
    this.shown = null;
    this.node = element("section", { class: "clone-card" }, element("h3", {}, words.clone_check), this.list, this.mend, this.compare);
    this.show();
  }

  show() {
    const { prompt, words } = this;
    const findings = prompt.told?.findings ?? [];
    this.node.hidden = !prompt.facts;
    this.list.replaceChildren(...findings.map((finding) => this.line(finding)));
    this.mend.hidden = prompt.mended !== null || !prompt.repairs.length;
    this.compare.hidden = prompt.mended === null;
    const blob = prompt.mended?.blob ?? null;
    if (blob === this.shown) return;
    if (this.sound.src) URL.revokeObjectURL(this.sound.src);
    this.shown = blob;
    if (!blob) return this.sound.removeAttribute("src");
    this.sound.src = URL.createObjectURL(blob);
    const entries = [
      { key: "before", label: words.clone_before },
      { key: "after", label: words.clone_after },
    ];
    this.which.replaceChildren(pills(words.clone_use_which, entries, "after", (key) => this.choose(key === "after")));
  }

  /** @param {RecordingFinding} finding */
  line({ name, grade, message, repair }) {
    const { words } = this;
    const said = { good: words.clone_grade_good, fair: words.clone_grade_fair, poor: words.clone_grade_poor }[grade];
    const mark = element("span", { class: "mark", role: "img", "aria-label": said, title: said }, GRADES[grade]);
    const mendable = repair ? [" ", element("small", {}, words.clone_mendable)] : [];
    return element("li", { "data-grade": grade, "data-name": name }, mark, element("span", {}, words.told(message), ...mendable));
  }

  /** @param {boolean} mended */
  choose(mended) {
    this.prompt.choose(mended);
    this.show();
    this.chosen();
  }

  playAfter() {
    this.sound.currentTime = 0;
    this.sound.play().catch(() => {});
  }
}
