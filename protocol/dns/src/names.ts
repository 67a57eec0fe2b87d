import { limits } from "./limits.ts";

const DOT = 0x2e;
const BACKSLASH = 0x5c;

/** A name that was read, and where the bytes after it begin. */
export interface ReadName {
  /** Lower case, without the last dot; bytes that are not plain are `\DDD`. */
  readonly name: string;
  readonly end: number;
}

/**
 * Reads a name at `start`, following pointers backwards only and not for ever. Undefined when it runs out of
 * the bytes, is too long, points forward or round, or uses a label type that does not exist.
 */
export function readName(bytes: Uint8Array, start: number): ReadName | undefined {
  let name = "";
  let at = start;
  let end = -1;
  let wireBytes = 1;
  let pointers = 0;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name, end: end < 0 ? at + 1 : end };
    if (length >= 0xc0) {
      const low = bytes[at + 1];
      if (low === undefined) return undefined;
      const target = (length & 0x3f) * 256 + low;
      pointers += 1;
      if (target >= at || pointers > limits.pointersPerNameMax) return undefined;
      if (end < 0) end = at + 2;
      at = target;
      continue;
    }
    wireBytes += length + 1;
    if (length > limits.labelBytesMax || wireBytes > limits.nameBytesMax) return undefined;
    if (at + length >= bytes.length) return undefined;
    if (name !== "") name += ".";
    for (let index = at + 1; index <= at + length; index += 1)
      name += formatByte(bytes[index] ?? 0);
    at += length + 1;
  }
}

/** As `readName`, without making its text: where the bytes after a name begin that adds up, pointers and all. */
export function checkName(bytes: Uint8Array, start: number): number | undefined {
  let at = start;
  let end: number | undefined;
  let wireBytes = 1;
  for (let pointers = 0; ;) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return end ?? at + 1;
    if (length < 0xc0) {
      wireBytes += length + 1;
      if (length > limits.labelBytesMax || wireBytes > limits.nameBytesMax) return undefined;
      at += length + 1;
      continue;
    }
    const target = (length & 0x3f) * 256 + (bytes[at + 1] ?? 0xff);
    pointers += 1;
    if (target >= at || pointers > limits.pointersPerNameMax) return undefined;
    end ??= at + 2;
    at = target;
  }
}

/** Where the bytes after a name begin, without reading it; undefined when it runs out of the bytes. */
export function skipName(bytes: Uint8Array, start: number): number | undefined {
  let at = start;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= bytes.length ? at + 2 : undefined;
    if (length > limits.labelBytesMax) return undefined;
    at += length + 1;
    if (at - start > limits.nameBytesMax) return undefined;
  }
}

/** The labels of a name in text, as bytes in lower case. Undefined: no name can be written so. */
export function parseLabels(name: string): readonly Uint8Array[] | undefined {
  if (name === "" || name === ".") return [];
  const labels: Uint8Array[] = [];
  let label: number[] = [];
  const text = name.endsWith(".") && !name.endsWith("\\.") ? name.slice(0, -1) : name;
  for (let at = 0; at < text.length; at += 1) {
    let code = text.charCodeAt(at);
    if (code === DOT) {
      labels.push(Uint8Array.from(label));
      label = [];
      continue;
    }
    if (code === BACKSLASH) {
      const digits = text.slice(at + 1, at + 4);
      if (!/^[0-9]{3}$/.test(digits)) return undefined;
      code = Number(digits);
      at += 3;
    }
    if (code > 0xff) return undefined;
    label.push(code >= 0x41 && code <= 0x5a ? code + 0x20 : code);
  }
  labels.push(Uint8Array.from(label));
  const wireBytes = labels.reduce((sum, one) => sum + one.length + 1, 1);
  if (wireBytes > limits.nameBytesMax) return undefined;
  return labels.every((one) => one.length > 0 && one.length <= limits.labelBytesMax)
    ? labels
    : undefined;
}

/** A name on the wire, without pointers, in lower case. Undefined as `parseLabels`. */
export function nameToWire(name: string): Uint8Array | undefined {
  const labels = parseLabels(name);
  if (labels === undefined) return undefined;
  const bytes = new Uint8Array(labels.reduce((sum, one) => sum + one.length + 1, 1));
  let at = 0;
  for (const label of labels) {
    bytes[at] = label.length;
    bytes.set(label, at + 1);
    at += label.length + 1;
  }
  return bytes;
}

/** Whether `name` is `zone` or ends in it; both in lower case, without the last dot. */
export function isAtOrBelow(name: string, zone: string): boolean {
  return zone === "" || name === zone || (name.endsWith(zone) && name.at(-zone.length - 1) === ".");
}

const plain: readonly string[] = Array.from({ length: 256 }, (_, code) => {
  if (code >= 0x41 && code <= 0x5a) return String.fromCharCode(code + 0x20);
  if (code > 0x20 && code < 0x7f && code !== DOT && code !== BACKSLASH)
    return String.fromCharCode(code);
  return `\\${String(code).padStart(3, "0")}`;
});

function formatByte(code: number): string {
  return plain[code] ?? "";
}
