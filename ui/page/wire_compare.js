// @ts-check
// What goes over the wire of grids, as types: nothing here runs.

/** @typedef {import("./wire.js").Problem} Problem */
/** @typedef {import("./wire.js").Told} Told */
/** @typedef {import("./wire.js").Wanted} Wanted */

/**
 * A grid and how far it is; `made` is in seconds since 1970.
 * @typedef {object} GridFacts
 * @property {string} grid
 * @property {string} title
 * @property {number} made
 * @property {boolean} checked
 * @property {boolean} paused
 * @property {number} revision
 * @property {number} cells
 * @property {number} waiting
 * @property {number} failed
 */

/**
 * @typedef {object} GridNews
 * @property {string} grid
 * @property {string} title
 * @property {number} made
 * @property {boolean} checked
 * @property {boolean} paused
 * @property {number} revision
 * @property {number} cells
 * @property {number} waiting
 * @property {number} failed
 * @property {number | null} making the cell that is being made
 * @property {CellFacts[]} held those that have changed since the revision that was asked about
 */

/**
 * A cell; `form` restores it, `sound` is as loud as its `level` says.
 * @typedef {object} CellFacts
 * @property {number} number
 * @property {"waiting" | "done" | "failed"} state
 * @property {boolean} starred
 * @property {number} revision
 * @property {Wanted} form
 * @property {CellTake | null} take
 * @property {Problem | null} problem
 * @property {string} sound
 * @property {string} picture
 * @property {string} file
 */

/**
 * What is known of a cell's sound; `level` is its loudness when it is heard, in LKFS.
 * @typedef {object} CellTake
 * @property {string} voice
 * @property {number} sample_rate
 * @property {number} load_s
 * @property {number} first_audio_s
 * @property {number} synth_s
 * @property {number} audio_s
 * @property {number} rtf
 * @property {string} device
 * @property {string} dtype
 * @property {Told[]} notices
 * @property {number[]} peaks
 * @property {number | null} loudness
 * @property {number | null} level
 * @property {CellVerdict | null} verdict
 */

/**
 * @typedef {object} CellVerdict
 * @property {number} errors
 * @property {number} total
 * @property {boolean} by_character
 * @property {string} heard
 * @property {number | null} naturalness
 */

export {};
