// @ts-check
// What goes over the wire between listening tests and the server, as types: nothing here runs.

/** @typedef {"ab" | "abx" | "mos" | "cmos" | "mushra"} TestKind */

/**
 * A test as its owner knows it; `made` is in seconds since 1970.
 * @typedef {object} TestFacts
 * @property {string} test
 * @property {string} link
 * @property {string} title
 * @property {TestKind} kind
 * @property {number} seed
 * @property {number} made
 * @property {number} trials
 * @property {number} listeners
 * @property {number} finished
 */

/**
 * A mean with its interval of 95 %, which one listener leaves without.
 * @typedef {object} MeanFacts
 * @property {number} mean
 * @property {number | null} low
 * @property {number | null} high
 * @property {number} count
 * @property {number} listeners
 */

/**
 * What is known of one, or of the first over the second: names in `of`.
 * @typedef {object} ResultRow
 * @property {"system" | "voice" | "sentence"} by
 * @property {string[]} of
 * @property {MeanFacts} mean
 * @property {number} first
 * @property {number} second
 * @property {number} ties
 * @property {number | null} p
 */

/**
 * @typedef {object} TestResults
 * @property {string} test
 * @property {string} link
 * @property {string} title
 * @property {TestKind} kind
 * @property {number} seed
 * @property {number} made
 * @property {number} trials
 * @property {number} listeners
 * @property {number} finished
 * @property {number[]} inattentive
 * @property {ResultRow[]} rows
 */

/**
 * What a listener is told of a test.
 * @typedef {object} AboutTest
 * @property {string} title
 * @property {TestKind} kind
 * @property {number} trials
 * @property {number} least
 * @property {number} most
 * @property {boolean} neither
 */

/**
 * @typedef {object} NextTrial
 * @property {number} place
 * @property {number} sounds
 */

/**
 * How far a listener is.
 * @typedef {object} SittingFacts
 * @property {number} answered
 * @property {number} trials
 * @property {NextTrial | null} next
 */

export {};
