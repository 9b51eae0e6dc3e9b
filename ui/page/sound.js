// @ts-check
// Sound while it is made: plays samples through WebAudio without gaps, as they come.

const LEAD_S = 0.03; // between the arrival of the first samples and their start
const REBUFFER_S = 0.08; // the pause taken when the stream was too slow, so that it is one gap and not many
const FADE_S = 0.015;

/**
 * What reached the audio graph; the page's own figures and the tests read it.
 * @typedef {object} Stats
 * @property {number} rate
 * @property {number} chunks
 * @property {number} samples
 * @property {number} audible
 * @property {number} gaps
 * @property {number} peak
 * @property {number | null} firstSoundMs
 * @property {number} seconds
 * @property {boolean} playing
 */

/**
 * A part of the result, and where in it that lies in seconds.
 * @typedef {object} Piece
 * @property {AudioBuffer} buffer
 * @property {number} at
 */

/** Where sound leaves the page: an audio context for each rate, which players share, since a browser has few. */
export class Outputs {
  static supported = Boolean(window.AudioContext);

  constructor() {
    /** @type {Map<number, AudioContext>} */
    this.contexts = new Map();
  }

  /**
   * The context of a rate, to be asked for inside a click: the joints stay exact where nothing is resampled piecewise.
   * @param {number} rate
   */
  at(rate) {
    const context = this.contexts.get(rate) ?? new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    this.contexts.set(rate, context);
    context.resume();
    return context;
  }
}

/** One sound on its way. */
export class LiveSound {
  /**
   * @param {AudioContext} context
   * @param {number} rate
   * @param {number} clicked when it was asked for, on the page's clock in ms
   * @param {() => void} ended
   */
  constructor(context, rate, clicked, ended) {
    this.context = context;
    this.rate = rate;
    this.gain = context.createGain();
    this.tap = context.createAnalyser();
    this.tap.fftSize = 2048;
    this.gain.connect(this.tap).connect(context.destination);
    this.clicked = clicked;
    this.ended = ended;
    /** @type {number | null} The context's time at which the next samples start. */
    this.next = null;
    this.begin = 0;
    this.level = 1;
    this.complete = false;
    this.closed = false;
    /** @type {Set<AudioBufferSourceNode>} */
    this.sources = new Set();
    /** @type {Piece[]} What has not been heard to its end. */
    this.pieces = [];
    this.made = 0; // seconds of the result
    /** @type {number | null} Where it was paused. */
    this.held = null;
    /** @type {Stats} */
    this.stats = { rate, chunks: 0, samples: 0, audible: 0, gaps: 0, peak: 0, firstSoundMs: null, seconds: 0, playing: false };
    this.watch = setInterval(() => this.listen(), 8);
  }

  /** @param {Float32Array<ArrayBuffer>} samples */
  push(samples) {
    if (!samples.length || this.closed) return;
    const buffer = this.context.createBuffer(1, samples.length, this.rate);
    buffer.copyToChannel(samples, 0);
    const piece = { buffer, at: this.made };
    while (this.pieces.length && this.pieces[0].at + this.pieces[0].buffer.duration <= this.position) this.pieces.shift();
    this.pieces.push(piece);
    this.made += buffer.duration;
    this.stats.chunks += 1;
    this.stats.samples += samples.length;
    for (const sample of samples) if (Math.abs(sample) > 1e-3) this.stats.audible += 1;
    if (!this.paused) this.schedule(piece);
  }

  /** @param {Piece} piece the one that follows on those before */
  schedule({ buffer, at }) {
    const now = this.context.currentTime;
    if (this.next === null) this.begin = this.next = now + LEAD_S;
    else if (this.next < now) {
      this.stats.gaps += 1;
      this.begin += now + REBUFFER_S - this.next;
      this.next = now + REBUFFER_S;
    }
    this.start(buffer, this.next, 0);
    this.next = this.begin + at + buffer.duration;
  }

  /**
   * @param {AudioBuffer} buffer
   * @param {number} when on the context's clock
   * @param {number} from seconds into the buffer
   */
  start(buffer, when, from) {
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.gain);
    source.start(when, from);
    source.onended = () => this.sources.delete(source);
    this.sources.add(source);
  }

  /** No more samples will come. */
  finish() {
    this.complete = true;
  }

  get paused() {
    return this.held !== null;
  }

  /** Silence until `resume`; what comes meanwhile is kept. */
  pause() {
    if (this.closed || this.paused) return;
    this.held = this.position;
    this.fade();
    this.sources.clear();
  }

  resume() {
    if (this.closed || this.held === null) return;
    const now = this.context.currentTime;
    const held = this.held;
    this.held = null;
    this.gain.gain.cancelScheduledValues(now).setValueAtTime(this.level, now + FADE_S);
    this.next = null;
    this.begin = now + LEAD_S - held;
    for (const { buffer, at } of this.pieces) {
      const from = Math.max(0, held - at);
      if (from < buffer.duration) this.start(buffer, this.begin + at + from, from);
      this.next = this.begin + at + buffer.duration;
    }
  }

  /** @param {number} level in 0..1 */
  louder(level) {
    this.level = level;
    if (!this.paused && !this.closed) this.gain.gain.value = level;
  }

  /** The seconds of the result that have been heard. */
  get position() {
    if (this.held !== null) return this.held;
    return this.next === null ? 0 : Math.max(0, Math.min(this.context.currentTime, this.next) - this.begin);
  }

  get playing() {
    return !this.closed && !this.paused && this.next !== null && this.context.currentTime < this.next;
  }

  stop() {
    if (this.closed) return;
    this.fade();
    this.close();
  }

  fade() {
    const now = this.context.currentTime;
    this.gain.gain.setValueAtTime(this.level, now);
    this.gain.gain.linearRampToValueAtTime(0, now + FADE_S);
    for (const source of this.sources) source.stop(now + FADE_S);
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.watch);
    this.stats.playing = false;
    setTimeout(() => this.gain.disconnect(), 100);
    this.ended();
  }

  /** Looks at what really passes through the graph. */
  listen() {
    const wave = new Float32Array(this.tap.fftSize);
    this.tap.getFloatTimeDomainData(wave);
    for (const sample of wave) this.stats.peak = Math.max(this.stats.peak, Math.abs(sample));
    if (this.next !== null && this.stats.firstSoundMs === null && this.context.currentTime >= this.begin) {
      this.stats.firstSoundMs = performance.now() - this.clicked;
    }
    this.stats.seconds = this.position;
    this.stats.playing = this.playing;
    if (this.complete && !this.paused && !this.playing) this.close();
  }
}
