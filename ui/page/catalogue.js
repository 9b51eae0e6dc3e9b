// @ts-check
// The systems' catalogues as a search. The server looks; the page shows the first of what it finds.

import { complaint, get } from "./ask.js";
import { element, uniqueId } from "./dom.js";
import { bytes, whole } from "./format.js";
import { choice, languageCalled } from "./offers.js";
import { Offered } from "./offered.js";
import { fill } from "./words.js";

/** @typedef {import("./models_page.js").ModelsActs} ModelsActs */
/** @typedef {import("./wire_catalogue.js").EntryFacts} EntryFacts */
/** @typedef {import("./wire_catalogue.js").FoundFacts} FoundFacts */
/** @typedef {import("./wire_library.js").Library} Library */
/** @typedef {import("./words.js").Words} Words */

const PAUSE_MS = 250; // of somebody who types
const FEW = 12;
const MANY = 100;
const SIZES = [30, 80, 150]; // MB

export class CatalogueSearch {
  /**
   * @param {Words} words
   * @param {ModelsActs} acts
   */
  constructor(words, acts) {
    this.words = words;
    this.acts = acts;
    this.limit = FEW;
    this.asked = 0;
    this.timer = 0;
    /** @type {Map<string, Offered>} What is open, by its id. */
    this.open = new Map();
    /** @type {Library | null} */
    this.library = null;
    /** @type {Record<string, string>} Languages that there are, by code. */
    this.languages = {};
    /** @type {[string, string][]} What publishers call their qualities, and what people do. */
    this.qualities = [
      ["x_low", words.quality_x_low],
      ["low", words.quality_low],
      ["medium", words.quality_medium],
      ["high", words.quality_high],
    ];
    const ask = () => this.search();
    this.query = element("input", { type: "search", maxlength: "200", autocomplete: "off", spellcheck: "false", placeholder: words.find_hint, oninput: () => this.soon() });
    this.quality = choice(words.find_quality, [["", words.any], ...this.qualities], ask);
    this.size = choice(words.find_size, [["0", words.any], ...SIZES.map((each) => /** @type {[string, string]} */ ([String(each * 1e6), fill(words.up_to, { size: bytes(each * 1e6) })]))], ask);
    this.several = element("input", { type: "checkbox", onchange: ask });
    this.said = element("p", { class: "find-said", role: "status" });
    this.list = element("ul", { class: "found" });
    /** @type {HTMLButtonElement} */
    this.more = element("button", { type: "button", class: "act", hidden: "", onclick: () => this.widen() });
    const form = element(
      "form",
      { class: "find-row", role: "search" },
      element("label", { class: "find-field wide" }, element("span", {}, words.find_field), this.query),
      this.quality.node,
      this.size.node,
      element("label", { class: "find-tick" }, this.several, element("span", {}, words.find_several)),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.search();
    });
    this.node = element(
      "section",
      { class: "models-top catalogue", "aria-labelledby": "studio-catalogue-title" },
      element("h2", { id: "studio-catalogue-title" }, words.find_title),
      element("p", { class: "models-summary" }, words.find_how),
      form,
      this.list,
      this.more,
      this.said,
    );
    this.node.hidden = true;
  }

  /** @param {Library} library */
  update(library) {
    this.library = library;
    for (const offered of this.open.values()) offered.update(library);
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE_MS);
  }

  widen() {
    this.limit = MANY;
    void this.search();
  }

  /** What is found for what the form says; an answer that is overtaken is not shown. */
  async search() {
    clearTimeout(this.timer);
    const asked = ++this.asked;
    const query = new URLSearchParams({
      query: this.translated(this.query.value),
      quality: this.quality.select.value,
      most_bytes: this.size.select.value || "0",
      speakers: this.several.checked ? "2" : "0",
      limit: String(this.limit),
    });
    this.limit = FEW;
    this.list.setAttribute("aria-busy", "true");
    try {
      /** @type {FoundFacts} */
      const found = await get(`studio/catalogue?${query}`);
      if (asked === this.asked) this.show(found);
    } catch (error) {
      if (asked === this.asked) this.fail(error);
    }
    if (asked === this.asked) this.list.setAttribute("aria-busy", "false");
  }

  /**
   * What was typed, with languages that are named as this page names them by their codes: the server has other names.
   * @param {string} typed
   */
  translated(typed) {
    const names = Object.keys(this.languages).map((code) => [code, languageCalled(code).toLocaleLowerCase()]);
    const code = (/** @type {string} */ word) => names.find(([, name]) => name.startsWith(word.toLocaleLowerCase()))?.[0];
    return this.words.locale === "en" ? typed : typed.split(/\s+/).map((word) => (word.length > 1 && code(word)) || word).join(" ");
  }

  /** @param {unknown} error */
  fail(error) {
    this.node.hidden = false;
    this.said.textContent = complaint(error, this.words);
    this.said.classList.add("bad");
  }

  /** @param {FoundFacts} found */
  show({ entries, total, languages, notes }) {
    const { words } = this;
    this.node.hidden = !Object.keys(languages).length && !notes.length;
    this.languages = languages;
    this.said.classList.remove("bad");
    const active = document.activeElement;
    const focused = active instanceof HTMLElement && this.list.contains(active) ? active.dataset.entry : undefined;
    this.list.replaceChildren(...entries.map((entry) => this.row(entry)));
    for (const id of this.open.keys()) if (!entries.some((entry) => entry.id === id)) this.open.delete(id);
    const left = Math.min(total, MANY) - entries.length;
    this.more.hidden = left <= 0;
    this.more.textContent = fill(words.show_more, { count: whole(left) });
    const counted = total ? fill(words.found_of, { shown: whole(entries.length), total: whole(total) }) : words.find_none;
    this.said.textContent = [counted, ...notes.map((note) => words.told(note))].join(" ");
    if (focused) this.list.querySelector(`[data-entry="${CSS.escape(focused)}"]`)?.dispatchEvent(new Event("refocus"));
  }

  /** @param {EntryFacts} entry */
  row(entry) {
    const { words } = this;
    const known = this.open.get(entry.id);
    const place = element("div", { class: "found-place", id: uniqueId("studio-found") });
    const quality = this.qualities.find(([key]) => key === entry.quality)?.[1];
    const facts = [
      [languageCalled(entry.language, entry.spoken[0]), regionCalled(entry.region)].filter(Boolean).join(", "),
      quality ?? entry.quality,
      entry.speakers > 1 ? fill(words.voices_in_it, { count: whole(entry.speakers) }) : "",
      entry.size ? bytes(entry.size) : "",
    ];
    const attributes = { type: "button", class: "found-row", "data-entry": entry.id, "aria-expanded": String(Boolean(known)), "aria-controls": place.id };
    /** @type {HTMLButtonElement} */
    const button = element(
      "button",
      { ...attributes, onclick: () => this.toggle(entry, button, place) },
      element("b", {}, entry.title),
      ...facts.map((fact) => element("span", {}, fact)),
    );
    button.addEventListener("refocus", () => button.focus());
    if (known) place.append(known.node);
    return element("li", {}, button, place);
  }

  /**
   * @param {EntryFacts} entry
   * @param {HTMLButtonElement} button
   * @param {HTMLElement} place
   */
  toggle(entry, button, place) {
    const known = this.open.get(entry.id);
    button.setAttribute("aria-expanded", String(!known));
    if (known) {
      this.open.delete(entry.id);
      place.replaceChildren();
      return;
    }
    const offered = new Offered(this.words, this.acts, entry);
    this.open.set(entry.id, offered);
    place.append(offered.node);
    void offered.load(this.library);
  }
}

/**
 * A country by its name in the page's language.
 * @param {string} code
 */
function regionCalled(code) {
  if (!/^[A-Z]{2}$/.test(code)) return "";
  return new Intl.DisplayNames([...navigator.languages], { type: "region", fallback: "code" }).of(code) ?? code;
}
