// @ts-check
// The microphone: a recording as a file, its level and length while it lasts.

const MAX_S = 60;
const KINDS = [
  { type: "audio/webm;codecs=opus", ending: "webm" },
  { type: "audio/mp4", ending: "m4a" },
  { type: "audio/ogg;codecs=opus", ending: "ogg" },
];

/**
 * What is there while it records.
 * @typedef {object} Running
 * @property {MediaStream} stream
 * @property {MediaRecorder} recorder
 * @property {AudioContext} context
 * @property {AnalyserNode} tap
 * @property {number} began
 * @property {ReturnType<typeof setInterval>} watch
 */

export class Recorder {
  static supported = "mediaDevices" in navigator && "MediaRecorder" in window;

  /**
   * @param {(level: number, seconds: number) => void} heard is called while it records, the level in 0..1
   * @param {(file: File) => void} done is called once it is over
   */
  constructor(heard, done) {
    this.heard = heard;
    this.done = done;
    /** @type {Running | null} */
    this.running = null;
  }

  /** Asks for the microphone; throws what the browser says when there is none. */
  async start() {
    // As it sounds in the room: what makes a call pleasant takes away from a voice.
    const room = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: room });
    const kind = KINDS.find(({ type }) => MediaRecorder.isTypeSupported(type));
    /** @type {Blob[]} */
    const pieces = [];
    const recorder = new MediaRecorder(stream, kind ? { mimeType: kind.type, audioBitsPerSecond: 192_000 } : {});
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.onstop = () => {
      this.release();
      this.done(new File(pieces, `recording.${kind?.ending ?? "webm"}`, { type: recorder.mimeType }));
    };
    const context = new AudioContext();
    const tap = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(tap);
    const running = { stream, recorder, context, tap, began: performance.now(), watch: setInterval(() => this.listen(running), 50) };
    this.running = running;
    recorder.start();
  }

  get recording() {
    return this.running?.recorder.state === "recording";
  }

  stop() {
    if (this.recording) this.running?.recorder.stop();
  }

  /** @param {Running} running */
  listen({ tap, began }) {
    const wave = new Float32Array(tap.fftSize);
    tap.getFloatTimeDomainData(wave);
    const seconds = (performance.now() - began) / 1000;
    this.heard(Math.min(1, Math.max(...wave.map(Math.abs))), seconds);
    if (seconds >= MAX_S - 0.5) this.stop();
  }

  release() {
    if (!this.running) return;
    clearInterval(this.running.watch);
    for (const track of this.running.stream.getTracks()) track.stop();
    this.running.context.close();
    this.running = null;
  }
}
