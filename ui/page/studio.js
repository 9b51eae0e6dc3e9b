// Joins the form that Gradio draws to the player: generate, stop, seed, samples, restoring, status, theme.
(() => {
  "use strict";
  const studio = window.polyphone;
  const { Chooser, config, element, frames, LiveSound, ModelsPage, TakeList, type, UnderText } = studio;
  const MAX_SEED = 2 ** 31 - 1;
  const languages = navigator.languages.map((tag) => tag.split("-")[0]);
  const words = config.words[languages.find((tag) => tag in config.words) || "en"];
  studio.words = words;

  let list, status, under, bar, current, pending;
  const rates = {}; // of the systems' models that have spoken
  const choosers = {}; // of each system's model and voice
  const find = (selector) => document.querySelector(selector);
  const system = () => systemOf(document.body.dataset.system) || config.systems[0];

  // -- the form: values in the order of config.fields --

  const named = (values) => Object.fromEntries(config.fields.map((name, index) => [name, values[index]]));

  const systemOf = (id) => config.systems.find((spec) => spec.id === id);
  const rateOf = (wanted) => `${wanted.system}/${wanted.model}`;

  // The JSON that /studio/speak takes, from the flat form.
  function request(form) {
    const own = `${form.system}/`;
    const options = {};
    for (const [name, value] of Object.entries(form)) {
      if (name.startsWith(`${own}options/`)) options[name.slice(own.length + 8)] = value;
    }
    return {
      text: form.text || "",
      system: form.system,
      ...choosers[form.system].reference,
      language: form[`${own}language`] || "",
      seed: form.seed,
      options,
    };
  }

  // And back: a take's form as named fields.
  function fields(form) {
    const own = `${form.system}/`;
    const flat = { text: form.text, system: form.system, seed: form.seed, lock: true };
    if (form.language) flat[`${own}language`] = form.language;
    for (const [name, value] of Object.entries(form.options)) flat[`${own}options/${name}`] = value;
    return flat;
  }

  // Gradio owns the values: a hidden button asks it for them, and takes back the ones that changed.
  function set(changes) {
    pending = changes;
    find("#studio-apply").click();
  }

  studio.merge = (values) => {
    const changes = pending || {};
    pending = null;
    // One answer for all of it: a second one would still hold the system from before.
    if (changes.system) Object.assign(changes, { ...select(changes.system), ...changes });
    setTimeout(() => under.count(), 50);
    return config.fields.map((name, index) => (name in changes ? changes[name] : values[index]));
  };

  // `voice` is what to call the voice, where it is one that was made here.
  studio.restore = (form, voice, message = words.restored) => {
    choosers[form.system].restore(form, voice);
    set(fields(form));
    say(message);
    find("#studio-text textarea").focus();
  };

  studio.choose = (id) => {
    const changes = select(id);
    if (changes.text) set(changes);
  };

  // Shows what belongs to a system; returns the text that it begins with, unless the visitor has written one.
  function select(id) {
    const untouched = Object.values(system().samples).flat().includes(find("#studio-text textarea").value);
    const another = id !== document.body.dataset.system;
    document.body.dataset.system = id;
    find("#studio-systems-style").textContent = `.studio-of:not(.studio-of-${CSS.escape(id)}) { display: none !important; }`;
    terms();
    under.show(system());
    return untouched && another ? opening() : {};
  }

  // A checkpoint of the Models page, ready in the form.
  studio.use = (id, model) => {
    choosers[id].pick(model);
    set({ system: id });
    find("#studio-tab-speak-button").click();
  };

  // What the licence of the chosen weights forbids or demands stands where they are put to use.
  function terms() {
    const { terms: held } = choosers[system().id]?.current || {};
    const place = find("#studio-terms");
    place.hidden = !held?.restricted;
    place.replaceChildren(...(held?.restricted ? [element("b", {}, held.name), ` ${held.summary}`] : []));
  }

  studio.dice = () => Math.floor(Math.random() * (MAX_SEED + 1));

  // -- speaking --

  // Gradio calls this with the form's values; what it returns becomes the seed that is shown.
  studio.generate = (values) => {
    const form = named(values);
    if (!form.lock || !Number.isFinite(form.seed)) form.seed = studio.dice();
    const wanted = request(form);
    if (!LiveSound.supported) {
      studio.fallbackValues = () => [wanted.text, wanted.system, wanted.voice, wanted.language, wanted.seed, JSON.stringify(wanted.options), wanted.model, wanted.made || ""];
      find("#studio-fallback-trigger").click();
    } else speak(wanted, performance.now());
    return form.seed;
  };

  async function speak(wanted, clicked) {
    studio.stop();
    list.silence(null);
    const job = { id: null, over: false, card: null, clicked };
    current = job;
    listen(job, rates[rateOf(wanted)] || system().sample_rate);
    document.body.classList.add("studio-sounding");
    busy(true);
    progress(words.starting, null);
    try {
      const answer = await fetch("studio/speak", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wanted) });
      if (!answer.ok) throw new Error((await answer.json()).error.message);
      for await (const frame of frames(answer.body)) receive(job, wanted, frame);
    } catch (error) {
      job.live.stop();
      if (job.card && !job.card.take) list.drop(job.card);
      complain(error instanceof TypeError ? words.offline : error.message);
    } finally {
      job.over = true;
      job.live.finish();
      if (current === job) busy(false);
    }
  }

  // Browsers want this inside the click; the checkpoint may turn out to have another rate than the system has usually.
  function listen(job, rate) {
    job.live?.close();
    job.rate = rate;
    job.live = new LiveSound(rate, job.clicked, () => quiet(job));
    studio.stats = job.live.stats;
  }

  function started(job, wanted, rate) {
    if (rate !== job.rate && !job.stopped) listen(job, rate);
    rates[rateOf(wanted)] = rate;
  }

  // The sound is over, or was silenced.
  function quiet(job) {
    job.card?.detach();
    if (current === job && job.live?.closed) document.body.classList.remove("studio-sounding");
  }

  function receive(job, wanted, frame) {
    if (frame instanceof Float32Array) {
      job.card ??= open(wanted);
      if (!job.card.live && !job.stopped) job.card.attach(job.live);
      if (job.stopped) return;
      job.live.push(frame, job.rate);
      job.card.grow(frame, job.rate);
    } else if (frame.event === "job") {
      job.id = frame.job;
      if (job.stopped) halt(job);
    } else if (frame.event === "progress") progress(frame.label, frame.total ? frame.done / frame.total : null);
    else if (frame.event === "started") started(job, wanted, frame.sample_rate);
    else if (frame.event === "rewritten") (job.card ??= open(wanted)).rewrite(frame);
    else if (frame.event === "notice") say(frame.message);
    else if (frame.event === "error") throw new Error(frame.error.message);
    else if (frame.event === "finished") finished(job, frame.take);
  }

  function open(wanted) {
    find("#studio-empty")?.remove();
    const card = list.open(wanted);
    card.node.scrollIntoView({ block: "nearest", behavior: "smooth" });
    return card;
  }

  function finished(job, take) {
    if (take) list.finish(job.card, take, job.live.stats.firstSoundMs);
    else if (job.card) list.drop(job.card);
    say(job.stopped ? words.silenced : words.done);
  }

  // Silence at once; the engine follows at its next step, and what was made is kept as a take.
  studio.stop = () => {
    if (!current) return;
    const job = current;
    job.stopped = !job.over;
    job.live.stop();
    if (job.over) return;
    say(words.silenced);
    if (job.id) halt(job);
  };

  const halt = (job) => fetch(`studio/jobs/${encodeURIComponent(job.id)}/stop`, { method: "POST" }).catch(() => {});

  // -- status --

  function busy(on) {
    document.body.classList.toggle("studio-busy", on);
    find("#studio-generate").setAttribute("aria-busy", String(on));
    if (!on) bar.hidden = true;
  }

  function progress(label, fraction) {
    status.className = "status";
    if (status.textContent !== label) status.textContent = label;
    bar.hidden = false;
    bar.classList.toggle("unknown", fraction === null);
    bar.firstChild.style.width = fraction === null ? "" : `${Math.round(100 * fraction)}%`;
  }

  function say(message) {
    status.className = "status";
    status.textContent = message;
  }

  function complain(message) {
    status.className = "status bad";
    status.textContent = message || words.failed;
    status.scrollIntoView({ block: "nearest" });
  }

  // The first model loads while the visitor writes.
  async function follow() {
    const pill = find("#studio-pill");
    for (;;) {
      const answer = await fetch("studio/status").catch(() => null);
      if (!answer || !answer.ok) break;
      const now = await answer.json();
      pill.dataset.state = now.state;
      const part = now.total ? ` ${Math.round((100 * now.done) / now.total)} %` : "";
      pill.textContent = { ready: words.ready, loading: `${now.label || words.loading}${part}`, failed: now.label }[now.state] || "";
      if (now.state !== "loading") break;
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  }

  // -- the text --

  const sample = (language, text) => ({ text, ...(config.fields.includes(`${system().id}/language`) ? { [`${system().id}/language`]: language } : {}) });
  // A text to begin with, in the visitor's language if the system speaks it.
  function opening() {
    const { samples } = system();
    const language = languages.find((tag) => tag in samples) || Object.keys(samples)[0];
    return language ? sample(language, samples[language][0]) : {};
  }

  const languageName = (studio.languageName = (code) => new Intl.DisplayNames(navigator.languages, { type: "language", fallback: "code" }).of(code));

  // -- the page --

  function header() {
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    mark.setAttribute("viewBox", "0 0 48 32");
    mark.setAttribute("aria-hidden", "true");
    for (const [index, height] of [13, 8.5, 4].entries()) {
      const voice = document.createElementNS("http://www.w3.org/2000/svg", "path");
      voice.setAttribute("d", `M2 16 C 9 16 9 ${16 - height} 16 ${16 - height} S 25 ${16 + height} 32 ${16 + height} S 39 16 46 16`);
      voice.setAttribute("class", `voice-${index}`);
      mark.append(voice);
    }
    const dark = element("button", { type: "button", id: "studio-theme", "aria-label": words.theme, title: words.theme, onclick: flip }, "◐");
    find("#studio-header").replaceChildren(
      element("div", { class: "brand" }, mark, element("h1", {}, "Polyphone"), element("p", {}, words.tagline)),
      element("div", { class: "corner" }, element("span", { id: "studio-pill", role: "status" }), dark),
    );
  }

  function flip() {
    const dark = document.body.classList.toggle("dark");
    localStorage.setItem("polyphone.theme", dark ? "dark" : "light");
    for (const card of list.cards) card.wave.draw();
  }

  function player() {
    list = new TakeList();
    status = element("div", { class: "status", role: "status", "aria-live": "polite", id: "studio-status" });
    bar = element("div", { class: "bar" }, element("i"));
    bar.hidden = true;
    const empty = element("div", { id: "studio-empty" }, element("p", {}, words.empty));
    find("#studio-player").replaceChildren(
      element("h2", {}, words.takes),
      element("div", { class: "now" }, status, bar),
      list.node,
      empty,
    );
    list.recall().then(() => list.cards.length && empty.remove());
  }

  function manuscript() {
    const pick = (language, text) => set(sample(language, text));
    under = new UnderText(find("#studio-under-text"), find("#studio-text textarea"), words, pick);
    // Gradio draws what is folded away when it is first opened, so the page listens for all of them.
    document.addEventListener("click", ({ target }) => {
      const chip = target.closest?.(".suggestion");
      if (chip) type(find(`#${CSS.escape(chip.dataset.for)} :is(textarea, input)`), chip.dataset.text);
    });
  }

  // What a person should know of each system before using it.
  function facts() {
    for (const spec of config.systems) {
      const about = [
        element("span", { class: "studio-state", "data-state": spec.state }, words[spec.state] || spec.state),
        element("span", {}, spec.languages.map(languageName).join(", ")),
        element("span", {}, `${words.weights} ${spec.licences.weights}`),
      ];
      const get = () => find("#studio-tab-models-button").click();
      if (!spec.models.length) about.push(element("button", { type: "button", class: "restore", onclick: get }, words.get_model));
      find(`.studio-of-${CSS.escape(spec.id)} .studio-facts`).replaceChildren(element("p", {}, spec.summary), element("div", {}, ...about));
    }
  }

  // Ask what there is now: at the start, and whenever a checkpoint has come or gone.
  studio.refresh = async () => {
    config.systems = await (await fetch("studio/systems")).json();
    for (const spec of config.systems) {
      const place = find(`.studio-of-${CSS.escape(spec.id)} .studio-choosers`);
      choosers[spec.id] ??= new Chooser(place, spec, words, terms);
      choosers[spec.id].show(spec);
    }
    facts();
  };

  // Gradio gives each radio of a group its own name; one name makes the arrow keys work, as everywhere else.
  function repairRadios() {
    for (const group of document.querySelectorAll("fieldset:not(.pills, [role])")) {
      const label = group.querySelector("[data-testid=block-info]");
      group.setAttribute("role", "radiogroup");
      if (label) group.setAttribute("aria-label", label.textContent.trim());
      for (const radio of group.querySelectorAll("input[type=radio]")) {
        radio.name = `studio-group-${group.id}`;
        if (group.id.endsWith("-language")) radio.nextElementSibling.textContent = languageName(radio.value);
      }
    }
  }

  studio.start = async () => {
    const theme = localStorage.getItem("polyphone.theme");
    if (theme) document.body.classList.toggle("dark", theme === "dark");
    document.head.append(element("style", { id: "studio-systems-style" }));
    document.documentElement.lang = languages.find((tag) => tag in config.words) || "en";
    header();
    await studio.refresh();
    player();
    manuscript();
    repairRadios();
    // What is folded away is drawn when it is first opened.
    new MutationObserver(repairRadios).observe(find("#studio-compose"), { childList: true, subtree: true });
    find("#studio-dice").setAttribute("aria-label", words.dice);
    find("#studio-dice").title = words.dice;
    studio.choose(config.systems[0].id);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        // Gradio hears of typed text a moment after the key.
        setTimeout(() => find("#studio-generate").click(), 20);
      } else if (event.key === "Escape") studio.stop();
    });
    if (!find("#studio-text textarea").value) set(opening());
    const page = new ModelsPage(config.systems);
    find("#studio-tab-models-button").addEventListener("click", () => page.open());
    document.body.classList.add("studio-ready");
    follow();
  };
})();
