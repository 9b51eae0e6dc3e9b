// @ts-check
// Files and folders that are dropped on a node or chosen by its buttons.

import { element } from "./dom.js";
import { stem } from "./uploads.js";

/** @typedef {import("./uploads.js").Brought} Brought */
/** @typedef {import("./words.js").Words} Words */

const LARGE = 1e6; // bytes; such a file gives its name to the others

export class Receiver {
  /**
   * @param {HTMLElement} node
   * @param {Words} words
   * @param {(files: Brought[], name: string) => void} took
   */
  constructor(node, words, took) {
    this.words = words;
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
      const entries = [...(event.dataTransfer?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
      const files = (await Promise.all(entries.map((entry) => below(entry)))).flat();
      if (files.length) this.took(files, stem(entries[0].name));
    });
  }

  buttons(kind = "") {
    const { words } = this;
    return [this.picker(words.files, { multiple: "" }, "files", kind), this.picker(words.folder, { webkitdirectory: "" }, "folder", "")];
  }

  /**
   * @param {string} text
   * @param {Record<string, string>} attributes
   * @param {string} act
   * @param {string} kind
   */
  picker(text, attributes, act, kind) {
    const input = element("input", { type: "file", class: "picked", tabindex: "-1", "aria-label": text, "data-for": act, ...attributes });
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
      input.value = "";
      if (files.length) this.took(files, nameOf(files));
    });
    return element("span", { class: "pick" }, element("button", { type: "button", class: `act ${kind}`, "data-act": act, onclick: () => input.click() }, text), input);
  }
}

/**
 * What to call some files: by their folder, or by the large one among them.
 * @param {Brought[]} files
 */
function nameOf(files) {
  const [{ path }] = files;
  if (path.includes("/")) return path.split("/")[0];
  return stem(files.find((each) => each.file.size > LARGE)?.path ?? path);
}

/**
 * Every file below an entry of a drop.
 * @param {FileSystemEntry} entry
 * @param {string} folder
 * @returns {Promise<Brought[]>}
 */
async function below(entry, folder = "") {
  const path = folder + entry.name;
  if (entry.isFile) {
    const one = /** @type {FileSystemFileEntry} */ (entry);
    return [{ path, file: await new Promise((resolve, reject) => one.file(resolve, reject)) }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const each of some) found.push(...(await below(each, `${path}/`)));
  }
}
