// @ts-check
// Speaks: one request at a time is heard while it is made, and kept as a take. A page may hold many players at once.

import { complaint, isUnreached, post, read, Refused, Unreached } from "./ask.js";
import { frames } from "./frames.js";
import { LiveSound } from "./sound.js";

/** @typedef {import("./sound.js").Outputs} Outputs */
/** @typedef {import("./sound.js").Stats} Stats */
/** @typedef {import("./status.js").Status} Status */
/** @typedef {import("./take_card.js").TakeCard} TakeCard */
/** @typedef {import("./takes.js").TakeList} TakeList */
/** @typedef {import("./wire.js").EventFrame} EventFrame */
/** @typedef {import("./wire.js").Take} Take */
/** @typedef {import("./wire.js").Wanted} Wanted */
/** @typedef {import("./words.js").Words} Words */

/**
 * One request on its way.
 * @typedef {object} Utterance
 * @property {Wanted} wanted
 * @property {number} clicked
 * @property {LiveSound} live
 * @property {string} id of the server's job, "" until it is known
 * @property {TakeCard | null} card once there is something to show
 * @property {boolean} stopped
 * @property {boolean} over
 */

export class Player {
  /**
   * @param {object} parts
   * @param {Words} parts.words
   * @param {Outputs} parts.outputs
   * @param {TakeList} parts.takes where results go
   * @param {Status} parts.status where it says how far it is
   * @param {(player: Player) => void} [parts.changed] after each change of `busy` or `sounding`
   * @param {(stats: Stats) => void} [parts.sounds] hears of every new sound's figures
   */
  constructor({ words, outputs, takes, status, changed = () => {}, sounds = () => {} }) {
    this.words = words;
    this.outputs = outputs;
    this.takes = takes;
    this.status = status;
    this.changed = changed;
    this.sounds = sounds;
    /** @type {Utterance | null} */
    this.current = null;
    /** @type {Map<string, number>} The rates of the models that have spoken. */
    this.rates = new Map();
    this.level = 1;
  }

  /** Whether the server still works for it. */
  get busy() {
    return this.current !== null && !this.current.over;
  }

  /** Whether something is heard, or will be in a moment. */
  get sounding() {
    return this.current !== null && !this.current.live.closed;
  }

  /**
   * Says it, and ends when the server has; call it inside a click. What goes wrong is said by the status.
   * @param {Wanted} wanted
   * @param {number} rate what the system's sound has as a rule
   */
  async speak(wanted, rate) {
    this.stop();
    this.takes.silence(null);
    const spoken = this.begin(wanted, this.rates.get(modelOf(wanted)) ?? rate);
    this.status.progress(this.words.starting, null);
    try {
      const answer = await post("studio/speak", wanted);
      if (!answer.ok || !answer.body) return await read(answer);
      for await (const frame of frames(answer.body)) this.receive(spoken, frame);
      if (!spoken.over) throw new Unreached(); // cut off
    } catch (error) {
      spoken.live.stop();
      if (spoken.card && !spoken.card.take) this.takes.drop(spoken.card);
      const again = { label: this.words.try_again, act: () => void this.speak(wanted, rate) };
      this.status.complain(complaint(error, this.words), isUnreached(error) ? again : null);
    } finally {
      spoken.over = true;
      spoken.live.finish();
      if (this.current === spoken) this.status.rest();
      this.changed(this);
    }
  }

  get paused() {
    return this.sounding && this.current !== null && this.current.live.paused;
  }

  /** Silence, and on from there with the next call; what is being made goes on. */
  toggle() {
    const live = this.current?.live;
    if (live?.paused) live.resume();
    else live?.pause();
    this.changed(this);
  }

  /** @param {number} level in 0..1, from now on */
  louder(level) {
    this.level = level;
    this.current?.live.louder(level);
  }

