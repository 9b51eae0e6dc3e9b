// @ts-check
// Asking the server: addresses are relative to the page, so that it may stand under any path.

/** @typedef {import("./wire.js").Problem} Problem */
/** @typedef {import("./words.js").Words} Words */

/** An answer that tells of an error. */
export class Refused extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * The answer's JSON. Throws `Refused` when it tells of an error.
 * @param {Response} answer
 * @returns {Promise<any>}
 */
export async function read(answer) {
  const content = await answer.json();
  if (!answer.ok) throw new Refused(content.error);
  return content;
}

/**
 * What the server knows under an address.
 * @param {string} url
 * @returns {Promise<any>}
 */
export const get = async (url) => read(await fetch(url));

/**
 * Sends JSON, or the bytes of a file.
 * @param {string} url
 * @param {unknown} body
 * @param {AbortSignal | null} signal ends it
 * @returns {Promise<Response>}
 */
export function post(url, body, signal = null) {
  const binary = body instanceof Blob;
  const type = binary ? "application/octet-stream" : "application/json";
  return fetch(url, { method: "POST", headers: { "Content-Type": type }, body: binary ? body : JSON.stringify(body), signal });
}

/**
 * Sends JSON or a file, for an answer in JSON.
 * @param {string} url
 * @param {unknown} body
 * @param {AbortSignal | null} signal ends it
 * @returns {Promise<any>}
 */
export const send = async (url, body, signal = null) => read(await post(url, body, signal));

/**
 * Has something deleted, also while the page is being left. What is gone already counts as deleted.
 * @param {string} url
 */
export async function discard(url) {
  const answer = await fetch(url, { method: "DELETE", keepalive: true });
  if (answer.status !== 404) await read(answer);
}

/**
 * What to say of something that went wrong; the browser has a TypeError for a server that does not answer.
 * @param {unknown} error
 * @param {Words} words
 * @returns {string}
 */
export function complaint(error, words) {
  if (error instanceof Refused) return words.told(error.problem);
  if (error instanceof TypeError) return words.offline;
  console.error(error); // what it says is in the browser's words, and for those who wrote this
  return words.failed;
}
