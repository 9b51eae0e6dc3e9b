// @ts-check
// What a person knows of the recording: its language, what is said in it, and that the speaker has agreed.

import { element, labelled, uniqueId } from "./dom.js";
import { languageName } from "./format.js";

/** @typedef {import("./words.js").Words} Words */

export class CloneSaid {
  /**
   * @param {Words} words
   * @param {object} acts
   * @param {() => void} acts.typed
   * @param {() => void} acts.spoken another language is chosen
   */
  constructor(words, { typed, spoken }) {
    this.transcript = element("textarea", { rows: "3", oninput: typed });
    this.language = element("select", { onchange: spoken });
    this.consent = element("input", { type: "checkbox", id: uniqueId("studio-consent") });
    this.node = element(
      "section",
      { class: "clone-card" },
      element("h3", {}, words.clone_said),
      labelled(words.clone_language, this.language),
      labelled(words.transcript, this.transcript, words.transcript_how),
      element("label", { class: "clone-consent", for: this.consent.id }, this.consent, element("span", {}, words.clone_consent)),
      element("small", { class: "clone-hint" }, words.clone_consent_how),
    );
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
