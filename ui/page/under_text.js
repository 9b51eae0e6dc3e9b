// What stands under the text: tokens to insert, texts to try, and how much there is of it.
(() => {
  "use strict";
  const { element, type } = window.polyphone;
  const CHARACTERS_PER_S = 15; // ordinary reading, for the estimate

  class UnderText {
    // `pick(language, text)` takes a text to try.
    constructor(place, field, words, pick) {
      Object.assign(this, { field, words, pick });
      this.tokens = element("div", { class: "tokens", role: "group", "aria-label": words.insert });
      this.chips = element("div", { class: "samples" });
      this.counter = element("span", { class: "counter", id: "studio-counter" });
      place.replaceChildren(this.tokens, this.chips, this.counter);
      field.setAttribute("aria-describedby", "studio-counter");
      field.addEventListener("input", () => this.count());
    }

    show(system) {
      this.system = system;
      const { words } = this;
      this.tokens.replaceChildren(
        ...Object.entries(system.tokens).map(([token, help]) =>
          element("button", { type: "button", class: "token", title: help, "aria-label": `${words.insert} ${token}: ${help}`, onclick: () => this.insert(token) }, token),
        ),
      );
      const offered = Object.entries(system.samples);
      this.chips.replaceChildren(
        ...(offered.length ? [element("span", {}, words.samples)] : []),
        ...offered.map(([language, texts]) =>
          element("button", { type: "button", class: "sample", title: texts.join("\n\n"), onclick: () => this.pick(language, this.after(texts)) }, window.polyphone.languageName(language)),
        ),
      );
      this.count();
    }

    // The text to try after the one that is there: asked again, the chip gives the next.
    after(texts) {
      return texts[(texts.indexOf(this.field.value) + 1) % texts.length];
    }

    // At the cursor, in place of what is selected; the browser's own way keeps undo working.
    insert(token) {
      const { field } = this;
      field.focus();
      if (document.execCommand("insertText", false, token)) return;
      const at = field.selectionStart + token.length;
      type(field, field.value.slice(0, field.selectionStart) + token + field.value.slice(field.selectionEnd));
      field.setSelectionRange(at, at);
    }

    count() {
      const most = this.system.max_chars;
      const used = [...this.field.value].length;
      const about = Math.ceil(used / CHARACTERS_PER_S);
      this.counter.textContent = `${used.toLocaleString()} / ${most.toLocaleString()} ${this.words.characters}${used ? ` · ≈ ${window.polyphone.clock(about)}` : ""}`;
      this.counter.classList.toggle("over", used > most);
    }
  }

  Object.assign(window.polyphone, { UnderText });
})();
