import { utf8Decode } from "@tutti/base";
import { canonicalAddress, vipValues } from "@tutti/dns";
import type { VipValues } from "@tutti/dns";
import { limits } from "./limits.ts";
import { RememberedParts } from "./remembered-parts.ts";
import type { DiscoveryParts } from "./discovery-parts.ts";

/** Decodes the UTF-8 from `start` to `end`. */
export type TextDecoding = (bytes: Uint8Array, start: number, end: number) => string;

/**
 * One instance of each text that many tasks have, and of what follows from such texts: a stream makes one for each
 * place it stands at.
 */
export class SharedTexts {
  /** Decodes a text that is not shared. */
  readonly decode: TextDecoding;
  /** `DiscoveryInfo` by its bytes. */
  readonly discoveries = new RememberedParts<DiscoveryParts>();
  readonly #texts = new BoundedTexts<string, string>();
  /** The last text of each place, by `placeOf`: of tasks that follow one another most texts are the same. */
  #last: string[] = [];
  /** Texts by a hash of their bytes. */
  readonly #byHash = new BoundedTexts<number, string>();
  readonly #vipValues = new BoundedTexts<string, VipValues>();
  readonly #addresses = new BoundedTexts<string, readonly string[]>();
  /** By the port, at most as many as there are ports. */
  readonly #onlyPorts = new Map<number, readonly number[]>();

  constructor(decode: TextDecoding = decodePart) {
    this.decode = decode;
  }

  share(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text, bytesOf(text));
    return text;
  }

  /** The text of these bytes; one that is known is not made again. */
  read(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > limits.lastTextBytesMax) return this.#find(bytes, start, end);
    if (this.#last.length === 0) this.#last = emptyPlaces();
    const place = placeOf(bytes, start, end);
    const last = this.#last[place] ?? "";
    if (isAscii(last, bytes, start, end)) return last;
    const text = this.#find(bytes, start, end);
    this.#last[place] = text;
    return text;
  }

  #find(bytes: Uint8Array, start: number, end: number): string {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    const known = this.#byHash.get(hash);
    if (known !== undefined && isAscii(known, bytes, start, end)) return known;
    const text = this.decode(bytes, start, end);
    this.#byHash.set(hash, text, bytesOf(text));
    return text;
  }

  /** As `vipValues`, remembered. */
  readonly vipValuesOf = (text: string): VipValues => {
    const known = this.#vipValues.get(text);
    if (known !== undefined) return known;
    const values = vipValues(text);
    this.#vipValues.set(text, values, bytesOf(text) + values.length * limits.vipValueBytes);
    return values;
  };

  /** A list of one port, as most tasks have it. */
  onlyPort(port: number): readonly number[] {
    const known = this.#onlyPorts.get(port);
    if (known !== undefined) return known;
    const list = [port];
    this.#onlyPorts.set(port, list);
    return list;
  }

  /** An address in its one spelling, alone in a list: an empty one when it is none. */
  address(text: string): readonly string[] {
    const known = this.#addresses.get(text);
    if (known !== undefined) return known;
    const address = canonicalAddress(text);
    const list = address === undefined ? [] : [this.share(address)];
    this.#addresses.set(text, list, bytesOf(text));
    return list;
  }
}

/** What is remembered of texts: all of it is forgotten when it is too much. */
class BoundedTexts<K, V> {
  readonly #entries = new Map<K, V>();
  #bytes = 0;

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** `bytes`: about what the entry takes. */
  set(key: K, value: V, bytes: number): void {
    const isFull =
      this.#entries.size >= limits.textsSharedMax ||
      this.#bytes + bytes > limits.textsSharedBytesMax;
    if (isFull) {
      this.#entries.clear();
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    this.#entries.set(key, value);
  }
}

function emptyPlaces(): string[] {
  return Array.from({ length: limits.lastTexts }, () => "");
}

/** From the length and the last three bytes, where ids and addresses differ; of shorter texts also from what is before. */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
  const mixed =
    (end - start) * 0x9e37 +
    (bytes[end - 1] ?? 0) * 0x3d +
    (bytes[end - 2] ?? 0) * 0x2f1 +
    (bytes[end - 3] ?? 0) * 0x1a35;
  return mixed & (limits.lastTexts - 1);
}

/** At most: two for each unit. */
function bytesOf(text: string): number {
  return text.length * 2;
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
