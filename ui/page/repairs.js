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
  const repair = () => {
    document.querySelectorAll("fieldset:not(.pills, [role])").forEach(repairRadios);
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
 * Gradio gives each radio of a group its own name; one name makes the arrow keys work, as everywhere else.
 * @param {Element} group
 */
function repairRadios(group) {
  const label = group.querySelector("[data-testid=block-info]");
  group.setAttribute("role", "radiogroup");
  if (label) group.setAttribute("aria-label", (label.textContent ?? "").trim());
  for (const radio of group.querySelectorAll("input")) {
    if (radio.type !== "radio") continue;
    radio.name = `studio-group-${group.id}`;
    const name = radio.nextElementSibling;
    if (name && group.id.endsWith("-language")) name.textContent = languageName(radio.value);
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
