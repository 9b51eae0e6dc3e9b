// The list of takes: one card for each result, and the one that is being spoken.
(() => {
  "use strict";
  const { element } = window.polyphone;
  const PEAKS_PER_S = 40;
  const KEPT = "polyphone.takes";

  const chip = (text, title = "") => element("span", { class: "chip", title }, text);

  class Card {
    constructor(list, form) {
      this.list = list;
      this.words = window.polyphone.words;
      this.live = null;
      this.peaks = [];
      this.rest = { peak: 0, count: 0 };
      this.seconds = 0;
      this.play = element("button", { class: "play", type: "button", onclick: () => this.toggle() });
      this.wave = new window.polyphone.Waveform(this.words.position, (place) => this.seek(place));
      this.time = element("span", { class: "time" });
      this.chips = element("div", { class: "chips" });
      this.rewritten = element("div", { class: "rewritten" });
      this.rewritten.hidden = true;
      this.form = form;
      this.foot = element("div", { class: "foot" });
      this.sound = element("audio", { controls: "", preload: "none" });
      for (const event of ["play", "pause", "ended", "timeupdate"]) this.sound.addEventListener(event, () => this.refresh());
      this.sound.addEventListener("play", () => this.list.silence(this));
      this.node = element(
        "article",
        { class: "take" },
        element("p", { class: "said", lang: form.language || "en", dir: "auto" }, form.text),
        element("div", { class: "transport" }, this.play, this.wave.canvas, this.time),
        this.rewritten,
        this.chips,
        this.foot,
      );
      this.refresh();
    }

    // -- while it is being spoken --

    attach(live) {
      this.live = live;
      this.node.classList.add("live");
      const tick = () => {
        if (this.live !== live) return;
        this.refresh();
        requestAnimationFrame(tick);
      };
      tick();
    }

    grow(samples, rate) {
      const stretch = Math.round(rate / PEAKS_PER_S);
      for (const sample of samples) {
        this.rest.peak = Math.max(this.rest.peak, Math.abs(sample));
        if (++this.rest.count === stretch) {
          this.peaks.push(this.rest.peak);
          this.rest = { peak: 0, count: 0 };
        }
      }
      this.seconds += samples.length / rate;
      this.wave.show(this.peaks, this.seconds);
    }

    // The text as the system has rewritten it: to be read, edited and spoken anew.
    rewrite({ text, options }) {
      const { words, form } = this;
      const edit = () => window.polyphone.restore({ ...(this.take?.form || form), text, options: { ...form.options, ...options } }, this.voice, words.edited);
      this.rewritten.replaceChildren(
        element("h3", {}, words.rewritten),
        element("p", { lang: form.language || null, dir: "auto" }, text),
        element("button", { class: "restore", type: "button", onclick: edit }, words.edit),
      );
      this.rewritten.hidden = false;
    }

    get voice() {
      return this.take?.voice || "";
    }

    detach() {
      this.live = null;
      this.node.classList.remove("live");
      this.refresh();
    }

    // -- when it is finished --

    finish(take, heardMs) {
      this.take = take;
      this.seconds = take.audio_s;
      this.wave.show(take.peaks.map((peak) => peak / 100), take.audio_s);
      this.sound.src = take.files.wav;
      if (take.rewritten) this.rewrite(take.rewritten);
      this.describe(heardMs);
      this.foot.replaceChildren(this.downloads(), this.restore(), this.details());
      this.refresh();
    }

    describe(heardMs) {
      const { take, words } = this;
      const unit = ` ${words.seconds}`;
      const first = heardMs ? heardMs / 1000 : take.load_s + take.first_audio_s;
      const speed = 1 / take.rtf;
      this.chips.replaceChildren(
        ...[take.form.model, take.voice, take.form.language].filter(Boolean).map((text) => chip(text)),
        chip(`${words.seed} ${take.form.seed}`),
        chip(`${words.first} ${first.toFixed(2)}${unit}`, `${take.first_audio_s.toFixed(3)} s in the engine`),
        chip(`RTF ${take.rtf.toFixed(3)}`, `${speed.toFixed(1)} ${words.faster}`),
        ...(take.load_s > 0.1 ? [chip(`${words.loading} ${take.load_s.toFixed(1)}${unit}`)] : []),
        ...(take.stopped ? [element("span", { class: "chip warn" }, words.stopped)] : []),
      );
      for (const notice of take.notices) this.chips.append(element("span", { class: "chip warn" }, notice));
    }

    downloads() {
      const { take, words } = this;
      const kinds = { wav: words.lossless, flac: words.lossless, mp3: words.compressed, opus: words.compressed };
      const links = Object.entries(kinds).map(([ending, kind]) =>
        element(
          "a",
          { class: `download ${ending}`, href: `${take.files[ending]}?download`, download: "", title: kind, "aria-label": `${words.download} ${ending.toUpperCase()} (${kind})` },
          ending.toUpperCase(),
        ),
      );
      return element("div", { class: "downloads" }, ...links);
    }

    restore() {
      const click = () => window.polyphone.restore(this.take.form, this.voice);
      return element("button", { class: "restore", type: "button", onclick: click }, this.words.restore);
    }

    details() {
      const { take, words } = this;
      // What was left as it is by default says nothing.
      const defaults = window.polyphone.config.systems.find(({ id }) => id === take.form.system)?.defaults || {};
      const changed = Object.entries(take.form.options).filter(([name, value]) => value !== defaults[name]);
      const options = changed.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value))));
      const machine = `${take.device} · ${take.dtype} · ${take.sample_rate} Hz`;
      const picture = element("img", { alt: words.picture, class: "mel", width: 640, height: 160 });
      const box = element(
        "details",
        { class: "details" },
        element("summary", {}, words.details),
        picture,
        this.sound,
        element("dl", {}, ...options),
        element("p", { class: "small" }, `${take.form.system} · ${machine}`),
        element("p", { class: "small" }, words.ai),
      );
      box.addEventListener("toggle", () => box.open && !picture.src && (picture.src = take.picture));
      return box;
    }

    // -- the transport --

    toggle() {
      if (this.live) return window.polyphone.stop();
      if (!this.take) return;
      if (this.sound.paused) this.sound.play();
      else this.sound.pause();
    }

    seek(place) {
      if (!this.take) return;
      if (this.live) this.live.stop();
      this.sound.currentTime = place * this.seconds;
      this.sound.play();
    }

    refresh() {
      const position = this.live ? this.live.position : this.sound.currentTime;
      const playing = Boolean(this.live) || !this.sound.paused;
      this.play.dataset.shows = playing ? (this.live ? "stop" : "pause") : "play";
      this.play.disabled = !this.live && !this.take;
      this.play.setAttribute("aria-label", playing ? (this.live ? this.words.stop : this.words.pause) : this.words.play);
      this.wave.at(this.seconds ? Math.min(1, position / this.seconds) : 0);
      const { clock } = window.polyphone;
      this.time.textContent = `${clock(position)} / ${clock(this.seconds)}`;
    }
  }

  class TakeList {
    constructor() {
      this.cards = [];
      this.node = element("div", { class: "takes" });
    }

    open(form) {
      const card = new Card(this, form);
      this.cards.unshift(card);
      this.node.prepend(card.node);
      return card;
    }

    drop(card) {
      this.cards = this.cards.filter((other) => other !== card);
      card.node.remove();
    }

    finish(card, take, heardMs) {
      card.finish(take, heardMs);
      for (const other of this.cards) {
        const box = other.node.querySelector("details");
        if (box) box.open = other === card;
      }
      this.remember(heardMs, take);
    }

    // Only one card sounds at a time.
    silence(except) {
      for (const card of this.cards) {
        if (card !== except) card.sound.pause();
        if (card.live) card.live.stop();
      }
    }

    remember(heardMs, take) {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
      kept.unshift({ id: take.id, heardMs });
      sessionStorage.setItem(KEPT, JSON.stringify(kept.slice(0, 50)));
    }

    // After a reload: what the server still has.
    async recall() {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
      const found = [];
      for (const { id, heardMs } of kept.reverse()) {
        const answer = await fetch(`studio/takes/${encodeURIComponent(id)}.json`).catch(() => null);
        if (!answer || !answer.ok) continue;
        const take = await answer.json();
        this.open(take.form).finish(take, heardMs);
        found.unshift({ id, heardMs });
      }
      sessionStorage.setItem(KEPT, JSON.stringify(found));
    }
  }

  Object.assign(window.polyphone, { TakeList });
})();
