// @ts-check
// No text is read in a language that it is not in without a word: the page says so under the text, offers who speaks
// it, and sets the language of systems that have several.

import { element, find } from "./dom.js";
import { languageName, listed } from "./format.js";
import { fill } from "./words.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire_text.js").TextPart} TextPart */
/** @typedef {import("./wire_text.js").WrittenText} WrittenText */

const UNKNOWN = "xx"; // a language that has no name here
const MOST_OFFERS = 3;

export class LanguageHint {
  /** @param {Form} form */
  constructor(form) {
    this.form = form;
    this.words = form.words;
    /** @type {Set<string>} The systems whose language the visitor has set for the text that is there. */
    this.byHand = new Set();
    this.setting = false;
    this.said = element("p");
    this.offers = element("div", { class: "language-offers" });
    this.node = element("div", { id: "studio-language-hint" }, this.said, this.offers);
    // Heard once for each language, not for each character of it.
    this.announced = element("span", { class: "unseen", role: "status" });
    this.kind = "";
    this.clear();
    form.text.addEventListener("beforeinput", () => this.replaced());
    find("#studio-compose").addEventListener("change", ({ target }) => this.heard(target));
  }

  // -- whose word counts --

  /** @param {EventTarget | null} target of a change in the form */
  heard(target) {
    if (this.setting || !(target instanceof Element)) return;
    const chosen = this.form.systems.find(({ id }) => target.closest(`#studio-${CSS.escape(id)}-language`));
    if (chosen) this.keep(chosen.id);
  }

  /**
   * The language of this system stays as it is while the text does.
   * @param {string} system
   */
  keep(system) {
    this.byHand.add(system);
  }

  /** The next text is a new one. */
  fresh() {
    this.byHand.clear();
  }

  /** What is typed or pasted over all of a text is a new one. */
  replaced() {
    const { value, selectionStart, selectionEnd } = this.form.text;
    if (selectionStart === 0 && selectionEnd === value.length) this.fresh();
  }

  // -- what is said --

  clear() {
    this.node.hidden = true;
    this.kind = "";
    this.announced.textContent = "";
  }

  /**
   * Returns whether the language of the system was set to that of the text.
   * @param {string} system
   * @param {WrittenText} written
   */
  show(system, written) {
    const unread = written.parts.filter((part) => !part.read);
    if (unread.length) this.tell(written, unread);
    else this.clear();
    return this.follow(system, written.language);
  }

  /**
   * @param {string} system
   * @param {string} language "" where the text is clearly in none
   */
  follow(system, language) {
    if (!language || this.byHand.has(system)) return false;
    const radio = document.querySelector(`#studio-${CSS.escape(system)}-language input[value="${CSS.escape(language)}"]`);
    if (!(radio instanceof HTMLInputElement) || radio.checked) return false;
    this.setting = true;
    radio.click();
    this.setting = false;
    return true;
  }

  /**
   * @param {WrittenText} written
   * @param {TextPart[]} unread
   */
  tell(written, unread) {
    const sentence = this.sentence(written, unread);
    this.said.textContent = sentence;
    this.node.hidden = false;
    const kind = [this.form.system.id, unread.length === written.parts.length, ...unread.map(({ language }) => language)].join(" ");
    if (kind === this.kind) return;
    this.kind = kind;
    const main = unread.find(({ language }) => language !== UNKNOWN);
    this.offers.replaceChildren(...(main ? this.offer(main.language, written.parts) : []));
    this.announced.textContent = sentence;
  }

  /**
   * @param {WrittenText} written
   * @param {TextPart[]} unread
   */
  sentence({ speaks, parts }, unread) {
    const { words } = this;
    const values = { name: this.form.speaker, languages: listed(speaks.map(languageName)) };
    const named = unread.filter(({ language }) => language !== UNKNOWN);
    if (!named.length) return fill(words.language_unknown, values);
    const language = listed(named.map((part) => languageName(part.language)));
    if (unread.length === parts.length) return fill(words.language_all, { ...values, language });
    const count = named.reduce((sum, { letters }) => sum + letters, 0);
    return count === 1 ? fill(words.language_one, { ...values, language }) : fill(words.language_some, { ...values, language, count: count.toLocaleString() });
  }

  // -- who can --

  /**
   * A button for each system that speaks a language: those first that can speak now, and that speak the rest, too.
   * @param {string} language
   * @param {TextPart[]} parts of the text
   */
  offer(language, parts) {
    const { words, form } = this;
    /** @param {SystemFacts} spec */
    const rank = (spec) => (spec.models.length ? 100 : 0) + parts.filter((part) => spec.languages.includes(part.language)).length;
    const able = form.systems.filter((spec) => spec !== form.system && spec.languages.includes(language)).sort((a, b) => rank(b) - rank(a));
    if (!able.length) return [element("span", {}, fill(words.offer_none, { language: languageName(language) }))];
    return able.slice(0, MOST_OFFERS).map((spec) => {
      if (!spec.models.length) {
        const get = () => find("#studio-tab-models-button").click();
        return element("button", { type: "button", class: "tool for-owner", onclick: get }, fill(words.offer_get, { name: spec.name, language: languageName(language) }));
      }
      const voice = form.chooserOf(spec).voices.current?.label ?? "";
      const name = voice && voice !== words.default ? `${spec.name} · ${voice}` : spec.name;
      return element("button", { type: "button", class: "tool", onclick: () => this.take(spec, language) }, fill(words.offer_speak, { name }));
    });
  }

  /**
   * The text is spoken by another system.
   * @param {SystemFacts} spec
   * @param {string} language
   */
  take(spec, language) {
    const { form } = this;
    const field = `${spec.id}/language`;
    this.clear();
    form.set({ system: spec.id, text: form.text.value, ...(form.values.names.includes(field) ? { [field]: language } : {}) });
    form.text.focus();
  }
}
