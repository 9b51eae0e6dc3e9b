// @ts-check
// What goes over the wire, as types: nothing here runs. tests/ui/test_wire.py holds them to what the server sends.

/**
 * Something that is said to the visitor: in English, and where it is known as a template with its values, said likewise.
 * @typedef {object} Told
 * @property {string} message
 * @property {string} [template]
 * @property {Record<string, string | Told>} [values]
 */

/** @typedef {string | number | boolean} OptionValue */

/**
 * A request to speak, and the form that restores a take.
 * @typedef {object} Wanted
 * @property {string} text
 * @property {string} system
 * @property {string} model
 * @property {string} voice
 * @property {string} [made]
 * @property {string} language
 * @property {number} seed
 * @property {number} [tries]
 * @property {Record<string, OptionValue>} options
 */

/**
 * A voice as a request names it.
 * @typedef {object} Reference
 * @property {string} [voice]
 * @property {string} [made]
 */

// -- the systems --

/** @typedef {"ready" | "downloadable" | "needs a checkpoint"} SystemState */

/** @typedef {import("./wire_systems.js").ModelFacts} ModelFacts */
/** @typedef {import("./wire_systems.js").OptionFacts} OptionFacts */
/** @typedef {import("./wire_systems.js").VoicingFacts} VoicingFacts */

/**
 * @typedef {object} SystemLicences
 * @property {string} code
 * @property {string} weights
 */

/**
 * @typedef {object} SystemFacts
 * @property {string} id
 * @property {string} name
 * @property {string} purpose what it is good for, in a few words
 * @property {string} summary
 * @property {SystemState} state
 * @property {ModelFacts[]} models
 * @property {string[]} languages
 * @property {VoicingFacts} voicing
 * @property {OptionFacts[]} options
 * @property {Record<string, OptionValue>} defaults
 * @property {string[]} saved
 * @property {Record<string, string>} tokens
 * @property {SystemLicences} licences
 * @property {boolean} own
 * @property {number} sample_rate
 * @property {number} max_chars
 * @property {Record<string, string[]>} samples
 */

/**
 * @typedef {object} WarmUpStatus
 * @property {string} system
 * @property {"loading" | "ready" | "failed" | "idle"} state
 * @property {Told} label
 * @property {number | null} [done]
 * @property {number | null} [total]
 */

/**
 * What the visitor may do: change models and saved voices, sign in, sign out.
 * @typedef {object} RightsFacts
 * @property {boolean} manage
 * @property {boolean} sign_in
 * @property {boolean} sign_out
 */

// -- takes --

/**
 * @typedef {object} RewrittenText
 * @property {string} text
 * @property {Record<string, OptionValue>} options
 */

/**
 * The takes that were made, of which one is kept.
 * @typedef {object} Tries
 * @property {{seed: number, heard: string, errors: number, total: number}[]} tries
 * @property {number} kept
 */

/**
 * A finished result. `peaks` are in 0..100; `encoded` says of each ending how far its file is.
 * @typedef {object} Take
 * @property {string} id
 * @property {Wanted} form
 * @property {string} voice
 * @property {RewrittenText | null} rewritten
 * @property {Tries | null} tried
 * @property {number} sample_rate
 * @property {number} load_s
 * @property {number} first_audio_s
 * @property {number} synth_s
 * @property {number} audio_s
 * @property {number} rtf
 * @property {string} device
 * @property {string} dtype
 * @property {boolean} stopped
 * @property {(string | Told)[]} notices
 * @property {number[]} peaks
 * @property {Record<string, string>} files
 * @property {Record<string, "encoding" | "ready" | "failed">} encoded
 * @property {string} picture
 */

// -- the frames of a stream that speaks --

/**
 * @typedef {object} JobFrame
 * @property {"job"} event
 * @property {string} job
 */

/**
 * @typedef {object} StartedFrame
 * @property {"started"} event
 * @property {number} sample_rate
 * @property {number} segments
 * @property {number} load_s
 */

/**
 * @typedef {object} ProgressFrame
 * @property {"progress"} event
 * @property {number} done
 * @property {number | null} total
 * @property {Told} label
 */

/**
 * @typedef {object} NoticeFrame
 * @property {"notice"} event
 * @property {string} message
 * @property {string} [template]
 * @property {Record<string, string | Told>} [values]
 */

/**
 * @typedef {object} RewrittenFrame
 * @property {"rewritten"} event
 * @property {string} text
 * @property {Record<string, OptionValue>} options
 */

/**
 * @typedef {object} WordsFrame
 * @property {"words"} event
 * @property {number} segment
 * @property {{text: string, start_s: number, end_s: number}[]} words
 */

/**
 * @typedef {object} TriedFrame
 * @property {"tried"} event
 * @property {Tries["tries"]} tries
 * @property {number} kept
 */

/**
 * @typedef {object} FinishedFrame
 * @property {"finished"} event
 * @property {Take | null} take
 */

/**
 * @typedef {object} ErrorFrame
 * @property {"error"} event
 * @property {Problem} error
 */

/**
 * @typedef {object} Problem
 * @property {string} type
 * @property {string} message
 * @property {string} [template]
 * @property {Record<string, string | Told>} [values]
 */

/** @typedef {JobFrame | StartedFrame | ProgressFrame | NoticeFrame | RewrittenFrame | WordsFrame | TriedFrame | FinishedFrame | ErrorFrame} EventFrame */

// -- the page's head --

/**
 * What the head tells the script: the names of the form's fields in Gradio's order, the languages that there are words
 * in, and where the script's files are.
 * @typedef {object} PageConfig
 * @property {string[]} fields
 * @property {string[]} languages
 * @property {string} base
 */

/** @typedef {string | number | boolean | null} FieldValue */

/**
 * What Gradio's handlers call, and the tests.
 * @typedef {object} Handlers
 * @property {(values: FieldValue[]) => unknown} generate speaks; the seed that is shown from then on
 * @property {() => void} stop
 * @property {() => number} dice
 * @property {(system: string) => void} choose
 * @property {(values: FieldValue[]) => void} heed hides the options that count for nothing as the others stand
 * @property {(values: FieldValue[]) => FieldValue[]} merge the form's values with those that the script changes
 * @property {(values: FieldValue[]) => void} peek looks at the form's values
 * @property {(values: FieldValue[]) => void} keep remembers the form's values
 * @property {() => FieldValue[]} fallbackValues what the endpoint is asked where there is no WebAudio
 * @property {(system: string, model: string) => void} use puts a checkpoint into the form
 */

/**
 * `window.polyphone`: the handlers, which wait until the script has opened it.
 * @typedef {object} Door
 * @property {PageConfig} config
 * @property {Promise<void>} drawn when Gradio has drawn the page
 * @property {() => void} start says so
 * @property {import("./sound.js").Stats | null} stats of the last sound
 * @property {(handlers: Handlers) => void} open
 */

export {};
