// @ts-check
// What goes over the wire of a system's models, options and voices, as types: nothing here runs.

/** @typedef {import("./wire.js").OptionValue} OptionValue */
/** @typedef {import("./wire.js").Told} Told */

/**
 * The licence of a model.
 * @typedef {object} Terms
 * @property {string} name
 * @property {string} summary
 * @property {boolean} restricted
 */

/**
 * What of a model its options may need: with a voice of its `own`, and what may hold with any `other`.
 * @typedef {object} Traits
 * @property {string[]} own
 * @property {string[]} other
 */

/**
 * `labels` are what to call those of the voices whose names say nothing to a person.
 * @typedef {object} ModelFacts
 * @property {string} name
 * @property {string} title
 * @property {string[]} voices
 * @property {string[]} languages
 * @property {Record<string, Told>} labels
 * @property {Record<string, PortraitFacts>} portraits of voices by their names, "" for the only one
 * @property {Record<string, string>} previews what to say in a language to be heard
 * @property {VoicingFacts} voicing
 * @property {Traits} traits
 * @property {Record<string, OptionValue>} defaults of the options, as the model recommends them
 * @property {boolean} converts whether it can say a recording of one of its voices in another
 * @property {Terms} terms
 * @property {string} source where it comes from, "" for what ships and for the user's own
 */

/**
 * What to know of a voice before it is heard; both may be empty.
 * @typedef {object} PortraitFacts
 * @property {string} language
 * @property {Told} character
 */

/**
 * @typedef {object} VoicingFacts
 * @property {boolean} presets
 * @property {boolean} prompt_audio
 * @property {boolean} prompt_text
 * @property {number} shortest_s
 * @property {boolean} random
 * @property {string} strings
 * @property {boolean} blend
 * @property {boolean} join
 * @property {boolean} string
 * @property {boolean} file
 */

/**
 * An option that Gradio draws: it counts while each of its `needs` holds, "a or b or not c", of options and traits.
 * @typedef {object} OptionFacts
 * @property {string} name
 * @property {string} label
 * @property {string} group
 * @property {string[]} needs
 */

/**
 * A voice that was made here, and what options may need of it.
 * @typedef {object} MadeVoice
 * @property {string} made
 * @property {string} name
 * @property {string[]} traits
 */

/**
 * `made` where the visitor may not save: then it is one that was made here, as above.
 * @typedef {object} SavedVoice
 * @property {string} name
 * @property {string} [made]
 * @property {string[]} [traits]
 */

export {};
