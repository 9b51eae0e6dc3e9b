// @ts-check
// The voices that can be chosen, and what each is called.

/** @typedef {import("./voice_panel.js").VoicePanel} VoicePanel */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire_systems.js").ModelFacts} ModelFacts */
/** @typedef {import("./words.js").Words} Words */

/**
 * A voice to choose: named by `voice`, or `made` here. `traits` are what options may need of it, where that is known.
 * @typedef {object} Entry
 * @property {string} key
 * @property {string} label
 * @property {string} [note] the name by which it is asked for, where that is another
 * @property {string} [voice]
 * @property {string} [made]
 * @property {"saved" | "made"} [kind]
 * @property {string[]} [traits]
 */

/**
 * Those of the model, those that are saved, and those of this visit.
 * @param {VoicePanel} panel
 * @returns {Entry[]}
 */
export function entriesOf({ facts, made, spec, tools, words }) {
  const names = facts?.voices ?? [];
  /** @type {Entry[]} */
  const own = names.map((name) => {
    const label = calledIn(facts, name, words);
    return { key: name, voice: name, label, note: label.includes(name) ? "" : name };
  });
  const nameless = [{ key: "", label: words.default, voice: "" }];
  const saved = spec.saved.filter((name) => !names.includes(name));
  return [
    ...(own.length || !tools.length ? own : nameless),
    ...saved.map((name) => ({ key: `saved ${name}`, label: name, voice: name, kind: /** @type {const} */ ("saved") })),
    ...made.map((entry) => ({ ...entry, kind: /** @type {const} */ ("made") })),
  ];
}

/**
 * What to call a voice of a model.
 * @param {ModelFacts | null | undefined} facts
 * @param {string} name
 * @param {Words} words
 */
export function calledIn(facts, name, words) {
  const label = facts?.labels[name];
  return label ? words.told(label) : name;
}

/**
 * What to call the voice of a take: one of its model's by its label, any other by its name.
 * @param {SystemFacts | undefined} spec
 * @param {Take} take
 * @param {Words} words
 */
export function called(spec, { form, voice }, words) {
  const models = spec?.models ?? [];
  const facts = models.find(({ name }) => name === form.model) ?? models[0];
  return form.made ? voice : calledIn(facts, voice, words);
}
