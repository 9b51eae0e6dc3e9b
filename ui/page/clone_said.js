// @ts-check
// What a person knows of the recording: its language, what is said in it, and that the speaker has agreed.

import { complaint, send } from "./ask.js";
import { element, labelled, uniqueId } from "./dom.js";
import { languageName } from "./format.js";

/** @typedef {import("./words.js").Words} Words */

export class CloneSaid {
  /**
   * @param {Words} words
   * @param {object} acts
   * @param {() => Promise<Blob> | null} acts.sound what is to be heard; null, which is complained of, while there is none
   * @param {() => void} acts.typed
   * @param {() => void} acts.spoken another language is chosen
   */
  constructor(words, { sound, typed, spoken }) {
    this.words = words;
    this.sound = sound;
    this.typed = typed;
    this.listen = element("button", { type: "button", class: "tool", onclick: () => void this.transcribe() }, words.transcribe);
    this.heard = element("p", { class: "clone-hint", role: "status" });
    this.transcript = element("textarea", { rows: "3", oninput: typed });
    this.language = element("select", { onchange: spoken });
    this.consent = element("input", { type: "checkbox", id: uniqueId("studio-consent") });
    this.node = element(
      "section",
      { class: "clone-card" },
      element("h3", {}, words.clone_said),
      labelled(words.clone_language, this.language),
      labelled(words.transcript, this.transcript, words.transcript_how),
      element("div", { class: "voice-row" }, this.listen),
      this.heard,
      element("label", { class: "clone-consent", for: this.consent.id }, this.consent, element("span", {}, words.clone_consent)),
      element("small", { class: "clone-hint" }, words.clone_consent_how),
    );
  }

  /** Fills in what a recogniser hears, for a person to correct; it may take longer than they type. */
  async transcribe() {
    const { words, listen, heard, transcript } = this;
    const sound = this.sound();
    if (!sound) return;
    const before = transcript.value;
    listen.disabled = true;
    heard.textContent = words.checking;
    try {
      const query = new URLSearchParams({ language: this.language.value });
      /** @type {import("./wire_verdict.js").TranscriptFacts} */
      const { text } = await send(`studio/transcriptions?${query}`, await sound);
      heard.textContent = text ? words.transcribed : words.heard_none;
      if (!text || transcript.value !== before) return;
      transcript.value = text;
      transcript.focus();
      this.typed();
    } catch (error) {
      heard.textContent = complaint(error, words);
    } finally {
      listen.disabled = false;
    }
  }
}

/**
 * Languages to choose from; what was chosen stays, and the `likely` one is the first choice.
 * @param {HTMLSelectElement} select
 * @param {string[]} codes
 * @param {string} likely
 */
export function offerLanguages(select, codes, likely) {
  const chosen = [select.value, likely].find((code) => codes.includes(code)) ?? codes[0];
  select.replaceChildren(...codes.map((code) => element("option", { value: code }, languageName(code))));
  if (chosen) select.value = chosen;
}
