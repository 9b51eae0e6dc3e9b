// Which checkpoint of a system speaks, and with which of its voices. Drawn anew whenever a checkpoint comes or goes.
(() => {
  "use strict";
  const { element } = window.polyphone;
  let groups = 0;

  // A row of radios that look like pills; `picked` hears of a choice.
  function pills(label, values, chosen, picked) {
    const name = `studio-pills-${groups++}`;
    const options = values.map((value) => {
      const input = element("input", { type: "radio", name, value, onchange: () => picked(value) });
      input.checked = value === chosen;
      return element("label", {}, input, element("span", {}, value));
    });
    return element("fieldset", { class: "pills", role: "radiogroup", "aria-label": label }, element("legend", {}, label), element("div", {}, ...options));
  }

  class Chooser {
    // `changed` is called after every choice.
    constructor(place, words, changed) {
      this.place = place;
      this.words = words;
      this.changed = changed;
      this.voices = {}; // the last voice of each model
      this.name = "";
    }

    // The system's facts, as /studio/systems gives them.
    show(spec) {
      this.spec = spec;
      this.choose(this.name, "");
    }

    get current() {
      return this.spec.models.find((model) => model.name === this.name) || null;
    }

    // What goes into a request: the only model needs no name.
    get model() {
      return this.spec.models.length > 1 ? this.name : "";
    }

    get voice() {
      return this.voices[this.name] || "";
    }

    choose(model, voice) {
      const names = this.spec.models.map((each) => each.name);
      this.name = names.includes(model) ? model : names[0] || "";
      if (voice) this.voices[this.name] = voice;
      this.draw();
    }

    draw() {
      const { spec, words } = this;
      const drawn = [];
      if (spec.models.length > 1) drawn.push(pills(words.model, spec.models.map((model) => model.name), this.name, (name) => this.pick(name)));
      const voices = this.current?.voices || [];
      if (voices.length) {
        if (!voices.includes(this.voice)) this.voices[this.name] = voices[0];
        drawn.push(pills(words.voice, voices, this.voice, (voice) => (this.voices[this.name] = voice)));
      } else if (this.current && spec.voicing.random) drawn.push(this.free());
      this.place.replaceChildren(...drawn);
      this.changed();
    }

    pick(name) {
      this.choose(name, "");
      this.place.querySelector("input:checked")?.focus();
    }

    // A voice that is written: a number, or a string that the system understands.
    free() {
      const input = element("input", { type: "text", placeholder: this.words.default, "aria-label": this.words.voice });
      input.value = this.voice;
      input.addEventListener("input", () => (this.voices[this.name] = input.value));
      return element("label", { class: "free-voice" }, element("span", {}, this.words.voice), input);
    }
  }

  Object.assign(window.polyphone, { Chooser });
})();
