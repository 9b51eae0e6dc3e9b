// Which checkpoint of a system speaks, and with which voice. Drawn anew whenever a checkpoint or a voice comes or goes.
(() => {
  "use strict";
  const { element, pills, VoicePanel } = window.polyphone;

  class Chooser {
    // `changed` is called after every choice of a model.
    constructor(place, spec, words, changed) {
      this.words = words;
      this.changed = changed;
      this.name = "";
      this.chosen = {}; // the key of the last voice of each model
      this.models = element("div", {});
      this.panel = element("div", { class: "voice-panel" });
      this.voices = new VoicePanel(this.panel, spec, words);
      place.replaceChildren(this.models, this.panel);
    }

    // The system's facts, as /studio/systems gives them.
    show(spec) {
      this.spec = spec;
      this.pick(this.name);
    }

    get current() {
      return this.spec.models.find((model) => model.name === this.name) || null;
    }

    // What goes into a request: {model, voice or made}; the only model needs no name.
    get reference() {
      return { model: this.model, voice: "", ...this.voices.reference(this.voices.current) };
    }

    get model() {
      return this.spec.models.length > 1 ? this.name : "";
    }

    // The model and the voice of a take.
    restore({ model, voice, made }, label) {
      this.pick(model);
      this.voices.restore(voice, made, label);
    }

    pick(model) {
      const names = this.spec.models.map((each) => each.name);
      if (this.name) this.chosen[this.name] = this.voices.chosen;
      const before = this.name;
      this.name = names.includes(model) ? model : names[0] || "";
      if (this.name !== before) this.voices.chosen = this.chosen[this.name] ?? "";
      this.draw(names);
      this.panel.hidden = !this.current;
      this.voices.show(this.spec, this.current?.voices || [], this.model);
      this.changed();
    }

    draw(names) {
      const focused = this.models.contains(document.activeElement);
      const entries = names.map((name) => ({ key: name, label: name }));
      this.models.replaceChildren(...(names.length > 1 ? [pills(this.words.model, entries, this.name, (name) => this.pick(name))] : []));
      if (focused) this.models.querySelector("input:checked")?.focus();
    }
  }

  Object.assign(window.polyphone, { Chooser });
})();
