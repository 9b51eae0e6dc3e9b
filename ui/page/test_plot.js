// @ts-check
// A mean and its interval on the scale of the test, drawn beside the numbers, which say the same.

import { SVG } from "./header.js";

/** @typedef {import("./wire_listening.js").MeanFacts} MeanFacts */

const WIDTH = 160;
const HEIGHT = 20;
const EDGE = 6; // so that a dot at the end of the scale is whole

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/**
 * The middle of the scale is marked: on that of a pair nobody is better there.
 * @param {MeanFacts} facts
 * @param {[number, number]} bounds what the mean lies between
 */
export function drawn({ mean, low, high }, [least, most]) {
  const at = (/** @type {number} */ value) => EDGE + ((value - least) / (most - least)) * (WIDTH - 2 * EDGE);
  const middle = HEIGHT / 2;
  const drawing = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true" });
  drawing.append(
    shape("line", { class: "scale", x1: EDGE, x2: WIDTH - EDGE, y1: middle, y2: middle }),
    shape("line", { class: "scale", x1: WIDTH / 2, x2: WIDTH / 2, y1: 3, y2: HEIGHT - 3 }),
  );
  if (low !== null && high !== null) drawing.append(shape("line", { class: "interval", x1: at(low), x2: at(high), y1: middle, y2: middle }));
  drawing.append(shape("circle", { class: "mean", cx: at(mean), cy: middle, r: 4 }));
  return drawing;
}
