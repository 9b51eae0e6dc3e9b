// @ts-check
// What goes over the wire between a take's verdict and the server, as types: nothing here runs.

/**
 * @typedef {object} HeardWord
 * @property {string} text
 * @property {number} start_s
 * @property {number} end_s
 * @property {number} confidence
 */

/**
 * @typedef {object} TranscriptFacts
 * @property {string} text
 * @property {string} language
 * @property {HeardWord[]} words
 * @property {number} audio_s
 * @property {string} recogniser
 * @property {boolean} repeats
 */

/**
 * @typedef {object} Mark
 * @property {"same" | "missing" | "added" | "other"} kind
 * @property {string} text
 * @property {string} heard
 */

/**
 * @typedef {object} Comparison
 * @property {Mark[]} marks
 * @property {number} errors
 * @property {number} total
 * @property {boolean} by_character
 * @property {number} rate
 */

/**
 * @typedef {object} SoundFacts
 * @property {number} rate
 * @property {number} level_db
 * @property {number} peak_db
 * @property {number} clipped
 * @property {number} lead_s
 * @property {number} tail_s
 */

/**
 * @typedef {object} VerdictFacts
 * @property {TranscriptFacts} transcript
 * @property {Comparison} comparison
 * @property {SoundFacts} sound
 * @property {number | null} naturalness
 */

export {};
