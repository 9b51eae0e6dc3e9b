// The voices of one system: those of the checkpoint, those that are saved, and those that are made here.
(() => {
  "use strict";
  const studio = window.polyphone;
  const { element, fileButton, send, toolsOf } = studio;
  const SHOWN = 24; // characters of a long string
  let groups = 0;

  // A row of radios that look like pills. An entry is {key, label, kind?}; `picked` hears of the key of a choice.
  function pills(label, entries, chosen, picked) {
    const name = `studio-pills-${groups++}`;
    const options = entries.map((entry) => {
      const input = element("input", { type: "radio", name, value: entry.key, onchange: () => picked(entry.key) });
      input.checked = entry.key === chosen;
      return element("label", { class: entry.kind || null }, input, element("span", {}, entry.label));
    });
    return element("fieldset", { class: "pills", role: "radiogroup", "aria-label": label }, element("legend", {}, label), element("div", {}, ...options));
  }

  class VoicePanel {
    constructor(place, spec, words) {
      this.words = words;
      this.spec = spec;
      this.place = `studio/voices/${encodeURIComponent(spec.id)}`;
      this.made = []; // of this visit
      this.chosen = ""; // a key
      this.presets = [];
      this.model = "";
      this.pills = element("div", {});
      this.acts = element("div", { class: "voice-acts" });
      this.said = element("p", { class: "voice-said", role: "status" });
      this.tools = toolsOf(spec).map(([word, Tool]) => this.offer(word, new Tool(this)));
      place.replaceChildren(this.pills, this.acts, this.bar(), ...this.tools.map(({ tool }) => tool.node), this.said);
    }

    // -- which voices there are --

    entries() {
      const own = this.presets.map((name) => ({ key: name, label: name, voice: name }));
      const nameless = [{ key: "", label: this.words.default, voice: "" }];
      const saved = this.spec.saved.filter((name) => !this.presets.includes(name));
      return [
        ...(own.length || !this.tools.length ? own : nameless),
        ...saved.map((name) => ({ key: `saved ${name}`, label: name, voice: name, kind: "saved" })),
        ...this.made.map((entry) => ({ ...entry, kind: "made" })),
      ];
    }

    get current() {
      return this.entries().find((entry) => entry.key === this.chosen) || null;
    }

    // What goes into a request for a voice.
    reference(entry) {
      return entry?.made ? { made: entry.made } : { voice: entry?.voice || "" };
    }

    // What the checkpoint `model` offers, and what is saved now.
    show(spec, presets, model) {
      Object.assign(this, { spec, presets, model });
      if (!this.current) this.chosen = this.entries()[0]?.key || "";
      this.draw();
    }

    pick(key) {
      this.chosen = key;
      this.asking = "";
      this.say("");
      this.drawActs();
    }

    // A voice that was made here, chosen at once; one that came the same way before makes room.
    add(entry) {
      this.made = [...this.made.filter(({ key }) => key !== entry.key), entry];
      this.chosen = entry.key;
      this.asking = "";
      this.say("");
      this.draw();
    }

    // The voice of a take: by its name or string, or by the id that it was made under.
    restore(voice, made, label) {
      const known = this.entries().find((entry) => (made ? entry.made === made : entry.voice === voice));
      if (known) this.chosen = known.key;
      else if (made) this.add({ key: made, made, label });
      else if (voice) this.add({ key: "string", voice, label: this.shortened(voice) });
      this.draw();
    }

    shortened(text) {
      return text.length > SHOWN ? `${text.slice(0, SHOWN / 2)}…` : text;
    }

    // -- drawing --

    draw() {
      const entries = this.entries();
      this.pills.replaceChildren(...(entries.length ? [pills(this.words.voice, entries, this.chosen, (key) => this.pick(key))] : []));
      this.drawActs();
    }

    bar() {
      if (!this.tools.length) return "";
      const { words, spec } = this;
      const accept = spec.voicing.file ? ".safetensors,.pt" : ".safetensors";
      const [open, input] = fileButton(words.voice_file, { accept }, ([file]) => this.open(open, file));
      return element("div", { class: "voice-tools", role: "group", "aria-label": words.new_voice }, element("span", {}, words.new_voice), ...this.tools.map(({ button }) => button), open, input);
    }

    offer(word, tool) {
      tool.node.id = `studio-tool-${groups++}`;
      tool.node.hidden = true;
      const attributes = { type: "button", class: "tool", "aria-expanded": "false", "aria-controls": tool.node.id };
      return { tool, button: element("button", { ...attributes, onclick: () => this.toggle(tool) }, this.words[word]) };
    }

    // One tool at a time.
    toggle(chosen) {
      for (const { tool, button } of this.tools) {
        const open = tool === chosen && tool.node.hidden;
        if (!open && !tool.node.hidden) tool.closed();
        tool.node.hidden = !open;
        button.setAttribute("aria-expanded", String(open));
        if (open) tool.opened();
      }
    }

    // -- what can be done with the chosen voice --

    drawActs() {
      const { words, current } = this;
      const acts = [];
      if (this.asking === "save") acts.push(this.naming());
      else if (this.asking === "delete") acts.push(element("span", {}, words.delete_ask), this.act(words.delete, () => this.remove()), this.act(words.keep, () => this.ask("")));
      else if (current) {
        if (current.kind === "made") acts.push(this.act(words.save_voice, () => this.ask("save")));
        if (this.spec.voicing.string) acts.push(this.act(words.copy_string, (button) => this.copy(button)));
        if (current.kind === "saved") {
          const href = `${this.place}/${encodeURIComponent(current.voice)}.safetensors`;
          acts.push(element("a", { class: "tool", href, download: "" }, words.download));
          acts.push(this.act(words.delete, () => this.ask("delete")));
        }
      }
      this.acts.replaceChildren(...acts);
    }

    act(label, done) {
      return element("button", { type: "button", class: "tool", onclick: (event) => done(event.currentTarget) }, label);
    }

    ask(what) {
      this.asking = what;
      this.drawActs();
      (this.acts.querySelector("input") || this.acts.querySelector("button"))?.focus();
    }

    naming() {
      const { words, current } = this;
      const name = element("input", { type: "text", maxlength: "40", "aria-label": words.name, placeholder: words.name });
      // A label such as "50 % Ada + 50 % Ben" is no name.
      name.value = /^[\p{L}][\p{L}\p{N}\p{M} ._'-]*$/u.test(current.label) ? current.label : "";
      const save = element("button", { type: "submit", class: "tool primary" }, words.save);
      const form = element("form", { class: "voice-row" }, name, save, this.act(words.cancel, () => this.ask("")));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.work(save, () => this.save(name.value));
      });
      return form;
    }

    // -- the work --

    async save(wanted) {
      const { current } = this;
      const { name } = await send(`${this.place}/save`, { ...this.reference(current), name: wanted, model: this.model });
      this.made = this.made.filter((entry) => entry !== current && entry.key !== current.key);
      await this.kept(name);
    }

    open(button, file) {
      return this.work(button, async () => {
        const { name } = await send(`${this.place}/file?${new URLSearchParams({ name: file.name })}`, file);
        await this.kept(name);
      });
    }

    // A voice is on the shelf: it is chosen.
    async kept(name) {
      this.chosen = `saved ${name}`;
      this.asking = "";
      await studio.refresh();
      this.pills.querySelector("input:checked")?.focus();
      this.say(this.words.saved);
    }

    remove() {
      const { current, words } = this;
      return this.work(this.acts.querySelector("button"), async () => {
        await send(`${this.place}/delete`, { name: current.voice });
        this.asking = "";
        this.chosen = "";
        await studio.refresh();
        this.pills.querySelector("input:checked")?.focus();
        this.say(words.deleted);
      });
    }

    copy(button) {
      return this.work(button, async () => {
        const { string } = await send(`${this.place}/string`, { ...this.reference(this.current), model: this.model });
        await copied(string);
        this.say(this.words.copied);
      });
    }

    // Whatever it is: the button waits, and what goes wrong is said.
    async work(button, steps) {
      button.disabled = true;
      this.say(this.words.making);
      try {
        await steps();
        if (this.said.textContent === this.words.making) this.say("");
      } catch (error) {
        this.say(error instanceof TypeError ? this.words.offline : error.message, true);
      } finally {
        button.disabled = false;
      }
    }

    say(message, bad = false) {
      this.said.classList.toggle("bad", bad);
      this.said.textContent = message;
    }
  }

  // Without leave for the clipboard, as on a page without https, through a selection.
  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = element("textarea", { readonly: "", class: "unseen" });
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  }

  Object.assign(studio, { pills, VoicePanel });
})();
