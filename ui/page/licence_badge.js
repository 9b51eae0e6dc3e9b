// @ts-check
// The licence of what speaks: its name, and on request what it says and where the model comes from.

import { element, onEscape, uniqueId } from "./dom.js";
import { link } from "./model_facts.js";

/** @typedef {import("./wire.js").SystemLicences} SystemLicences */
/** @typedef {import("./wire_systems.js").Terms} Terms */
/** @typedef {import("./words.js").Words} Words */

export class LicenceBadge {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.told = element("div", { class: "licence-told", id: uniqueId("studio-licence") });
    this.told.hidden = true;
    const attributes = { type: "button", class: "licence-badge", "aria-expanded": "false", "aria-controls": this.told.id };
    this.button = element("button", { ...attributes, onclick: () => this.open(this.told.hidden) });
    this.node = element("div", { class: "licence" }, this.button, this.told);
    onEscape(this.node, () => this.closed());
    this.node.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.node.contains(relatedTarget))) this.open(false);
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Node && !this.node.contains(target)) this.open(false);
    });
  }

  /**
   * @param {Terms | undefined} terms of the chosen model, where there is one
   * @param {SystemLicences} licences of the system
   * @param {string} source where the model comes from, "" where it ships or is the visitor's own
   */
  show(terms, licences, source = "") {
    const { words } = this;
    this.open(false);
    this.node.classList.toggle("restricted", terms?.restricted ?? false);
    this.button.replaceChildren(element("span", {}, words.licence), element("b", {}, words.text(terms?.name ?? licences.weights)));
    const said = terms?.summary || licences.weights;
    const from = source ? [element("p", { class: "small" }, words.comes_from, " ", link(source))] : [];
    this.told.replaceChildren(element("p", {}, words.text(said)), ...from, element("p", { class: "small" }, `${words.code} ${words.text(licences.code)}`));
  }

  /** @param {boolean} open */
  open(open) {
    this.told.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
  }

  /** Whether it was open; then the button has the focus. */
  closed() {
    if (this.told.hidden) return false;
    this.open(false);
    this.button.focus();
    return true;
  }
}
