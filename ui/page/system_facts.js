// @ts-check
// What a person should know of the chosen system before using it, and what each is good for.

import { element, find } from "./dom.js";
import { languageName } from "./format.js";
import { LicenceBadge } from "./licence_badge.js";

/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire_systems.js").ModelFacts} ModelFacts */
/** @typedef {import("./words.js").Words} Words */

export class FactsLine {
  /**
   * @param {HTMLElement} place
   * @param {Words} words
   */
  constructor(place, words) {
    this.place = place;
    this.words = words;
    this.licence = new LicenceBadge(words);
  }

  /**
   * @param {SystemFacts} spec
   * @param {ModelFacts | null} model that is chosen
   */
  show(spec, model) {
    const { words } = this;
    this.licence.show(model?.terms, spec.licences, model?.source);
    const get = () => find("#studio-tab-models-button").click();
    this.place.replaceChildren(
      element("span", { class: "studio-state", "data-state": spec.state }, words[spec.state]),
      element("span", {}, (model?.languages ?? spec.languages).map(languageName).join(", ")),
      this.licence.node,
      ...(model ? [] : [element("button", { type: "button", class: "restore for-owner", onclick: get }, words.get_model)]),
    );
  }
}

/**
 * Under the name of each system what it is good for; Gradio draws the names alone, and draws them anew.
 * @param {SystemFacts[]} systems
 * @param {Words} words
 */
export function showPurposes(systems, words) {
  for (const spec of systems) {
    const name = find(`#studio-system input[value="${CSS.escape(spec.id)}"]`).nextElementSibling;
    if (!name || name.querySelector("small")) continue;
    name.append(element("small", {}, words.text(spec.purpose)));
  }
}
