// @ts-check
// Files on their way to the library: announced, sent as far as they are wanted, and imported.

import { Refused, send } from "./ask.js";

/** @typedef {import("./wire_library.js").Announced} Announced */
/** @typedef {import("./words.js").Words} Words */

/**
 * A visitor's file and where it lay among the others.
 * @typedef {object} Brought
 * @property {string} path
 * @property {File} file
 */

/**
 * @param {string} id of what they are for: a card or a system
 * @param {Brought[]} files
 * @param {string} name what the visitor calls them
 * @param {boolean} accept whether the licence was accepted just now
 * @param {(done: number, total: number) => void} moved hears of the bytes that have been sent
 */
export async function deliver(id, files, name, accept, moved) {
  /** @type {Announced} */
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

/**
 * By the older way, since fetch() does not tell how much has been sent. Fails as fetch() does: with a TypeError when
 * nobody answers.
 * @param {string} url
 * @param {File} file
 * @param {(done: number) => void} moved
 * @returns {Promise<void>}
 */
function put(url, file, moved) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.upload.onprogress = (event) => moved(event.loaded);
    request.onerror = () => reject(new TypeError("the server does not answer"));
    request.onload = () => (request.status === 200 ? resolve() : reject(refusal(request.responseText)));
    request.send(file);
  });
}

/**
 * The error in an answer; one without words when a proxy has answered in the server's place.
 * @param {string} answer
 */
function refusal(answer) {
  try {
    return new Refused(JSON.parse(answer).error);
  } catch {
    return new Error("");
  }
}

/**
 * A file's name without folders and ending.
 * @param {string} path
 */
export const stem = (path) => path.slice(path.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
