// @ts-check
// The page's script: loads the words and what the server knows, draws the parts once Gradio has drawn its own, and
// opens the door to Gradio's handlers.

import { get } from "./ask.js";
import { element, find } from "./dom.js";
import { Form } from "./form.js";
import { drawHeader, followWarmUp, recallTheme } from "./header.js";
import { labelOf } from "./options.js";
import { Player } from "./player.js";
import { hearSuggestions, keepRepaired } from "./repairs.js";
import { showRights } from "./rights.js";
import { Outputs } from "./sound.js";
import { Status } from "./status.js";
import { showPurposes } from "./system_facts.js";
import { TakeList } from "./takes.js";
import { called } from "./voice_entries.js";
import { loadWords, preferred } from "./words.js";

/** @typedef {import("./models_page.js").ModelsPage} ModelsPage */
/** @typedef {import("./wire.js").Door} Door */
/** @typedef {import("./wire.js").FieldValue} FieldValue */
/** @typedef {import("./wire.js").Handlers} Handlers */
/** @typedef {import("./wire.js").SystemFacts} SystemFacts */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./words.js").Words} Words */

class Studio {
  /**
   * @param {Door} door
   * @param {Words} words
   * @param {SystemFacts[]} systems
   */
  constructor(door, words, systems) {
    this.words = words;
    recallTheme();
    document.documentElement.lang = words.locale;
    this.status = new Status("studio-status");
    this.takes = new TakeList(
      words,
      {
        restore: (form, voice, message) => {
          this.form.restore(form, voice);
          this.status.say(message);
        },
        defaults: (system) => this.form.systemOf(system)?.defaults ?? {},
        called: (take) => called(this.form.systemOf(take.form.system), take, words),
        labelOf: (system, option) => labelOf(this.form.systemOf(system), option, words),
      },
      "polyphone.takes",
    );
    drawHeader(words, () => this.takes.redraw());
    this.form = new Form(words, door.config.fields, systems, () => this.refresh());
    this.player = new Player({
      words,
      outputs: new Outputs(),
      takes: this.takes,
      status: this.status,
      changed: (player) => this.mark(player),
      sounds: (stats) => (door.stats = stats),
    });
    /** @type {Wanted | null} What the endpoint is to say. */
    this.fallback = null;
    /** @type {Promise<ModelsPage> | null} */
    this.models = null;
    find("#studio-player").replaceChildren(element("h2", {}, words.takes), this.status.node, this.takes.node, this.takes.empty);
    this.takes.recall();
    const dice = find("#studio-dice");
    dice.setAttribute("aria-label", words.dice);
    dice.title = words.dice;
    keepRepaired(words, () => showPurposes(this.form.systems, words));
    this.listen();
  }

  listen() {
    hearSuggestions();
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        // Gradio hears of typed text a moment after the key.
        setTimeout(() => find("#studio-generate").click(), 20);
      } else if (event.key === "Escape") this.player.stop();
    });
    find("#studio-tab-models-button").addEventListener("click", () => this.openModels());
  }

  /** The Models page, which is loaded when it is first asked for. */
  async openModels() {
    this.models ??= import("./models_page.js").then(({ ModelsPage }) => {
      const acts = { use: this.form.use.bind(this.form), refresh: () => this.refresh() };
      return new ModelsPage(this.words, this.form.systems, acts);
    });
    (await this.models).open();
  }

  /** Asks what there is now, whenever a checkpoint or a voice has come or gone. */
  async refresh() {
    this.form.show(await get("studio/systems"));
  }

  /** @returns {Handlers} */
  handlers() {
    return {
      generate: (values) => this.generate(values),
      stop: () => this.player.stop(),
      dice: () => this.form.dice(),
      choose: (system) => this.form.choose(system),
      heed: (values) => this.form.heed(values),
      merge: (values) => this.form.merge(values),
      fallbackValues: () => this.fallbackValues(),
      use: (system, model) => this.form.use(system, model),
    };
  }

  /**
   * Speaks the form's values; what this returns becomes the seed that is shown.
   * @param {FieldValue[]} values
   */
  generate(values) {
    const wanted = this.form.request(values);
    if (Outputs.supported) this.player.speak(wanted, this.form.system.sample_rate);
    else {
      this.fallback = wanted;
      find("#studio-fallback-trigger").click();
    }
    return wanted.seed;
  }

  fallbackValues() {
    if (!this.fallback) return [];
    const { text, system, voice, language, seed, options, model, made = "" } = this.fallback;
    return [text, system, voice, language, seed, JSON.stringify(options), model, made];
  }

  /**
   * Shows what the player is doing.
   * @param {Player} player
   */
  mark({ busy, sounding }) {
    document.body.classList.toggle("studio-sounding", sounding);
    document.body.classList.toggle("studio-busy", busy);
    find("#studio-generate").setAttribute("aria-busy", String(busy));
  }
}

const door = /** @type {Door} */ (Reflect.get(window, "polyphone"));
const { base, languages } = door.config;
const loading = Promise.all([loadWords(preferred(languages), base), get("studio/systems")]);
const rights = get("studio/rights");
await door.drawn;
const studio = new Studio(door, ...(await loading));
door.open(studio.handlers());
showRights(studio.words, await rights);
document.body.classList.add("studio-ready");
followWarmUp(studio.words);
