const REPLACEMENT = 0xfffd;
const CHUNK_UNITS = 8192;

/** The UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD, as in the Encoding standard. */
export function utf8Encode(text: string): Uint8Array {
  const units = text.length;
  const ascii = new Uint8Array(units);
  let index = 0;
  for (; index < units; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) break;
    ascii[index] = unit;
  }
  return index === units ? ascii : encodeFrom(text, ascii, index);
}

/** How many bytes `utf8Encode` makes of `text`. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // Two units of a pair make four bytes; a lone surrogate becomes U+FFFD, which has three.
    bytes += unit < 0x800 ? 1 : 2;
    if (unit < 0xd800 || unit > 0xdbff || index + 1 === text.length) continue;
    const next = text.charCodeAt(index + 1);
    if (next < 0xdc00 || next > 0xdfff) continue;
    index += 1;
  }
  return bytes;
}

function encodeFrom(text: string, ascii: Uint8Array, start: number): Uint8Array {
  const out = new Uint8Array(start + (text.length - start) * 3);
  out.set(ascii.subarray(0, start));
  let at = start;
  for (let index = start; index < text.length; index += 1) {
    let point = text.charCodeAt(index);
    if (point >= 0xd800 && point <= 0xdfff) {
      const next = index + 1 < text.length ? text.charCodeAt(index + 1) : 0;
      if (point <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) {
        point = 0x10000 + ((point - 0xd800) << 10) + (next - 0xdc00);
        index += 1;
      } else point = REPLACEMENT;
    }
    at = putPoint(out, at, point);
  }
  return out.slice(0, at);
}

function putPoint(out: Uint8Array, start: number, point: number): number {
  let at = start;
  if (point < 0x80) out[at++] = point;
  else if (point < 0x800) {
    out[at++] = 0xc0 | (point >> 6);
    out[at++] = 0x80 | (point & 0x3f);
  } else {
    if (point < 0x10000) out[at++] = 0xe0 | (point >> 12);
    else {
      out[at++] = 0xf0 | (point >> 18);
      out[at++] = 0x80 | ((point >> 12) & 0x3f);
    }
    out[at++] = 0x80 | ((point >> 6) & 0x3f);
    out[at++] = 0x80 | (point & 0x3f);
  }
  return at;
}

/**
 * The text of UTF-8 `bytes`. Each maximal ill-formed part becomes one U+FFFD, as in the Encoding
 * standard; a byte order mark is kept.
 */
export function utf8Decode(bytes: Uint8Array): string {
  let ascii = 0;
  while (ascii < bytes.length && (bytes[ascii] ?? 0) < 0x80) ascii += 1;
  const text = decodeAscii(bytes, ascii);
  return ascii === bytes.length ? text : text + decodeFrom(bytes, ascii);
}

/** The first `length` bytes, which are all ASCII. */
function decodeAscii(bytes: Uint8Array, length: number): string {
  let text = "";
  for (let start = 0; start < length; start += CHUNK_UNITS) {
    // A plain array of known length is what the engine passes on fastest.
    const units: number[] = [];
    units.length = Math.min(CHUNK_UNITS, length - start);
    for (let index = 0; index < units.length; index += 1) units[index] = bytes[start + index] ?? 0;
    text += String.fromCharCode.apply(undefined, units);
  }
  return text;
}

function decodeFrom(bytes: Uint8Array, start: number): string {
  let text = "";
  let units: number[] = [];
  let at = start;
  while (at < bytes.length) {
    const first = bytes[at] ?? 0;
    if (first < 0x80) {
      units.push(first);
      at += 1;
    } else {
      const { point, length } = decodePoint(bytes, at, first);
      if (point > 0xffff) {
        units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
      } else units.push(point);
      at += length;
    }
    if (units.length >= CHUNK_UNITS) {
      text += String.fromCharCode.apply(undefined, units);
      units = [];
    }
  }
  return text + String.fromCharCode.apply(undefined, units);
}

interface Decoded {
  readonly point: number;
  /** Bytes consumed, at least 1. */
  readonly length: number;
}

/** One non-ASCII point at `at`; well-formed ranges are those of Unicode's table 3-7. */
function decodePoint(bytes: Uint8Array, at: number, first: number): Decoded {
  const shape = shapeOf(first);
  if (shape === undefined) return { point: REPLACEMENT, length: 1 };
  let point = first & shape.mask;
  let { low, high } = shape;
  for (let offset = 1; offset <= shape.continuations; offset += 1) {
    const byte = bytes[at + offset];
    if (byte === undefined || byte < low || byte > high) {
      return { point: REPLACEMENT, length: offset };
    }
    point = (point << 6) | (byte & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  return { point, length: shape.continuations + 1 };
}

interface Shape {
  readonly continuations: number;
  readonly mask: number;
  /** Bounds of the first continuation byte. */
  readonly low: number;
  readonly high: number;
}

function shapeOf(first: number): Shape | undefined {
  if (first >= 0xc2 && first <= 0xdf)
    return { continuations: 1, mask: 0x1f, low: 0x80, high: 0xbf };
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80;
    const high = first === 0xed ? 0x9f : 0xbf;
    return { continuations: 2, mask: 0x0f, low, high };
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf;
    return { continuations: 3, mask: 0x07, low, high };
  }
  return undefined;
}