  /** Silence at once; the engine follows at its next step, and what was made is kept as a take. */
  stop() {
    const spoken = this.current;
    if (!spoken) return;
    spoken.stopped = !spoken.over;
    spoken.live.stop();
    if (spoken.over) return;
    this.status.say(this.words.silenced);
    if (spoken.id) halt(spoken.id);
  }

  /**
   * @param {Wanted} wanted
   * @param {number} rate
   */
  begin(wanted, rate) {
    const clicked = performance.now();
    /** @type {Utterance} */
    const spoken = { wanted, clicked, live: this.sound(rate, clicked), id: "", card: null, stopped: false, over: false };
    this.current = spoken;
    this.changed(this);
    return spoken;
  }

  /**
   * @param {number} rate
   * @param {number} clicked
   */
  sound(rate, clicked) {
    const live = new LiveSound(this.outputs.at(rate), rate, clicked, () => this.quiet(live));
    live.louder(this.level);
    this.sounds(live.stats);
    return live;
  }

  /**
   * The sound is over, or was silenced.
   * @param {LiveSound} live
   */
  quiet(live) {
    this.takes.quiet(live);
    this.changed(this);
  }

  /**
   * @param {Utterance} spoken
   * @param {EventFrame | Float32Array<ArrayBuffer>} frame
   */
  receive(spoken, frame) {
    if (frame instanceof Float32Array) return this.hear(spoken, frame);
    switch (frame.event) {
      case "job":
        spoken.id = frame.job;
        if (spoken.stopped) halt(spoken.id);
        break;
      case "progress":
        this.status.progress(this.words.told(frame.label), frame.total ? frame.done / frame.total : null);
        break;
      case "started":
        this.started(spoken, frame.sample_rate);
        break;
      case "rewritten":
        this.show(spoken).rewrite(frame);
        break;
      case "notice":
        this.status.note(this.words.told(frame));
        break;
      case "error":
        throw new Refused(frame.error);
      case "finished":
        this.finished(spoken, frame.take);
    }
  }

  /**
   * @param {Utterance} spoken
   * @param {Float32Array<ArrayBuffer>} samples
   */
  hear(spoken, samples) {
    const card = this.show(spoken);
    if (spoken.stopped) return;
    if (!card.live && !spoken.live.closed) card.attach(spoken.live, () => this.stop());
    spoken.live.push(samples);
    card.grow(samples, spoken.live.rate);
  }

  /**
   * The checkpoint may turn out to have another rate than the system has as a rule.
   * @param {Utterance} spoken
   * @param {number} rate
   */
  started(spoken, rate) {
    this.rates.set(modelOf(spoken.wanted), rate);
    if (rate === spoken.live.rate || spoken.stopped) return;
    const guessed = spoken.live;
    spoken.live = this.sound(rate, spoken.clicked);
    if (guessed.paused) spoken.live.pause();
    guessed.close();
  }

  /** @param {Utterance} spoken */
  show(spoken) {
    spoken.card ??= this.takes.add(spoken.wanted);
    return spoken.card;
  }

  /**
   * @param {Utterance} spoken
   * @param {Take | null} take null when there was no sound
   */
  finished(spoken, take) {
    spoken.over = true;
    if (take) this.takes.finish(this.show(spoken), take, spoken.live.stats.firstSoundMs);
    else if (spoken.card) this.takes.drop(spoken.card);
    const { words } = this;
    const ended = spoken.stopped ? words.silenced : words.done;
    // Those that came while it was spoken were soon followed by others; on the take they stay.
    const notices = (take?.notices ?? []).map((notice) => words.told(notice));
    if (notices.length) this.status.note([ended, ...notices].join(" · "));
    else this.status.say(ended);
  }
}

/** @param {Wanted} wanted */
const modelOf = (wanted) => `${wanted.system}/${wanted.model}`;

/** @param {string} job */
const halt = (job) => fetch(`studio/jobs/${encodeURIComponent(job)}/stop`, { method: "POST" }).catch(() => {});
