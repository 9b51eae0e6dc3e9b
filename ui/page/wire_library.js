// @ts-check
// What goes over the wire between the Models page and the server, as types: nothing here runs.

/** @typedef {import("./wire.js").Told} Told */
/** @typedef {"ready" | "partly here" | "downloadable" | "needs your file" | "not published"} CardState */

/**
 * @typedef {object} CardLicence
 * @property {string} code
 * @property {string} weights
 * @property {string} summary
 * @property {boolean} restricted
 * @property {boolean | null} commercial whether what is spoken may be sold, null where nobody says so
 * @property {boolean} binding whether it is accepted before a download
 * @property {boolean} accepted
 */

/**
 * @typedef {object} CardFacts
 * @property {string} id
 * @property {string} system
 * @property {string} system_name
 * @property {string} name
 * @property {string} title
 * @property {CardState} state
 * @property {string[]} languages
 * @property {CardLicence} licence
 * @property {number} size
 * @property {boolean} exact
 * @property {number} on_disk
 * @property {string[]} missing
 * @property {string} folder
 * @property {boolean} own
 * @property {boolean} removable
 * @property {number} last_used
 * @property {string} repo
 * @property {string} revision
 * @property {string} source
 * @property {string} note
 */

/**
 * Work on a card; when it has failed, `message` says why.
 * @typedef {object} Task
 * @property {string} id
 * @property {string} kind
 * @property {"running" | "stopped" | "failed" | "done"} state
 * @property {string} message
 * @property {string} [template]
 * @property {Record<string, string | import("./wire.js").Told>} [values]
 * @property {Told} label
 * @property {number | null} done
 * @property {number | null} total
 * @property {number | null} rate
 * @property {number | null} remaining_s
 * @property {string | string[] | null} result
 */

/**
 * @typedef {object} Loaded
 * @property {string | null} id
 * @property {string} system
 * @property {string} name
 * @property {string} device
 * @property {string} dtype
 * @property {number} bytes
 * @property {number} requests
 * @property {number} idle_s
 */

/**
 * Who has cards and does not speak; as `SystemFacts`.
 * @typedef {object} SilentFacts
 * @property {string} id
 * @property {string} name
 * @property {string} summary
 * @property {import("./wire.js").SystemLicences} licences
 * @property {boolean} own
 * @property {boolean} loads whether its models are kept in memory
 */

/**
 * @typedef {object} Library
 * @property {CardFacts[]} cards
 * @property {SilentFacts[]} silent
 * @property {Task[]} tasks
 * @property {Loaded[]} memory
 * @property {string} folder
 * @property {number | null} free null where that is not told
 */

/**
 * Where announced files go: `places` by their paths.
 * @typedef {object} Announced
 * @property {string} key
 * @property {Record<string, string>} places
 */

export {};
