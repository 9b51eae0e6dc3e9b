// @ts-check
// What a person should know of a system before using it.

import { element, find } from "./dom.js";
import { languageName } from "./format.js";

/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./words.js").Words} Words */

/**
 * @param {HTMLElement} place
 * @param {SystemFacts} spec
 * @param {Words} words
 */
export function systemFacts(place, spec, words) {
  const about = [
    element("span", { class: "studio-state", "data-state": spec.state }, words[spec.state]),
    element("span", {}, spec.languages.map(languageName).join(", ")),
    element("span", {}, `${words.weights} ${words.text(spec.licences.weights)}`),
  ];
  const get = () => find("#studio-tab-models-button").click();
  if (!spec.models.length) about.push(element("button", { type: "button", class: "restore for-owner", onclick: get }, words.get_model));
  place.replaceChildren(element("p", {}, words.text(spec.summary)), element("div", {}, ...about));
}
