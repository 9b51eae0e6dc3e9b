// @ts-check
// What the visitor may do: the rest is not shown, and the owner can sign in.

import { element, find } from "./dom.js";

/** @typedef {import("./wire.js").RightsFacts} RightsFacts */
/** @typedef {import("./words.js").Words} Words */

/**
 * @param {Words} words
 * @param {RightsFacts} rights
 */
export function showRights(words, rights) {
  document.body.classList.toggle("studio-visitor", !rights.manage);
  const corner = find("#studio-header .corner");
  if (rights.sign_in) corner.prepend(element("a", { id: "studio-sign-in", class: "tool", href: "studio/sign-in" }, words.sign_in));
  if (!rights.sign_out) return;
  const leave = element("button", { type: "submit", class: "tool" }, words.sign_out);
  corner.prepend(element("form", { id: "studio-sign-out", method: "post", action: "studio/sign-out" }, leave));
}
