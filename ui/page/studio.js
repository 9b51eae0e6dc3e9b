// @ts-check
// The page's script: loads the words and what the server knows, draws the parts once Gradio has drawn its own, and
// opens the door to Gradio's handlers.

import { complaint, get } from "./ask.js";
import { Checking } from "./checking.js";
import { Connection } from "./connection.js";
import { find } from "./dom.js";
import { Draft } from "./draft.js";
import { Endpoint } from "./endpoint.js";
import { Form } from "./form.js";
import { drawHeader, recallTheme } from "./header.js";
import { Player } from "./player.js";
import { keepDefaults } from "./numbers.js";
import { Pages } from "./pages.js";
import { hearSuggestions, keepRepaired } from "./repairs.js";
import { showRights } from "./rights.js";
import { Outputs } from "./sound.js";
import { Status } from "./status.js";
import { Tabs } from "./tabs.js";
import { showPurposes } from "./system_facts.js";
import { TakeList } from "./takes.js";
import { TransportBar } from "./transport_bar.js";
import { loadWords, preferred } from "./words.js";

/** @typedef {import("./pages.js").TabPage} TabPage */
/** @typedef {import("./test_form.js").Source} Source */
/** @typedef {import("./voice_entries.js").Entry} Entry */
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
    /** @type {Source[]} What a listening test is to be made of when its tab opens. */
    this.judged = [];
    recallTheme();
    document.documentElement.lang = words.locale;
    this.checking = new Checking(words);
    this.status = new Status("studio-status", words.seconds);
    this.takes = new TakeList(
      words,
      {
        restore: (form, voice, message) => {
          this.form.restore(form, voice);
          this.checking.restore(form);
          this.status.say(message);
        },
        systemOf: (system) => this.form.systemOf(system),
        complain: (error) => this.status.complain(complaint(error, words)),
        offline: () => this.status.complain(words.offline),
      },
      "polyphone.takes",
    );
    drawHeader(words, () => this.takes.redraw());
    this.form = new Form(words, door.config.fields, systems, () => this.refresh());
    this.draft = new Draft(this.form);
    this.connection = new Connection(words, () => this.back());
    this.player = new Player({
      words,
      outputs: new Outputs(),
      takes: this.takes,
      status: this.status,
      changed: (player) => this.mark(player),
      sounds: (stats) => (door.stats = stats),
    });
    const { takes, status } = this;
    this.endpoint = new Endpoint({ words, takes, status, changed: (endpoint) => this.mark(endpoint) });
    this.streams = Outputs.supported && !door.config.endpoint;
    this.pages = new Pages(words, { models: () => this.loadModels(), clone: () => this.loadClone(), compare: () => this.loadCompare(), tests: () => this.loadTests() });
    this.bar = new TransportBar({ words, player: this.player, takes: this.takes, status: this.status });
    document.body.append(this.bar.node);
    find("#studio-player").replaceChildren(this.takes.head, this.checking.node, this.takes.node, this.takes.empty);
    this.takes.recall();
    const dice = find("#studio-dice");
    dice.setAttribute("aria-label", words.dice);
    dice.title = words.dice;
    keepRepaired(words, () => showPurposes(this.form.systems, words));
    this.listen();
  }

  listen() {
    hearSuggestions();
    keepDefaults(() => this.form.systems);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        // Gradio hears of typed text a moment after the key.
        setTimeout(() => find("#studio-generate").click(), 20);
      } else if (event.key === "Escape" && !event.isComposing) this.stop();
    });
  }

  /** What can be done only once Gradio's handlers have their door and the page knows what the visitor may do. */
  async begin() {
    new Tabs("speak", (tab) => void this.pages.open(tab));
    this.lack(await this.draft.begin());
    this.draft.follow();
    this.verify();
    this.connection.follow();
  }

  /** The server answers again: it may be another one, which has forgotten what the first had made. */
  async back() {
    this.status.relent(this.words.offline, this.words.back);
    await this.refresh();
    await this.verify();
  }

  async verify() {
    await Promise.all([this.takes.check(), this.draft.verify().then((gone) => this.lack(gone))]);
  }

  /** @param {string[]} gone what was chosen and is not there any more */
  lack(gone) {
    if (gone.length) this.status.say(`${this.words.replaced} ${gone.join(", ")}`);
  }

  /** @returns {Promise<TabPage>} */
  async loadModels() {
    const { ModelsPage } = await import("./models_page.js");
    return new ModelsPage(this.words, this.form.systems, { use: this.form.use.bind(this.form), refresh: () => this.refresh() });
  }

  /** @returns {Promise<TabPage>} */
  async loadClone() {
    const { ClonePage } = await import("./clone_page.js");
    const use = this.useVoice.bind(this);
    const restore = this.toSpeak.bind(this);
    const page = new ClonePage(this.words, { outputs: this.player.outputs, use, restore, refresh: () => this.refresh() });
    return { open: () => page.open(this.form.systems), show: (systems) => page.show(systems) };
  }

  /** @returns {Promise<TabPage>} */
  async loadCompare() {
    const { ComparePage } = await import("./compare_page.js");
    /** @type {(sources: Source[]) => void} */
    const judge = (sources) => {
      this.judged = sources;
      find("#studio-tab-tests-button").click();
    };
    const systemOf = this.form.systemOf.bind(this.form);
    return new ComparePage(this.words, this.form.systems, { restore: this.toSpeak.bind(this), systemOf, judge });
  }

  /** @returns {Promise<TabPage>} */
  async loadTests() {
    const { TestsPage } = await import("./tests_page.js");
    const page = new TestsPage(this.words, () => this.takes.audible);
    const open = () => {
      page.open();
      if (this.judged.length) page.form.offer(this.judged.splice(0));
    };
    return { open };
  }

  /**
   * Settings of another page, back in the form.
   * @param {Wanted} form
   * @param {string} voice
   */
  toSpeak(form, voice) {
    this.form.restore(form, voice);
    find("#studio-tab-speak-button").click();
  }

  /**
   * A voice of the Clone page, ready in the form.
   * @param {string} system
   * @param {string} model
   * @param {Entry} entry
   */
  useVoice(system, model, entry) {
    this.form.use(system, model);
    this.form.choosers.get(system)?.voices.recall(entry);
    this.form.changed();
  }

  /** Asks what there is now, whenever a checkpoint or a voice has come or gone. */
  async refresh() {
    this.form.show(await get("studio/systems"));
    await this.pages.show(this.form.systems);
  }

  /** @returns {Handlers} */
  handlers() {
    return {
      generate: (values) => this.generate(values),
      stop: () => this.stop(),
      dice: () => this.form.dice(),
      choose: (system) => this.form.choose(system),
      heed: (values) => this.form.heed(values),
      merge: (values) => this.form.merge(values),
      peek: (values) => void this.form.peek(values),
      keep: (values) => this.draft.keep(this.form.values.named(values)),
      asked: () => this.endpoint.asked(),
      answered: (sound) => void this.endpoint.answered(sound),
      use: (system, model) => this.form.use(system, model),
    };
  }

  /**
   * Speaks the form's values; what this returns becomes the seed that is shown.
   * @param {FieldValue[]} values
   */
  generate(values) {
    const wanted = { ...this.form.request(values), tries: this.checking.tries };
    if (this.streams) this.player.speak(wanted, this.form.system.sample_rate);
    else this.endpoint.speak(wanted);
    return wanted.seed;
  }

  stop() {
    this.bar.stop();
    this.endpoint.stop();
  }

  /**
   * Shows what the player, or the endpoint, is doing.
   * @param {Player | Endpoint} speaking
   */
  mark({ busy, sounding }) {
    document.body.classList.toggle("studio-sounding", sounding);
    document.body.classList.toggle("studio-busy", busy);
    find("#studio-generate").setAttribute("aria-busy", String(busy));
    this.bar.refresh();
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
await studio.begin();
document.body.classList.add("studio-ready");
