// @ts-check
// What goes over the wire of a text before it is spoken, as types: nothing here runs. tests/ui/test_wire.py holds them to
// what the server sends.

/** @typedef {import("./wire.js").Told} Told */

/**
 * How much of a text is in a language, and whether the checkpoint that is to speak reads it; "xx" is one without a name.
 * @typedef {object} TextPart
 * @property {string} language
 * @property {number} letters
 * @property {boolean} read
 */

/**
 * What languages a text is in, and the one of the checkpoint's that it is clearly in, "" for none.
 * @typedef {object} WrittenText
 * @property {string[]} speaks
 * @property {string} language
 * @property {TextPart[]} parts
 */

/**
 * @typedef {object} ReadSegment
 * @property {string} text
 * @property {string | null} phonemes
 * @property {number} pause_s
 */

/**
 * @typedef {object} ReadText
 * @property {ReadSegment[]} segments
 * @property {string[]} left_out
 * @property {Told[]} notices
 */

export {};
