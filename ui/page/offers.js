// @ts-check
// Cards of models that are offered in another place than their system's: kept up to date like those there.

import { element } from "./dom.js";
import { languageName } from "./format.js";
import { ModelCard } from "./model_card.js";

/** @typedef {import("./models_page.js").ModelsActs} ModelsActs */
/** @typedef {import("./wire_library.js").CardFacts} CardFacts */
/** @typedef {import("./wire_library.js").Library} Library */
/** @typedef {import("./words.js").Words} Words */

export class Offers {
  /**
   * @param {Words} words
   * @param {ModelsActs} acts
   */
  constructor(words, acts) {
    this.words = words;
    this.acts = acts;
    /** @type {Library | null} */
    this.library = null;
    /** @type {{shown: ModelCard, card: CardFacts}[]} */
    this.made = [];
  }

  clear() {
    this.made = [];
  }

  /**
   * A card to show; `voice` is chosen with the model.
   * @param {CardFacts} card as it is while nothing of it is here
   */
  add(card, voice = "") {
    const acts = { ...this.acts, use: (/** @type {string} */ system, /** @type {string} */ model) => this.acts.use(system, model, voice) };
    const shown = new ModelCard(this.words, acts, card);
    // In the list of its system is another card with this id.
    delete shown.node.dataset.id;
    shown.node.dataset.offer = card.id;
    const made = { shown, card };
    this.made.push(made);
    this.redraw(made);
    return shown.node;
  }

  /** @param {Library} library */
  update(library) {
    this.library = library;
    for (const made of this.made) this.redraw(made);
  }

  /** @param {{shown: ModelCard, card: CardFacts}} made */
  redraw({ shown, card }) {
    const { cards = [], tasks = [], memory = [] } = this.library ?? {};
    const now = cards.find(({ id }) => id === card.id) ?? card;
    shown.update(now, tasks.filter(({ id }) => id === card.id), memory.find(({ id }) => id === card.id));
  }
}

/** @type {Map<string, string>} A thousand languages are named at every key that is pressed. */
const languageNames = new Map();

/**
 * A language by its name in the page's; where that has none, by the English one.
 * @param {string} code
 * @param {string} english
 */
export function languageCalled(code, english = "") {
  const name = languageNames.get(code) ?? languageName(code);
  languageNames.set(code, name);
  return name === code && english ? english : name;
}

/**
 * Languages by their names, in the order of these.
 * @param {Record<string, string>} languages English names by code
 * @returns {[string, string][]}
 */
export function sortedLanguages(languages) {
  const named = Object.entries(languages).map(([code, english]) => /** @type {[string, string]} */ ([code, languageCalled(code, english)]));
  return named.sort(([, one], [, other]) => one.localeCompare(other, document.documentElement.lang));
}

/**
 * A choice among few, as the browser draws it.
 * @param {string} label
 * @param {[string, string][]} options their keys and what they are called
 * @param {() => void} changed
 */
export function choice(label, options, changed) {
  const select = element("select", { onchange: changed }, ...options.map(([key, text]) => element("option", { value: key }, text)));
  return { select, node: element("label", { class: "find-field" }, element("span", {}, label), select) };
}
