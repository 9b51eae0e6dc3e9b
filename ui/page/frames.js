// @ts-check
// The frames of a stream that speaks: a byte for the kind, four for the length, the payload.

/** @typedef {import("./wire.js").EventFrame} EventFrame */

const HEAD = 5;
const JSON_KIND = 0x4a;

/**
 * Yields an event for each JSON frame and the samples of each frame of sound.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<EventFrame | Float32Array<ArrayBuffer>, void>}
 */
export async function* frames(body) {
  const reader = body.getReader();
  let bytes = new Uint8Array(0);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const joined = new Uint8Array(bytes.length + value.length);
      joined.set(bytes);
      joined.set(value, bytes.length);
      let start = 0;
      while (joined.length - start >= HEAD) {
        const size = new DataView(joined.buffer, start + 1, 4).getUint32(0, true);
        if (joined.length - start - HEAD < size) break;
        const payload = joined.slice(start + HEAD, start + HEAD + size);
        yield joined[start] === JSON_KIND ? JSON.parse(new TextDecoder().decode(payload)) : new Float32Array(payload.buffer);
        start += HEAD + size;
      }
      bytes = joined.slice(start);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
