// @ts-check
// The card of one checkpoint: what it is, how far the work on it is, and what can be done with it.

import { complaint, send } from "./ask.js";
import { element, onEscape } from "./dom.js";
import { bytes, clock } from "./format.js";
import { about, link } from "./model_facts.js";
import { Receiver } from "./receiver.js";
import { deliver } from "./uploads.js";
import { problem } from "./work.js";

/** @typedef {import("./models_page.js").ModelsActs} ModelsActs */
/** @typedef {import("./uploads.js").Brought} Brought */
/** @typedef {import("./wire.js").Told} Told */
/** @typedef {import("./wire_library.js").CardFacts} CardFacts */
/** @typedef {import("./wire_library.js").Loaded} Loaded */
/** @typedef {import("./wire_library.js").Task} Task */
/** @typedef {import("./words.js").Words} Words */

/** @typedef {"" | "delete" | "download" | "import"} Asking */

export class ModelCard {
  /**
   * @param {Words} words
   * @param {ModelsActs} acts
   * @param {CardFacts} card
   */
  constructor(words, acts, card) {
    this.words = words;
    this.acts = acts;
    this.card = card;
    /** @type {Task[]} The last work of each kind on it. */
    this.tasks = [];
    /** @type {Loaded | undefined} */
    this.loaded = undefined;
    /** @type {Asking} What the card asks before it does it. */
    this.asking = "";
    /** @type {{files: Brought[], name: string}} What is brought once the licence is accepted. */
    this.waiting = { files: [], name: "" };
    this.sending = false;
    /** @type {Map<string, string>} What was wrong with an act that was not begun, until it is tried again. */
    this.complaints = new Map();
    this.shown = "";
    this.due = "";
    this.facts = element("div", { class: "model-facts" });
    this.fill = element("i");
    this.said = element("span", { class: "model-said", role: "status" });
    this.bar = element("div", { class: "bar" }, this.fill);
    this.moving = element("div", { class: "model-moving" }, this.bar, this.said);
    this.row = element("div", { class: "model-acts" });
    this.node = element("article", { class: "model", "data-id": card.id }, this.facts, this.moving, this.row);
    onEscape(this.node, () => this.closed());
    this.receiver = new Receiver(this.node, words, (files, name) => this.want("import", { files, name }));
  }

  /**
   * @param {CardFacts} card
   * @param {Task[]} tasks the work on it
   * @param {Loaded | undefined} loaded what is in memory of it
   */
  update(card, tasks, loaded) {
    Object.assign(this, { card, tasks, loaded });
    const { running } = this;
    const still = { ...card, on_disk: card.state === "ready" && card.on_disk };
    const ended = tasks.map(({ kind, state, message, result }) => [kind, state, message, result]);
    const shown = JSON.stringify([still, ended, loaded?.device, [...this.complaints]]);
    if (shown !== this.shown) {
      this.shown = shown;
      this.node.dataset.state = card.state;
      this.facts.replaceChildren(...this.describe());
    }
    // Apart from the rest, and only when others are due: a button that is replaced under the pointer loses the click.
    const due = JSON.stringify([card.state, card.removable, card.licence.accepted, running?.kind, Boolean(loaded), this.asking, this.sending]);
    if (due !== this.due) {
      this.due = due;
      this.redraw();
    }
    this.moving.hidden = !running && !this.sending;
    if (running) this.move(running);
  }

  get running() {
    return this.tasks.find((task) => task.state === "running");
  }

  redraw() {
    const active = document.activeElement;
    const focused = active instanceof HTMLElement && this.row.contains(active) ? active.dataset.act : undefined;
    this.row.replaceChildren(...this.buttons());
    if (focused === undefined) return;
    const again = this.row.querySelector(`[data-act="${focused}"]`) ?? this.row.querySelector("button");
    if (again instanceof HTMLElement) again.focus();
  }

  describe() {
    const { words, card, tasks } = this;
    const { licence } = card;
    const verified = tasks.find((task) => task.state === "done" && task.kind === "verify")?.result;
    const checked = Array.isArray(verified) ? verified : null;
    const state = element("span", { class: "studio-state", "data-state": card.state }, words[card.state]);
    const parts = [
      element("header", {}, element("h3", {}, words.text(card.title)), state),
      element("p", { class: "model-id" }, card.id),
      element("p", { class: "model-about" }, ...about(words, card, this.loaded).map((text) => element("span", {}, text))),
      element(
        "p",
        { class: `model-licence${licence.restricted ? " restricted" : ""}` },
        element("b", {}, words.text(licence.weights)),
        licence.restricted && licence.accepted ? ` (${words.accepted})` : "",
        licence.summary ? `${words.colon}${words.text(licence.summary)}` : "",
      ),
    ];
    if (card.note && card.state !== "ready") parts.push(element("p", { class: "model-note" }, words.text(card.note)));
    if (card.source) parts.push(element("p", { class: "model-source" }, link(card.source)));
    if (checked?.length) parts.push(element("p", { class: "model-problem", role: "alert" }, `${words.damaged} ${checked.join(", ")}`));
    if (checked && !checked.length && tasks.at(-1)?.kind === "verify") parts.push(element("p", { class: "model-good", role: "status" }, words.intact));
    for (const task of tasks) if (task.state === "failed") parts.push(problem(words, words.told(task), () => this.acts.dismiss(task)));
    for (const [act, message] of this.complaints) parts.push(problem(words, message, () => this.forgive(act)));
    return parts;
  }

