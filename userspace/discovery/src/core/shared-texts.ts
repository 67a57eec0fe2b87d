import { utf8Decode } from "@tutti/base";
import { limits } from "./limits.ts";
import { canonicalAddress, parseVipValue, splitVipValues } from "./vip-labels.ts";

/** Decodes the UTF-8 from `start` to `end`. */
export type TextDecoding = (bytes: Uint8Array, start: number, end: number) => string;

/**
 * One instance of each text that many tasks have, and of what follows from such texts: a stream makes one for each
 * place it stands at.
 */
export class SharedTexts {
  /** Decodes a text that is not shared. */
  readonly decode: TextDecoding;
  readonly #texts = new Map<string, string>();
  /** Texts by a hash of their bytes. */
  readonly #byHash = new Map<number, string>();
  readonly #vipValues = new Map<string, readonly ReturnType<typeof parseVipValue>[]>();
  readonly #addresses = new Map<string, readonly string[]>();

  constructor(decode: TextDecoding = decodePart) {
    this.decode = decode;
  }

  share(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= limits.textsSharedMax) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  /** The text of these bytes; one that is known is not made again. */
  read(bytes: Uint8Array, start: number, end: number): string {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    const known = this.#byHash.get(hash);
    if (known !== undefined && isAscii(known, bytes, start, end)) return known;
    if (this.#byHash.size >= limits.textsSharedMax) this.#byHash.clear();
    const text = this.decode(bytes, start, end);
    this.#byHash.set(hash, text);
    return text;
  }

  /** What the value of a VIP label says. */
  vipValues(text: string): readonly ReturnType<typeof parseVipValue>[] {
    const known = this.#vipValues.get(text);
    if (known !== undefined) return known;
    const values = splitVipValues(text).map(parseVipValue);
    if (this.#vipValues.size >= limits.textsSharedMax) this.#vipValues.clear();
    this.#vipValues.set(text, values);
    return values;
  }

  /** An address in its one spelling, alone in a list: an empty one when it is none. */
  address(text: string): readonly string[] {
    const known = this.#addresses.get(text);
    if (known !== undefined) return known;
    const address = canonicalAddress(text);
    const list = address === undefined ? [] : [this.share(address)];
    if (this.#addresses.size >= limits.textsSharedMax) this.#addresses.clear();
    this.#addresses.set(text, list);
    return list;
  }
}

/** Whether the bytes are the text, character by character. */
function isAscii(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f || unit !== bytes[start + index]) return false;
  }
  return true;
}

function decodePart(bytes: Uint8Array, start: number, end: number): string {
  return utf8Decode(bytes.subarray(start, end));
}
