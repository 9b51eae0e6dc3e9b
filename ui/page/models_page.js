// The Models page: a card for each checkpoint, drawn from /studio/models and kept up to date while it is looked at.
(() => {
  "use strict";
  const studio = window.polyphone;
  const { element, send } = studio;
  const SOON_MS = 500;
  const LATER_MS = 4000;

  function bytes(count) {
    const [size, unit, digits] = count >= 1e9 ? [1e9, "GB", 1] : count >= 1e6 ? [1e6, "MB", 0] : [1e3, "kB", 0];
    return `${(count / size).toLocaleString(undefined, { maximumFractionDigits: digits })} ${unit}`;
  }

  // -- one card --

  class ModelCard {
    constructor(page, id) {
      this.page = page;
      this.id = id;
      this.asking = ""; // what the card asks before it does it: delete, download, import
      this.complaint = "";
      this.facts = element("div", { class: "model-facts" });
      this.fill = element("i");
      this.said = element("span", { class: "model-said", role: "status" });
      this.bar = element("div", { class: "bar" }, this.fill);
      this.moving = element("div", { class: "model-moving" }, this.bar, this.said);
      this.acts = element("div", { class: "model-acts" });
      this.node = element("article", { class: "model", "data-id": id }, this.facts, this.moving, this.acts);
      this.receiver = new Receiver(this.page, this.node, () => this.id, (files, name) => this.bring(files, name));
    }

    // `task` is the work on it, if any; `loaded` what is in memory of it.
    update(card, task, loaded) {
      Object.assign(this, { card, task, loaded });
      const running = task?.state === "running";
      const shown = JSON.stringify([{ ...card, on_disk: card.state === "ready" && card.on_disk }, task?.state, task?.message, task?.result, loaded?.device, this.complaint]);
      if (shown !== this.shown) {
        this.shown = shown;
        this.node.dataset.state = card.state;
        this.facts.replaceChildren(...this.describe());
      }
      // Apart from the rest, and only when others are due: a button that is replaced under the pointer loses the click.
      const due = JSON.stringify([card.state, card.removable, card.licence.accepted, running && task.kind, Boolean(loaded), this.asking, Boolean(this.sending)]);
      if (due !== this.due) {
        this.due = due;
        this.redraw();
      }
      this.moving.hidden = !running && !this.sending;
      if (running) this.move(task);
    }

    redraw() {
      const focused = this.acts.contains(document.activeElement) ? document.activeElement.dataset.act : null;
      this.acts.replaceChildren(...this.buttons());
      if (focused !== null) (this.acts.querySelector(`[data-act="${focused}"]`) || this.acts.querySelector("button"))?.focus();
    }

    describe() {
      const { words } = studio;
      const { card, loaded, task } = this;
      const size = card.state === "ready" ? bytes(card.on_disk) : card.size ? `${card.exact ? "" : "≈ "}${bytes(card.size)}` : "";
      const about = [
        size,
        card.languages.map(studio.languageName).join(", "),
        card.last_used ? `${words.last_used} ${new Date(1000 * card.last_used).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}` : "",
        loaded ? `${words.memory} · ${loaded.device} · ${loaded.dtype}` : "",
      ].filter(Boolean);
      const problem = this.complaint || (task?.state === "failed" ? task.message : "");
      const damaged = task?.state === "done" && task.kind === "verify" ? task.result : null;
      return [
        element("header", {}, element("h3", {}, card.title), element("span", { class: "studio-state", "data-state": card.state }, words[card.state] || card.state)),
        element("p", { class: "model-id" }, card.id),
        element("p", { class: "model-about" }, ...about.map((text) => element("span", {}, text))),
        element(
          "p",
          { class: `model-licence${card.licence.restricted ? " restricted" : ""}` },
          element("b", {}, card.licence.weights),
          card.licence.restricted && card.licence.accepted ? ` (${words.accepted})` : "",
          card.licence.summary ? `: ${card.licence.summary}` : "",
        ),
        ...(card.note && card.state !== "ready" ? [element("p", { class: "model-note" }, card.note)] : []),
        ...(card.source ? [element("p", { class: "model-source" }, element("a", { href: card.source, target: "_blank", rel: "noreferrer noopener" }, card.source.replace(/^https:\/\//, "")))] : []),
        ...(damaged && damaged.length ? [element("p", { class: "model-problem", role: "alert" }, `${words.damaged} ${damaged.join(", ")}`)] : []),
        ...(damaged && !damaged.length ? [element("p", { class: "model-good", role: "status" }, words.intact)] : []),
        ...(problem ? [element("p", { class: "model-problem", role: "alert" }, problem)] : []),
      ];
    }

    buttons() {
      const { words } = studio;
      const { card, task, loaded } = this;
      if (this.sending) return [];
      if (task?.state === "running") {
        if (task.kind !== "download") return [this.button("stop", words.stop, () => this.do("stop"))];
        return [this.button("pause", words.pause, () => this.do("stop")), this.button("cancel", words.cancel, () => this.do("delete"))];
      }
      if (this.asking) return this.question();
      const some = [];
      const fetchable = card.repo && (card.state === "downloadable" || card.state === "partly here");
      if (fetchable) some.push(this.button("download", card.state === "downloadable" ? words.download : words.resume, () => this.want("download"), "primary"));
      if (card.state === "ready") {
        some.push(this.button("use", words.use, () => studio.use(card.system, card.name), "primary"));
        some.push(loaded ? this.button("unload", words.unload, () => this.do("unload")) : this.button("load", words.load, () => this.do("load")));
        some.push(this.button("verify", words.verify, () => this.do("verify")));
      }
      if (card.state === "needs your file" && !card.own) some.push(...this.receiver.buttons("primary"));
      if (card.removable) some.push(this.button("delete", words.delete, () => this.ask("delete"), "quiet"));
      return some;
    }

    question() {
      const { words } = studio;
      const restricts = this.asking !== "delete";
      const yes = { delete: words.delete, download: words.accept, import: words.accept }[this.asking];
      return [
        element("p", { class: "model-ask" }, restricts ? words.accept_ask : words.delete_ask),
        this.button("yes", yes, () => this.answer(), restricts ? "primary" : "danger"),
        this.button("no", words.keep, () => this.ask("")),
      ];
    }

    // A licence that restricts use is accepted before the first byte.
    want(act, more = {}) {
      if (this.card.licence.restricted && !this.card.licence.accepted && !this.card.own) {
        this.waiting = more;
        this.ask(act);
      } else if (act === "import") this.deliver(more, false);
      else this.do(act);
    }

    answer() {
      const act = this.asking;
      this.ask("");
      if (act === "import") this.deliver(this.waiting, true);
      else this.do(act, act === "delete" ? {} : { accept: true });
    }

    ask(what) {
      this.asking = what;
      this.update(this.card, this.task, this.loaded);
      this.acts.querySelector("button")?.focus();
    }

    async do(act, more = {}) {
      this.complaint = "";
      try {
        await send(`studio/models/${act}`, { id: this.page.keyOf(this.card), ...more });
      } catch (error) {
        this.complaint = error instanceof TypeError ? studio.words.offline : error.message;
      }
      await this.page.poll();
    }

    bring(files, name) {
      this.want("import", { files, name });
    }

    async deliver({ files, name }, accept) {
      this.complaint = "";
      this.sending = true;
      this.update(this.card, this.task, this.loaded);
      try {
        await deliver(this.id, files, name, accept, (done, total) => this.move({ label: studio.words.sending, done, total }));
      } catch (error) {
        this.complaint = error.message;
      }
      this.sending = false;
      await this.page.poll();
    }

    move(at) {
      const share = at.total ? Math.min(1, at.done / at.total) : null;
      this.bar.classList.toggle("unknown", share === null);
      this.fill.style.width = share === null ? "" : `${100 * share}%`;
      const counted = at.total > 1e5;
      const parts = [
        at.label,
        counted ? `${bytes(at.done)} / ${bytes(at.total)}` : "",
        at.rate ? `${bytes(at.rate)}/${studio.words.seconds}` : "",
        at.rate && at.remaining_s !== null ? `${studio.clock(at.remaining_s)} ${studio.words.to_go}` : "",
      ];
      this.said.textContent = parts.filter(Boolean).join(" · ");
    }

    button(act, text, click, kind = "") {
      return element("button", { type: "button", class: `act ${kind}`, "data-act": act, onclick: click }, text);
    }
  }

  // -- bringing files --

  // Announce the files, send those that are wanted, and have them imported.
  async function deliver(id, files, name, accept, moved) {
    const announced = await send("studio/uploads", { id, name, paths: files.map((each) => each.path) });
    const wanted = files.filter((each) => each.path in announced.places);
    const total = wanted.reduce((sum, each) => sum + each.file.size, 0);
    let before = 0;
    for (const { path, file } of wanted) {
      const place = announced.places[path].split("/").map(encodeURIComponent).join("/");
      await put(`studio/uploads/${announced.key}/${place}`, file, (done) => moved(before + done, total));
      before += file.size;
    }
    await send(`studio/uploads/${announced.key}/import`, accept ? { accept } : {});
  }

  // fetch() does not tell how much has been sent.
  function put(url, file, moved) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", url);
      request.upload.onprogress = (event) => moved(event.loaded);
      request.onerror = () => reject(new Error(studio.words.offline));
      request.onload = () => {
        if (request.status === 200) return resolve();
        let message = studio.words.failed;
        try {
          message = JSON.parse(request.responseText).error.message;
        } catch {}
        reject(new Error(message));
      };
      request.send(file);
    });
  }

  // Files and folders that are dropped on a node or chosen by its buttons.
  class Receiver {
    constructor(page, node, id, took) {
      this.took = took;
      node.addEventListener("dragover", (event) => {
        event.preventDefault();
        node.classList.add("over");
      });
      node.addEventListener("dragleave", () => node.classList.remove("over"));
      node.addEventListener("drop", async (event) => {
        event.preventDefault();
        event.stopPropagation();
        node.classList.remove("over");
        const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
        const files = (await Promise.all(entries.map((entry) => below(entry)))).flat();
        if (files.length) this.took(files, stem(entries[0].name));
      });
    }

    buttons(kind = "") {
      const { words } = studio;
      return [this.picker(words.files, { multiple: "" }, "files", kind), this.picker(words.folder, { webkitdirectory: "" }, "folder", "")];
    }

    picker(text, attributes, act, kind) {
      const input = element("input", { type: "file", class: "picked", tabindex: "-1", "aria-label": text, "data-for": act, ...attributes });
      input.addEventListener("change", () => {
        const files = [...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
        const name = files[0]?.path.includes("/") ? files[0].path.split("/")[0] : stem(files.find((each) => each.file.size > 1e6)?.path || files[0]?.path || "");
        input.value = "";
        if (files.length) this.took(files, name);
      });
      return element("span", { class: "pick" }, element("button", { type: "button", class: `act ${kind}`, "data-act": act, onclick: () => input.click() }, text), input);
    }
  }

  const stem = (name) => name.split("/").pop().replace(/\.[^.]*$/, "");

  // Every file below an entry of a drop.
  async function below(entry, folder = "") {
    const path = folder + entry.name;
    if (entry.isFile) return [{ path, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) }];
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return found;
      for (const each of some) found.push(...(await below(each, `${path}/`)));
    }
  }

  // -- what a user adds to a system --

  class Own {
    constructor(page, spec) {
      const { words } = studio;
      this.page = page;
      this.id = spec.id;
      this.said = element("p", { class: "own-said", role: "status" });
      this.fill = element("i");
      this.bar = element("div", { class: "bar" }, this.fill);
      this.bar.hidden = true;
      this.repo = element("input", { type: "text", placeholder: words.repository_hint, "aria-label": words.repository, spellcheck: "false" });
      this.form = element("form", { class: "own-repository" }, this.repo, element("button", { type: "submit", class: "act" }, words.download));
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.fetch();
      });
      this.node = element("div", { class: "own" });
      this.receiver = new Receiver(page, this.node, () => this.id, (files, name) => this.bring(files, name));
      this.node.append(
        element("div", { class: "own-drop" }, element("h3", {}, words.bring), element("p", {}, words.bring_how), element("div", { class: "model-acts" }, ...this.receiver.buttons())),
        element("div", { class: "own-drop" }, element("h3", {}, words.repository), element("p", {}, words.repository_how), this.form),
        this.bar,
        this.said,
      );
    }

    // Work that has no card yet: an import, or the first moments of a repository.
    update(tasks, cards) {
      if (this.busy) return;
      const claimed = new Set(cards.map((card) => this.page.keyOf(card)));
      const [, task] = Object.entries(tasks).find(([key]) => key === this.id || (key.startsWith(`${this.id}:`) && !claimed.has(key))) || [];
      const message = task?.state === "failed" ? task.message : task?.state === "running" ? task.label : "";
      this.bar.hidden = task?.state !== "running";
      this.bar.classList.toggle("unknown", !task?.total);
      this.fill.style.width = task?.total ? `${(100 * task.done) / task.total}%` : "";
      this.say(message, task?.state === "failed");
    }

    say(message, bad = false) {
      if (this.said.textContent !== message) this.said.textContent = message;
      this.said.classList.toggle("model-problem", bad);
    }

    async bring(files, name) {
      this.busy = true;
      this.bar.hidden = false;
      this.say(studio.words.sending);
      try {
        await deliver(this.id, files, name, false, (done, total) => (this.fill.style.width = `${total ? (100 * done) / total : 0}%`));
        this.busy = false;
      } catch (error) {
        this.bar.hidden = true;
        this.say(error.message, true);
        setTimeout(() => (this.busy = false), 10_000);
      }
      await this.page.poll();
    }

    async fetch() {
      const name = this.repo.value.trim().replace(/^https:\/\/[^/]+\//, "");
      if (!name) return this.repo.focus();
      this.busy = false;
      try {
        await send("studio/models/download", { id: `${this.id}:${name}` });
        this.repo.value = "";
      } catch (error) {
        this.busy = true;
        this.say(error.message, true);
        setTimeout(() => (this.busy = false), 10_000);
      }
      await this.page.poll();
    }
  }

  // -- the page --

  class ModelsPage {
    constructor(systems) {
      this.root = element("div", { id: "studio-library", "aria-busy": "true" });
      this.cards = new Map();
      this.owns = [];
      this.memory = element("div", { class: "memory" });
      this.where = element("p", { class: "models-where" });
      this.lists = new Map();
      this.root.replaceChildren(
        element("section", { class: "models-top" }, element("h2", {}, studio.words.memory), this.memory, this.where),
        ...systems.map((spec) => this.section(spec)),
      );
      this.follow();
    }

    section(spec) {
      const list = element("div", { class: "models-list" });
      this.lists.set(spec.id, list);
      const own = spec.own ? new Own(this, spec) : null;
      if (own) this.owns.push(own);
      return element(
        "section",
        { class: "models-system", "data-system": spec.id },
        element("h2", {}, spec.name),
        element("p", { class: "models-summary" }, spec.summary),
        element("p", { class: "models-summary" }, `${studio.words.code} ${spec.licences.code}`),
        list,
        ...(own ? [own.node] : []),
      );
    }

    // The id under which the server works on a card: that of a repository begins before there is a folder.
    keyOf(card) {
      if (!card.own || !card.repo) return card.id;
      return `${card.system}:${card.repo}${card.revision === "main" ? "" : `@${card.revision}`}`;
    }

    async follow() {
      for (;;) {
        const visible = this.root.offsetParent !== null && !document.hidden;
        const busy = visible ? await this.poll() : false;
        const rest = new Promise((resolve) => setTimeout(resolve, busy ? SOON_MS : LATER_MS));
        await Promise.race([rest, new Promise((resolve) => (this.wake = resolve))]);
      }
    }

    // Into the tab, which Gradio makes when it is opened for the first time; then do not wait for the next round.
    open() {
      const place = document.querySelector("#studio-models");
      if (!place) return requestAnimationFrame(() => this.open());
      if (!place.contains(this.root)) place.replaceChildren(this.root);
      this.wake?.();
    }

    async poll() {
      const state = await fetch("studio/models").then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
      if (!state) return false;
      this.draw(state);
      const ready = state.cards.filter((card) => card.state === "ready").map((card) => card.id).join();
      if (this.ready !== undefined && ready !== this.ready) studio.refresh().catch(() => {}); // the next visit asks again
      this.ready = ready;
      const busy = Object.values(state.tasks).some((task) => task.state === "running");
      if (busy && !this.busy) this.wake?.();
      this.busy = busy;
      return busy;
    }

    draw(state) {
      this.root.setAttribute("aria-busy", "false");
      for (const [id, card] of this.cards) {
        if (state.cards.some((each) => each.id === id)) continue;
        card.node.remove();
        this.cards.delete(id);
      }
      for (const card of state.cards) {
        if (!this.cards.has(card.id)) {
          this.cards.set(card.id, new ModelCard(this, card.id));
          this.lists.get(card.system)?.append(this.cards.get(card.id).node);
        }
        const loaded = state.memory.find((each) => each.id === card.id);
        this.cards.get(card.id).update(card, state.tasks[this.keyOf(card)] || state.tasks[card.id], loaded);
      }
      for (const own of this.owns) own.update(state.tasks, state.cards);
      this.remember(state.memory);
      this.where.textContent = state.folder ? `${studio.words.kept_in} ${state.folder} · ${bytes(state.free)} ${studio.words.free}` : studio.words.no_folder;
    }

    remember(memory) {
      const { words } = studio;
      const told = JSON.stringify(memory.map(({ id, name, device, dtype, bytes: size, requests }) => [id, name, device, dtype, size, requests]));
      if (told === this.told) return;
      this.told = told;
      const rows = memory.map((model) =>
        element(
          "div",
          { class: "loaded" },
          element("b", {}, model.id || `${model.system} · ${model.name}`),
          element("span", {}, `${bytes(model.bytes)} · ${model.device} · ${model.dtype}${model.requests ? ` · ${words.speaking}` : ""}`),
        ),
      );
      this.memory.replaceChildren(...(rows.length ? rows : [element("p", {}, words.memory_empty)]));
    }
  }

  Object.assign(studio, { ModelsPage });
})();