  buttons() {
    const { words, card, running, loaded } = this;
    if (this.sending) return [];
    if (running) {
      if (running.kind !== "download") return [this.button("stop", words.stop, () => this.do("stop"))];
      return [this.button("pause", words.pause, () => this.do("stop")), this.button("cancel", words.cancel, () => this.do("delete"))];
    }
    if (this.asking) return this.question(this.asking);
    const some = [];
    const fetchable = card.repo && (card.state === "downloadable" || card.state === "partly here");
    if (fetchable) some.push(this.button("download", card.state === "downloadable" ? words.download : words.resume, () => this.want("download"), "primary"));
    if (card.state === "ready") {
      if (this.acts.speaks(card.system)) some.push(this.button("use", words.use, () => this.acts.use(card.system, card.name), "primary"));
      if (this.acts.loads(card.system)) some.push(loaded ? this.button("unload", words.unload, () => this.do("unload")) : this.button("load", words.load, () => this.do("load")));
      some.push(this.button("verify", words.verify, () => this.do("verify")));
    }
    if (card.state === "needs your file" && !card.own) some.push(...this.receiver.buttons("primary"));
    if (card.removable) some.push(this.button("delete", words.delete, () => this.ask("delete"), "quiet"));
    return some;
  }

  /** @param {Exclude<Asking, "">} asking */
  question(asking) {
    const { words } = this;
    const restricts = asking !== "delete";
    return [
      element("p", { class: "model-ask" }, restricts ? words.accept_ask : words.delete_ask),
      this.button("yes", restricts ? words.accept : words.delete, () => this.answer(asking), restricts ? "primary" : "danger"),
      this.button("no", words.keep, () => this.ask("")),
    ];
  }

  /**
   * A licence that restricts use is accepted before the first byte.
   * @param {"download" | "import"} act
   */
  want(act, waiting = this.waiting) {
    const { licence } = this.card;
    this.waiting = waiting;
    if (licence.binding && !licence.accepted) this.ask(act);
    else if (act === "import") this.deliver(false);
    else this.do(act);
  }

  /** @param {Exclude<Asking, "">} act */
  answer(act) {
    this.ask("");
    if (act === "import") this.deliver(true);
    else this.do(act, act === "delete" ? {} : { accept: true });
  }

  /** @param {Asking} what */
  ask(what) {
    const before = this.asking;
    this.asking = what;
    this.update(this.card, this.tasks, this.loaded);
    const again = this.row.querySelector(`[data-act="${before}"]`) ?? this.row.querySelector("button");
    if (again instanceof HTMLElement) again.focus();
  }

  /** Whether there was a question, which is answered with no. */
  closed() {
    if (!this.asking) return false;
    this.ask("");
    return true;
  }

  /** @param {string} act whose complaint need not be told of any more */
  forgive(act) {
    this.complaints.delete(act);
    this.update(this.card, this.tasks, this.loaded);
  }

  /** @param {string} act */
  async do(act, more = {}) {
    this.complaints.delete(act);
    try {
      await send(`studio/models/${act}`, { id: this.acts.keyOf(this.card), ...more });
    } catch (error) {
      this.complaints.set(act, complaint(error, this.words));
    }
    await this.acts.poll();
  }

  /** @param {boolean} accept */
  async deliver(accept) {
    const { files, name } = this.waiting;
    this.sending = true;
    this.forgive("import");
    try {
      await deliver(this.card.id, files, name, accept, (done, total) => this.move({ label: this.words.sending, done, total }));
    } catch (error) {
      this.complaints.set("import", complaint(error, this.words));
    }
    this.sending = false;
    await this.acts.poll();
  }

  /** @param {{label: string | Told, done: number | null, total: number | null, rate?: number | null, remaining_s?: number | null}} at */
  move({ label, done, total, rate, remaining_s: left }) {
    const { words } = this;
    const share = total ? Math.min(1, (done ?? 0) / total) : null;
    this.bar.classList.toggle("unknown", share === null);
    this.fill.style.width = share === null ? "" : `${100 * share}%`;
    const parts = [
      words.told(label),
      total && total > 1e5 ? `${bytes(done ?? 0)} / ${bytes(total)}` : "",
      rate ? `${bytes(rate)}/${words.seconds}` : "",
      rate && typeof left === "number" ? `${clock(left)} ${words.to_go}` : "",
    ];
    this.said.textContent = parts.filter(Boolean).join(" · ");
  }

  /**
   * @param {string} act
   * @param {string} text
   * @param {() => void} click
   */
  button(act, text, click, kind = "") {
    return element("button", { type: "button", class: `act ${kind}`, "data-act": act, onclick: click }, text);
  }
}
