// @ts-check
// What goes over the wire of catalogues and advice, as types: nothing here runs.

/** @typedef {import("./wire.js").Told} Told */
/** @typedef {import("./wire_library.js").CardFacts} CardFacts */

/**
 * One of a catalogue: `spoken` are the names of its language and country, `quality` is the publisher's own word.
 * @typedef {object} EntryFacts
 * @property {string} id
 * @property {string} system
 * @property {string} catalogue
 * @property {string} title
 * @property {string} language
 * @property {string} region
 * @property {string[]} spoken
 * @property {string} quality
 * @property {number} speakers
 * @property {number} size
 */

/**
 * The first of what was found; `languages` are the English names of all that there are, by code.
 * @typedef {object} FoundFacts
 * @property {EntryFacts[]} entries
 * @property {number} total
 * @property {Record<string, string>} languages
 * @property {Told[]} notes
 */

/**
 * One before it is downloaded: what it `told` of itself, and whether there is a sample to hear.
 * @typedef {object} OfferFacts
 * @property {string} id
 * @property {string} system
 * @property {string} catalogue
 * @property {string} title
 * @property {string} language
 * @property {string} region
 * @property {string[]} spoken
 * @property {string} quality
 * @property {number} speakers
 * @property {number} size
 * @property {CardFacts} card
 * @property {string} told
 * @property {boolean} sample
 */

/**
 * One that is recommended; `naturalness` and `speed` are in 1..4, `voice` is the one to take, "" for the first.
 * @typedef {object} AdvisedFacts
 * @property {CardFacts} card
 * @property {number} naturalness
 * @property {number} speed
 * @property {string} voice
 */

/**
 * @typedef {object} AdviceFacts
 * @property {AdvisedFacts[]} options the best first
 * @property {Record<string, string>} languages
 * @property {Told[]} notes
 */

export {};
