// Sound while it is made: reads the frames of a stream and plays its samples through WebAudio without gaps.
(() => {
  "use strict";
  const LEAD_S = 0.03; // between the arrival of the first samples and their start
  const REBUFFER_S = 0.08; // the pause taken when the stream was too slow, so that it is one gap and not many
  const FADE_S = 0.015;

  // Yields {event, ...} for JSON frames and Float32Array for sound.
  async function* frames(body) {
    const reader = body.getReader();
    let bytes = new Uint8Array(0);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const joined = new Uint8Array(bytes.length + value.length);
        joined.set(bytes);
        joined.set(value, bytes.length);
        let start = 0;
        while (joined.length - start >= 5) {
          const size = new DataView(joined.buffer, start + 1, 4).getUint32(0, true);
          if (joined.length - start - 5 < size) break;
          const payload = joined.slice(start + 5, start + 5 + size);
          yield joined[start] === 0x4a ? JSON.parse(new TextDecoder().decode(payload)) : new Float32Array(payload.buffer);
          start += 5 + size;
        }
        bytes = joined.slice(start);
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  // What reached the audio graph; the page's own figures and the tests read it.
  const fresh = () => ({ chunks: 0, samples: 0, audible: 0, gaps: 0, peak: 0, firstSoundMs: null, seconds: 0, playing: false });

  class LiveSound {
    static supported = Boolean(window.AudioContext || window.webkitAudioContext);
    static contexts = new Map();

    // One context for each rate, made inside a click: the joints stay exact where nothing is resampled piecewise.
    static context(rate) {
      if (!LiveSound.contexts.has(rate)) {
        const Context = window.AudioContext || window.webkitAudioContext;
        LiveSound.contexts.set(rate, new Context({ sampleRate: rate, latencyHint: "interactive" }));
      }
      return LiveSound.contexts.get(rate);
    }

    constructor(rate, clicked, ended) {
      this.context = LiveSound.context(rate);
      this.context.resume();
      this.gain = this.context.createGain();
      this.tap = this.context.createAnalyser();
      this.tap.fftSize = 2048;
      this.gain.connect(this.tap).connect(this.context.destination);
      this.clicked = clicked;
      this.ended = ended;
      this.next = null; // context time at which the next samples start
      this.begin = null;
      this.complete = false;
      this.sources = new Set();
      this.stats = { ...fresh(), rate };
      this.watch = setInterval(() => this.listen(), 8);
    }

    push(samples, rate) {
      if (!samples.length || this.closed) return;
      const buffer = this.context.createBuffer(1, samples.length, rate);
      buffer.copyToChannel(samples, 0);
      const now = this.context.currentTime;
      if (this.next === null) this.begin = this.next = now + LEAD_S;
      else if (this.next < now) {
        this.stats.gaps += 1;
        this.begin += now + REBUFFER_S - this.next;
        this.next = now + REBUFFER_S;
      }
      const source = new AudioBufferSourceNode(this.context, { buffer });
      source.connect(this.gain);
      source.start(this.next);
      source.onended = () => this.sources.delete(source);
      this.sources.add(source);
      this.next += buffer.duration;
      this.stats.chunks += 1;
      this.stats.samples += samples.length;
      for (const sample of samples) if (Math.abs(sample) > 1e-3) this.stats.audible += 1;
    }

    // No more samples will come.
    finish() {
      this.complete = true;
    }

    // The seconds of the result that have been heard.
    get position() {
      return this.begin === null ? 0 : Math.max(0, Math.min(this.context.currentTime, this.next) - this.begin);
    }

    get playing() {
      return !this.closed && this.next !== null && this.context.currentTime < this.next;
    }

    stop() {
      if (this.closed) return;
      const now = this.context.currentTime;
      this.gain.gain.setValueAtTime(1, now);
      this.gain.gain.linearRampToValueAtTime(0, now + FADE_S);
      for (const source of this.sources) source.stop(now + FADE_S);
      this.close();
    }

    close() {
      if (this.closed) return;
      this.closed = true;
      clearInterval(this.watch);
      this.stats.playing = false;
      setTimeout(() => this.gain.disconnect(), 100);
      this.ended();
    }

    // Looks at what really passes through the graph.
    listen() {
      const wave = new Float32Array(this.tap.fftSize);
      this.tap.getFloatTimeDomainData(wave);
      for (const sample of wave) this.stats.peak = Math.max(this.stats.peak, Math.abs(sample));
      if (this.begin !== null && this.stats.firstSoundMs === null && this.context.currentTime >= this.begin) {
        this.stats.firstSoundMs = performance.now() - this.clicked;
      }
      this.stats.seconds = this.position;
      this.stats.playing = this.playing;
      if (this.complete && !this.playing) this.close();
    }
  }

  Object.assign(window.polyphone, { frames, LiveSound });
})();
