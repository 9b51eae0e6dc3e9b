// @ts-check
// What Gradio draws, made fit: radios for the keyboard and for screen readers, names in the visitor's language.

import { find, findField, type } from "./dom.js";
import { languageName } from "./format.js";

/** @typedef {import("./words.js").Words} Words */

/**
 * Now, and whenever something that was folded away is drawn.
 * @param {Words} words
 * @param {() => void} again adds what Gradio does not draw
 */
export function keepRepaired(words, again) {
  // What Gradio has in English alone.
  const named = Object.entries({
    "number input for ": words.number_for,
    "range slider for ": words.slider_for,
    "Reset to default value": words.reset,
    "More tabs": words.more_tabs,
  }).filter(([english, word]) => english !== word);
  const repair = () => {
    for (const group of document.querySelectorAll("fieldset:not(.pills, [role])")) repairRadios(group, words);
    for (const [english, word] of named) {
      for (const part of document.querySelectorAll(`[aria-label^="${english}"]`)) rename(part, english, word);
    }
    again();
    for (const chip of document.querySelectorAll(".suggestion")) {
      const label = words.text(chip.textContent ?? "");
      if (label !== chip.textContent) chip.textContent = label;
    }
  };
  repair();
  new MutationObserver(repair).observe(find("#studio-compose"), { childList: true, subtree: true });
}

/**
 * @param {Element} part
 * @param {string} english how its name begins
 * @param {string} word
 */
const rename = (part, english, word) => part.setAttribute("aria-label", (part.getAttribute("aria-label") ?? "").replace(english, word));

/**
 * Gradio gives each radio of a group its own name; one name makes the arrow keys work, as everywhere else.
 * @param {Element} group
 * @param {Words} words
 */
function repairRadios(group, words) {
  const label = group.querySelector("[data-testid=block-info]");
  group.setAttribute("role", "radiogroup");
  if (label) group.setAttribute("aria-label", (label.textContent ?? "").trim());
  for (const radio of group.querySelectorAll("input")) {
    if (radio.type !== "radio") continue;
    radio.name = `studio-group-${group.id}`;
    const name = radio.nextElementSibling;
    if (!name || group.id === "studio-system") continue;
    name.textContent = group.id.endsWith("-language") ? languageName(radio.value) : words.text(name.textContent ?? "");
  }
}

/** A suggestion fills the field that it is for. Gradio draws some later, so the page listens for all of them. */
export function hearSuggestions() {
  document.addEventListener("click", ({ target }) => {
    const chip = target instanceof Element ? target.closest(".suggestion") : null;
    if (!(chip instanceof HTMLElement)) return;
    type(findField(`#${CSS.escape(chip.dataset.for ?? "")} :is(textarea, input)`), chip.dataset.text ?? "");
  });
}
