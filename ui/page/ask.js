// @ts-check
// Asking the server: addresses are relative to the page, so that it may stand under any path. Every request tells the
// window whether the server was reached, for whoever shows it: the page's scripts share nothing else.

/** @typedef {import("./wire.js").Problem} Problem */
/** @typedef {import("./words.js").Words} Words */

/** The event of a request: whether the server was reached (`detail`). */
export const REACHED = "polyphone-reached";

const AGAIN_MS = [300, 1200]; // before the second and the third try of a request that changes nothing

/** An answer that tells of an error. */
export class Refused extends Error {
  /**
   * @param {Problem} problem
   * @param {number} status of HTTP, 0 where the answer had begun
   */
  constructor(problem, status = 0) {
    super(problem.message);
    this.problem = problem;
    this.status = status;
  }
}

/** There is no answer, or it comes from something that stands in the server's place. */
export class Unreached extends Error {}

/**
 * Throws `Unreached`.
 * @param {string} url
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
export async function reach(url, options) {
  const answer = await fetch(url, options).catch((error) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error; // it was our own wish
    return null;
  });
  // A proxy says so in HTML when nobody is behind it.
  const reached = answer !== null && (answer.status < 502 || isJson(answer));
  window.dispatchEvent(new CustomEvent(REACHED, { detail: reached }));
  if (!reached) throw new Unreached();
  return answer;
}

/** @param {Response} answer */
const isJson = (answer) => (answer.headers.get("Content-Type") ?? "").includes("json");

/**
 * The answer's JSON. Throws `Refused` when it tells of an error, and `Unreached` when it breaks off.
 * @param {Response} answer
 * @returns {Promise<any>}
 */
export async function read(answer) {
  const content = await answer.json().catch((error) => {
    throw error instanceof TypeError ? new Unreached() : new Error("");
  });
  if (!answer.ok) throw new Refused(content.error, answer.status);
  return content;
}

/**
 * What the server knows under an address; one that does not answer is asked again, a little later.
 * @param {string} url
 * @returns {Promise<any>}
 */
export async function get(url) {
  for (const pause of AGAIN_MS) {
    try {
      return await read(await reach(url));
    } catch (error) {
      if (!(error instanceof Unreached)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return read(await reach(url));
}

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
  return reach(url, { method: "POST", headers: { "Content-Type": type }, body: binary ? body : JSON.stringify(body), signal });
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
  const answer = await reach(url, { method: "DELETE", keepalive: true });
  if (answer.status !== 404) await read(answer);
}

/**
 * Whether the server could not be asked; the browser has a TypeError for an answer that breaks off.
 * @param {unknown} error
 */
export const isUnreached = (error) => error instanceof Unreached || error instanceof TypeError;

/**
 * What to say of something that went wrong.
 * @param {unknown} error
 * @param {Words} words
 * @returns {string}
 */
export function complaint(error, words) {
  if (error instanceof Refused) return words.told(error.problem);
  if (isUnreached(error)) return words.offline;
  console.error(error); // what it says is in the browser's words, and for those who wrote this
  return words.failed;
}
