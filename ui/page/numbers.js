// @ts-check
// A number field that is left empty holds its default again. Gradio would take the least value.

import { type } from "./dom.js";

/** @typedef {import("./wire.js").SystemFacts} SystemFacts */

export const SEED = 42;

/** @param {() => SystemFacts[]} systems as they are now */
export function keepDefaults(systems) {
  // Before Gradio hears of it.
  document.addEventListener("blur", ({ target }) => refill(target, systems()), true);
}

/**
 * @param {EventTarget | null} field
 * @param {SystemFacts[]} systems
 */
function refill(field, systems) {
  if (!(field instanceof HTMLInputElement) || field.type !== "number" || field.value !== "") return;
  const number = defaultOf(field, systems);
  if (number !== undefined) type(field, String(number));
}

/**
 * @param {HTMLInputElement} field
 * @param {SystemFacts[]} systems
 */
function defaultOf(field, systems) {
  if (field.closest("#studio-seed")) return SEED;
  for (const { id, defaults } of systems) {
    const option = Object.keys(defaults).find((name) => field.closest(`#studio-${CSS.escape(id)}-${CSS.escape(name)}`));
    if (option) return defaults[option];
  }
  return undefined;
}
