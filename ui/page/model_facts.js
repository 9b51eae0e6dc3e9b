// @ts-check
// What is known of a checkpoint, in words.

import { element } from "./dom.js";
import { bytes, languageName, moment } from "./format.js";

/** @typedef {import("./wire_library.js").CardFacts} CardFacts */
/** @typedef {import("./wire_library.js").Loaded} Loaded */
/** @typedef {import("./words.js").Words} Words */

/**
 * How large it is, what it speaks, when it was used, where it is in memory.
 * @param {Words} words
 * @param {CardFacts} card
 * @param {Loaded | undefined} loaded
 */
export function about(words, card, loaded) {
  const size = card.state === "ready" ? bytes(card.on_disk) : card.size ? `${card.exact ? "" : "≈ "}${bytes(card.size)}` : "";
  return [
    size,
    card.languages.map(languageName).join(", "),
    card.last_used ? `${words.last_used} ${moment(card.last_used)}` : "",
    loaded ? `${words.memory} · ${loaded.device} · ${loaded.dtype}` : "",
  ].filter(Boolean);
}

/** @param {string} source */
export const link = (source) => element("a", { href: source, target: "_blank", rel: "noreferrer noopener" }, source.replace(/^https:\/\//, ""));
