// The microphone: a recording as a file, its level and length while it lasts.
(() => {
  "use strict";
  const MAX_S = 60;
  const KINDS = { "audio/webm;codecs=opus": "webm", "audio/mp4": "m4a", "audio/ogg;codecs=opus": "ogg" };

  class Recorder {
    static supported = Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

    // `heard(level, seconds)` is called while it records, the level in 0..1; `done(file)` once it is over.
    constructor(heard, done) {
      this.heard = heard;
      this.done = done;
    }

    // Asks for the microphone; throws what the browser says when there is none.
    async start() {
      // As it sounds in the room: what makes a call pleasant takes away from a voice.
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true } });
      const kind = Object.keys(KINDS).find((each) => MediaRecorder.isTypeSupported(each));
      const pieces = [];
      this.recorder = new MediaRecorder(this.stream, kind ? { mimeType: kind, audioBitsPerSecond: 192_000 } : {});
      this.recorder.ondataavailable = (event) => pieces.push(event.data);
      this.recorder.onstop = () => {
        this.release();
        this.done(new File(pieces, `recording.${KINDS[kind] || "webm"}`, { type: this.recorder.mimeType }));
      };
      this.context = new AudioContext();
      this.tap = this.context.createAnalyser();
      this.context.createMediaStreamSource(this.stream).connect(this.tap);
      this.began = performance.now();
      this.recorder.start();
      this.watch = setInterval(() => this.listen(), 50);
    }

    get recording() {
      return this.recorder?.state === "recording";
    }

    stop() {
      if (this.recording) this.recorder.stop();
    }

    listen() {
      const wave = new Float32Array(this.tap.fftSize);
      this.tap.getFloatTimeDomainData(wave);
      const seconds = (performance.now() - this.began) / 1000;
      this.heard(Math.min(1, Math.max(...wave.map(Math.abs))), seconds);
      if (seconds >= MAX_S - 0.5) this.stop();
    }

    release() {
      clearInterval(this.watch);
      for (const track of this.stream.getTracks()) track.stop();
      this.context.close();
    }
  }

  Object.assign(window.polyphone, { Recorder });
})();
