/** Ids of events and sessions: random, and never the same twice. */

/**
 * A UUID (RFC 9562, version 4): by crypto.randomUUID where there is one, which a page has by https and on localhost only, or
 * by crypto.getRandomValues; in React Native, which has neither by itself, by `random`, which keeps ids apart and no secret.
 */
export function newId(random: () => number = Math.random): string {
  const source = globalThis.crypto as Partial<Crypto> | undefined;
  if (source?.randomUUID) return source.randomUUID();
  const bytes = source?.getRandomValues
    ? source.getRandomValues(new Uint8Array(16))
    : Uint8Array.from({ length: 16 }, () => Math.floor(256 * random()));
  const marked = Array.from(bytes, (byte, place) => {
    if (place === 6) return (byte & 0x0f) | 0x40;
    return place === 8 ? (byte & 0x3f) | 0x80 : byte;
  });
  const digits = marked.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
