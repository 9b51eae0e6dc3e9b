// @ts-check
// The head of the page: the name, the place of the pill that tells of the server, light or dark.

import { element, find } from "./dom.js";
import { lasting } from "./storage.js";

/** @typedef {import("./words.js").Words} Words */

export const SVG = "http://www.w3.org/2000/svg";
const THEME = "polyphone.theme";

/** The theme that the visitor has chosen before. */
export function recallTheme() {
  const theme = lasting.get(THEME);
  if (theme) document.body.classList.toggle("dark", theme === "dark");
}

/**
 * @param {Words} words
 * @param {() => void} flipped is called after a change between light and dark
 */
export function drawHeader(words, flipped) {
  const flip = () => {
    const dark = document.body.classList.toggle("dark");
    lasting.set(THEME, dark ? "dark" : "light");
    flipped();
  };
  const dark = element("button", { type: "button", id: "studio-theme", "aria-label": words.theme, title: words.theme, onclick: flip }, "◐");
  find("#studio-header").replaceChildren(
    element("div", { class: "brand" }, mark(), element("h1", {}, "Polyphone"), element("p", {}, words.tagline)),
    element("div", { class: "corner" }, element("span", { id: "studio-pill", role: "status" }), dark),
  );
}

/** Three voices that begin in one place. */
function mark() {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 48 32");
  drawing.setAttribute("aria-hidden", "true");
  for (const [index, height] of [13, 8.5, 4].entries()) {
    const voice = document.createElementNS(SVG, "path");
    voice.setAttribute("d", `M2 16 C 9 16 9 ${16 - height} 16 ${16 - height} S 25 ${16 + height} 32 ${16 + height} S 39 16 46 16`);
    voice.setAttribute("class", `voice-${index}`);
    drawing.append(voice);
  }
  return drawing;
}
