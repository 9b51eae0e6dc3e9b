// @ts-check
// What goes over the wire of recordings that a voice is to be made from, as types: nothing here runs.

/** @typedef {import("./wire.js").Told} Told */

/**
 * One thing that was looked at. `repair` is what mends it, "" where nothing does.
 * @typedef {object} RecordingFinding
 * @property {string} name
 * @property {"good" | "fair" | "poor"} grade
 * @property {Told} message
 * @property {string} repair
 */

/**
 * What there is to say of the part of a recording between `start` and `end`, in seconds; `peaks` are of all of it, in
 * 0..100.
 * @typedef {object} RecordingFacts
 * @property {number} seconds
 * @property {number} start
 * @property {number} end
 * @property {number} sample_rate
 * @property {number} channels
 * @property {number[]} peaks
 * @property {RecordingFinding[]} findings
 */

export {};
