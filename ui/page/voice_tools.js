// The ways to a new voice: a draw, a recording, a string, a blend. Each is offered where the system's facts say so.
(() => {
  "use strict";
  const { element, fileButton, Recorder, send } = window.polyphone;
  const DRAWN = 100_000; // enough to find a voice by, and few enough to note its number
  const LARGEST = 2 ** 31 - 1;

  const labelled = (label, field, hint = "") => element("label", { class: "voice-field" }, element("span", {}, label), field, ...(hint ? [element("small", {}, hint)] : []));

  // -- a number that draws a voice --

  class DrawTool {
    constructor(panel) {
      const { words } = panel;
      this.panel = panel;
      this.number = element("input", { type: "number", min: "0", max: String(LARGEST), step: "1", inputmode: "numeric", oninput: () => this.pick() });
      const dice = element("button", { type: "button", class: "tool dice", "aria-label": words.roll, title: words.roll, onclick: () => this.roll() }, "⚄");
      this.node = element("div", { class: "voice-tool voice-draw" }, labelled(words.number, this.number), dice, element("small", {}, words.draw_how));
    }

    opened() {
      if (this.number.value === "") this.roll();
      else this.pick();
    }

    closed() {}

    roll() {
      this.number.value = String(Math.floor(Math.random() * DRAWN));
      this.pick();
    }

    pick() {
      const number = Number(this.number.value);
      if (this.number.value === "" || !Number.isInteger(number) || number < 0 || number > LARGEST) return;
      this.panel.add({ key: "drawn", voice: `seed:${number}`, label: `№ ${number}` });
    }
  }

  // -- a string --

  class StringTool {
    constructor(panel) {
      const { words, spec } = panel;
      this.panel = panel;
      this.field = element("textarea", { rows: "3", spellcheck: "false", autocomplete: "off", oninput: () => this.pick() });
      this.node = element("div", { class: "voice-tool" }, labelled(words.string, this.field, spec.voicing.strings));
    }

    opened() {
      this.field.focus();
      this.pick();
    }

    closed() {}

    pick() {
      const voice = this.field.value.trim();
      if (voice) this.panel.add({ key: "string", voice, label: this.panel.shortened(voice) });
    }
  }

  // -- a recording, from a file or the microphone --

  class RecordingTool {
    constructor(panel) {
      const { words, spec } = panel;
      this.panel = panel;
      this.file = null;
      this.recorder = new Recorder(
        (level, seconds) => this.heard(level, seconds),
        (file) => this.take(file),
      );
      this.button = element("button", { type: "button", class: "tool record", onclick: () => this.toggle() }, words.record);
      this.meter = element("i");
      const level = element("div", { class: "meter", "aria-hidden": "true" }, this.meter);
      const [choose, input] = fileButton(words.choose_recording, { accept: "audio/*,video/*" }, ([file]) => this.take(file));
      this.preview = element("audio", { controls: "", preload: "metadata" });
      this.text = element("textarea", { rows: "2" });
      this.use = element("button", { type: "button", class: "tool primary", onclick: () => this.make() }, words.use_voice);
      this.rest = element(
        "div",
        { class: "voice-rest" },
        this.preview,
        ...(spec.voicing.prompt_text ? [labelled(words.transcript, this.text, words.transcript_how)] : []),
        this.use,
      );
      this.rest.hidden = true;
      this.node = element(
        "div",
        { class: "voice-tool" },
        element("div", { class: "voice-row" }, ...(Recorder.supported ? [this.button, level] : []), choose, input),
        element("small", {}, `${words.recording_how} ${words.consent}${Recorder.supported ? "" : ` ${words.no_microphone}`}`),
        this.rest,
      );
      this.node.addEventListener("dragover", (event) => event.preventDefault());
      this.node.addEventListener("drop", (event) => {
        event.preventDefault();
        if (event.dataTransfer.files.length) this.take(event.dataTransfer.files[0]);
      });
    }

    opened() {}

    closed() {
      this.recorder.stop();
    }

    async toggle() {
      const { words } = this.panel;
      if (this.recorder.recording) return this.recorder.stop();
      try {
        await this.recorder.start();
        this.node.classList.add("recording");
        this.panel.say("");
      } catch {
        this.panel.say(words.no_microphone, true);
      }
    }

    heard(level, seconds) {
      this.meter.style.width = `${Math.round(100 * Math.sqrt(level))}%`;
      this.button.textContent = `${this.panel.words.stop} ${window.polyphone.clock(seconds)}`;
    }

    take(file) {
      this.node.classList.remove("recording");
      this.meter.style.width = "";
      this.button.textContent = this.panel.words.record;
      if (this.preview.src) URL.revokeObjectURL(this.preview.src);
      this.file = file;
      this.preview.src = URL.createObjectURL(file);
      this.rest.hidden = false;
      this.use.focus();
    }

    make() {
      const { panel } = this;
      const language = document.querySelector(`#studio-${CSS.escape(panel.spec.id)}-language input:checked`)?.value || "";
      const name = this.file.name.replace(/\.[^.]*$/, "");
      const query = new URLSearchParams({ text: this.text.value, name, language, model: panel.model });
      return panel.work(this.use, async () => {
        const made = await send(`${panel.place}/recording?${query}`, this.file);
        panel.toggle(this);
        panel.add({ key: made.made, made: made.made, label: made.name });
      });
    }
  }

  // -- two voices in one --

  class BlendTool {
    constructor(panel) {
      const { words } = panel;
      this.panel = panel;
      [this.first, this.second] = [0, 1].map(() => element("select", { onchange: () => this.tell() }));
      this.share = element("input", { type: "range", min: "0", max: "100", step: "5", value: "50", "aria-label": words.share, oninput: () => this.tell() });
      this.left = element("output", {});
      this.right = element("output", {});
      this.hear = element("button", { type: "button", class: "tool primary", onclick: () => this.make() }, words.hear);
      this.node = element(
        "div",
        { class: "voice-tool" },
        element("div", { class: "voice-pair" }, labelled(words.first_voice, this.first), labelled(words.second_voice, this.second)),
        element("div", { class: "voice-share" }, this.left, this.share, this.right),
        element("div", { class: "voice-row" }, this.hear),
      );
    }

    opened() {
      this.entries = this.panel.entries().filter((entry) => entry.key !== "blend");
      for (const [index, select] of [this.first, this.second].entries()) {
        const chosen = select.value || this.entries[Math.min(index, this.entries.length - 1)]?.key;
        select.replaceChildren(...this.entries.map((entry) => element("option", { value: entry.key }, entry.label)));
        select.value = this.entries.some((entry) => entry.key === chosen) ? chosen : this.entries[0]?.key;
      }
      this.tell();
    }

    closed() {}

    tell() {
      const share = Number(this.share.value);
      this.left.textContent = `${100 - share} %`;
      this.right.textContent = `${share} %`;
      this.share.setAttribute("aria-valuetext", `${share} %`);
    }

    make() {
      const { panel } = this;
      const share = Number(this.share.value);
      const picked = [this.first, this.second].map((select) => this.entries.find((entry) => entry.key === select.value));
      const blend = picked.map((entry, index) => ({ ...panel.reference(entry), weight: index ? share : 100 - share }));
      const name = `${picked[0].label} + ${picked[1].label}`;
      return panel.work(this.hear, async () => {
        const made = await send(`${panel.place}/make`, { blend, name, model: panel.model });
        panel.add({ key: "blend", made: made.made, label: `${100 - share} % ${picked[0].label} + ${share} % ${picked[1].label}` });
        document.querySelector("#studio-generate").click();
      });
    }
  }

  // The tools that a system's facts call for: [name of its word, class].
  function toolsOf({ voicing }) {
    return [
      [voicing.random, "draw", DrawTool],
      [voicing.prompt_audio, "recording", RecordingTool],
      [voicing.strings, "string", StringTool],
      [voicing.blend, "blend", BlendTool],
    ]
      .filter(([offered]) => offered)
      .map(([, word, Tool]) => [word, Tool]);
  }

  Object.assign(window.polyphone, { toolsOf });
})();
