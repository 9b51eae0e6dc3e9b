// @ts-check
// What a machine makes of a take: what was heard of its text, marked in the text itself, what is measured in the sound,
// and the takes of which it is the best.

import { complaint, send } from "./ask.js";
import { element } from "./dom.js";

/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire_verdict.js").Comparison} Comparison */
/** @typedef {import("./wire_verdict.js").Mark} Mark */
/** @typedef {import("./wire_verdict.js").SoundFacts} SoundFacts */
/** @typedef {import("./wire_verdict.js").VerdictFacts} VerdictFacts */
/** @typedef {import("./words.js").Words} Words */

const CLIPPED = 1e-4; // less of it nobody hears

export class Verdict {
  /**
   * @param {Words} words
   * @param {Take} take
   */
  constructor(words, take) {
    this.words = words;
    this.take = take;
    this.button = element("button", { type: "button", class: "tool", onclick: () => void this.check() }, words.check_take);
    this.told = element("div", { class: "verdict-told", role: "status" });
    this.node = element("section", { class: "verdict", "aria-label": words.verdict }, ...tried(words, take), this.button, this.told);
  }

  async check() {
    const { words, take, button, told } = this;
    if (button.disabled) return;
    button.disabled = true;
    button.textContent = words.checking;
    this.node.setAttribute("aria-busy", "true");
    try {
      /** @type {VerdictFacts} */
      const verdict = await send(`studio/takes/${encodeURIComponent(take.id)}/verdict`, {});
      told.replaceChildren(...described(words, verdict, take.form.language));
    } catch (error) {
      told.replaceChildren(element("p", { class: "verdict-problem" }, complaint(error, words)));
    } finally {
      button.disabled = false;
      button.textContent = words.check_take;
      this.node.removeAttribute("aria-busy");
    }
  }
}

/**
 * @param {Words} words
 * @param {VerdictFacts} verdict
 * @param {string} language
 */
function described(words, { comparison, sound, naturalness, transcript }, language) {
  const text = element("p", { class: "verdict-text", lang: language || transcript.language, dir: "auto" }, ...comparison.marks.flatMap((mark) => marked(words, mark)));
  return [
    element("p", { class: "verdict-count", "data-errors": String(comparison.errors) }, counted(words, comparison, transcript.text)),
    ...(comparison.errors && transcript.text ? [text] : []),
    element("dl", {}, ...measured(words, sound, naturalness).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
  ];
}

/**
 * @param {Words} words
 * @param {Comparison} comparison
 * @param {string} heard
 */
function counted(words, { errors, total, by_character: byCharacter }, heard) {
  if (!heard) return words.heard_none;
  return errors ? `${errors} / ${total} ${byCharacter ? words.characters_wrong : words.words_wrong}` : words.heard_all;
}

/**
 * A stretch of the text; what is not seen of its kind is said to those who listen.
 * @param {Words} words
 * @param {Mark} mark
 * @returns {(string | HTMLElement)[]}
 */
function marked(words, { kind, text, heard }) {
  const said = (/** @type {string} */ word) => element("span", { class: "verdict-kind" }, ` (${word}) `);
  if (kind === "missing") return [element("del", { title: words.mark_missing }, text.trimEnd()), said(words.mark_missing), " "];
  if (kind === "added") return [element("ins", { title: words.mark_added }, heard), said(words.mark_added), " "];
  if (kind === "other") return [element("mark", { title: words.mark_other }, text.trimEnd()), element("span", { class: "verdict-heard" }, ` → ${heard} `)];
  return [text];
}

/**
 * @param {Words} words
 * @param {SoundFacts} sound
 * @param {number | null} naturalness
 * @returns {[string, string][]}
 */
function measured(words, sound, naturalness) {
  /** @type {[string, string][]} */
  const rows = [
    [words.speech_rate, `${sound.rate.toFixed(1)} ${words.syllables_a_second}`],
    [words.speech_level, `${sound.level_db.toFixed(0)} dB`],
    [words.silence_before, `${sound.lead_s.toFixed(2)} ${words.seconds}`],
    [words.silence_after, `${sound.tail_s.toFixed(2)} ${words.seconds}`],
  ];
  if (sound.clipped > CLIPPED) rows.push([words.clipped, `${(100 * sound.clipped).toFixed(2)} %`]);
  if (naturalness !== null) rows.push([words.naturalness, `${naturalness.toFixed(1)} / 5`]);
  return rows;
}

/**
 * The takes that were made, folded away.
 * @param {Words} words
 * @param {Take} take
 */
function tried(words, { tried: all }) {
  if (!all) return [];
  const rows = all.tries.map(({ seed, heard, errors, total }, index) =>
    element("li", index === all.kept ? { "aria-current": "true" } : {}, `${words.seed} ${seed} · ${errors} / ${total} · `, element("q", { dir: "auto" }, heard), index === all.kept ? ` (${words.kept_take})` : ""),
  );
  return [element("details", { class: "verdict-tries" }, element("summary", {}, `${words.best_of} ${all.tries.length}`), element("ol", {}, ...rows))];
}
