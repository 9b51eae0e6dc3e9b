// @ts-check
// What goes over the wire of codecs, as types: nothing here runs.

/**
 * A codec that is here; `file` tells several of a kind apart, `kbps` are the bandwidths to choose from, if there are
 * several.
 * @typedef {object} CodecFacts
 * @property {string} id
 * @property {string} title
 * @property {string} file
 * @property {number[]} kbps
 */

/**
 * The codecs that are here, and how long a sound may be.
 * @typedef {object} CodecShelf
 * @property {CodecFacts[]} codecs
 * @property {number} most_s
 */

/**
 * A sound and what a codec made of it, at equal loudness: WAV files and a picture (PNG) in base64, and what it cost.
 * @typedef {object} RoundTrip
 * @property {string} before
 * @property {string} after
 * @property {string} picture
 * @property {number} kbps
 * @property {number} frames_per_s
 * @property {number} codebooks
 * @property {number} codes
 * @property {number} seconds
 * @property {number} encode_s
 * @property {number} decode_s
 */

export {};
