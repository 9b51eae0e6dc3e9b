// @ts-check
// The fold under the text: what will be said, in words and in what the model is given for them.

import { complaint } from "./ask.js";
import { element } from "./dom.js";
import { fill } from "./words.js";

/** @typedef {import("./wire_text.js").ReadSegment} ReadSegment */
/** @typedef {import("./wire_text.js").ReadText} ReadText */
/** @typedef {import("./words.js").Words} Words */

const FIRST_SEGMENTS = 12; // segments at first

export class SaidFold {
  /**
   * @param {Words} words
   * @param {() => void} opened
   */
  constructor(words, opened) {
    this.words = words;
    this.body = element("div", { class: "reading-body" });
    /** @type {HTMLDetailsElement} */
    this.node = element("details", { id: "studio-said", ontoggle: () => this.node.open && opened() }, element("summary", {}, words.what_is_said), this.body);
  }

  get open() {
    return this.node.open;
  }

  /** What is shown is of an earlier text. */
  wait() {
    this.body.setAttribute("aria-busy", "true");
  }

  rest() {
    this.body.removeAttribute("aria-busy");
  }

  /** @param {ReadText} read */
  show({ segments, left_out, notices }) {
    const { words } = this;
    const list = element("ol", {}, ...segments.slice(0, FIRST_SEGMENTS).map((segment) => this.segment(segment)));
    const rest = segments.slice(FIRST_SEGMENTS);
    // Which languages are not spoken is said under the text already.
    // What is left out is told with the reason, as a rule.
    const untold = left_out.filter((character) => !notices.some(({ message }) => message.includes(`'${character}'`)));
    const told = notices.filter(({ values }) => !values || !("languages" in values)).map((notice) => element("li", {}, words.told(notice)));
    this.body.replaceChildren(
      list,
      ...(rest.length ? [this.more(list, rest)] : []),
      ...(untold.length ? [element("p", { class: "reading-left" }, `${words.left_out} `, ...untold.map((character) => element("kbd", {}, character)))] : []),
      ...(told.length ? [element("ul", {}, ...told)] : []),
    );
  }

  /** @param {unknown} error */
  complain(error) {
    this.body.replaceChildren(element("p", { class: "reading-problem" }, complaint(error, this.words)));
  }

  /** @param {ReadSegment} segment */
  segment({ text, phonemes, pause_s }) {
    const { words } = this;
    const pause = pause_s > 0 ? [element("span", { class: "reading-pause" }, fill(words.pause_of, { seconds: pause_s.toLocaleString(undefined, { maximumFractionDigits: 2 }) }))] : [];
    const named = element("span", { class: "unseen" }, `${words.phonemes} `);
    const symbols = phonemes === null ? [] : [element("p", { class: "reading-phonemes", lang: "und-fonipa" }, named, phonemes)];
    return element("li", {}, element("p", { dir: "auto" }, text, ...pause), ...symbols);
  }

  /**
   * A button that shows the rest.
   * @param {HTMLOListElement} list
   * @param {ReadSegment[]} rest
   */
  more(list, rest) {
    const show = () => {
      const [first, ...others] = rest.map((segment) => this.segment(segment));
      list.append(first, ...others);
      button.remove();
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
    };
    const button = element("button", { type: "button", class: "tool", onclick: show }, fill(this.words.show_more, { count: rest.length.toLocaleString() }));
    return button;
  }
}
