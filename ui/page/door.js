// @ts-check
// What Gradio's handlers call, as `window.polyphone`. It stands in the page's head, before the script itself has been
// loaded: a call that comes too early waits for it. The head calls this function with what the script is to know.
/**
 * @param {import("./wire.js").PageConfig} config
 * @returns {import("./wire.js").Door}
 */
(config) => {
  /** @type {(handlers: import("./wire.js").Handlers) => void} */
  let open = () => {};
  /** @type {() => void} */
  let start = () => {};
  /** @type {Promise<import("./wire.js").Handlers>} */
  const opened = new Promise((resolve) => (open = resolve));
  /** @type {Promise<void>} */
  const drawn = new Promise((resolve) => (start = resolve));
  const door = {
    config,
    drawn,
    start,
    /** @type {import("./sound.js").Stats | null} */
    stats: null,
    /** @param {import("./wire.js").Handlers} handlers */
    open: (handlers) => {
      Object.assign(door, handlers); // within a click, sound must begin at once
      open(handlers);
    },
    /** @param {import("./wire.js").FieldValue[]} values */
    generate: async (values) => (await opened).generate(values),
    stop: async () => (await opened).stop(),
    dice: async () => (await opened).dice(),
    /** @param {string} system */
    choose: async (system) => (await opened).choose(system),
    /** @param {import("./wire.js").FieldValue[]} values */
    heed: async (values) => (await opened).heed(values),
    /** @param {import("./wire.js").FieldValue[]} values */
    merge: async (values) => (await opened).merge(values),
    /** @param {import("./wire.js").FieldValue[]} values */
    peek: async (values) => (await opened).peek(values),
    /** @param {import("./wire.js").FieldValue[]} values */
    keep: async (values) => (await opened).keep(values),
    asked: async () => (await opened).asked(),
    /** @param {{url?: string} | null} sound */
    answered: async (sound) => (await opened).answered(sound),
  };
  return door;
}
