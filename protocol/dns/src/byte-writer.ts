import { parseLabels } from "./names.ts";

/**
 * Writes a message into bytes of its own. Names are compressed against the question only: records then mean the
 * same at any place of the message. What no longer fits sets `full`, and is not written.
 */
export class ByteWriter {
  readonly #bytes: Uint8Array;
  /** Suffixes of the question's name, the longest first, and where they begin. */
  #suffixes: readonly { readonly name: string; readonly at: number }[] = [];
  length = 0;
  full = false;

  constructor(capacityBytes: number) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  start(): void {
    this.length = 0;
    this.full = false;
    this.#suffixes = [];
  }

  uint8(value: number): void {
    if (this.length >= this.#bytes.length) {
      this.full = true;
      return;
    }
    this.#bytes[this.length] = value;
    this.length += 1;
  }

  uint16(value: number): void {
    this.uint8((value >>> 8) & 0xff);
    this.uint8(value & 0xff);
  }

  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value & 0xffff);
  }

  raw(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#bytes.length) {
      this.full = true;
      return;
    }
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A name that others may point into; false when no name can be written so. */
  questionName(name: string): boolean {
    const labels = parseLabels(name);
    if (labels === undefined) return false;
    const texts = name === "" || name === "." ? [] : name.toLowerCase().split(".");
    const suffixes: { name: string; at: number }[] = [];
    for (const [index, label] of labels.entries()) {
      suffixes.push({ name: texts.slice(index, labels.length).join("."), at: this.length });
      this.uint8(label.length);
      this.raw(label);
    }
    this.uint8(0);
    this.#suffixes = suffixes;
    return true;
  }

  /** A name, compressed against the question's unless `plain` (RFC 2782 wants targets whole). */
  name(name: string, options?: { readonly plain: boolean }): boolean {
    const lower = name.toLowerCase();
    const suffix = options?.plain === true ? undefined : this.#longestSuffix(lower);
    if (suffix !== undefined && suffix.name.length === lower.length) {
      this.uint16(0xc000 | suffix.at);
      return true;
    }
    const head = suffix === undefined ? lower : lower.slice(0, -suffix.name.length - 1);
    const labels = parseLabels(head);
    if (labels === undefined) return false;
    for (const label of labels) {
      this.uint8(label.length);
      this.raw(label);
    }
    if (suffix === undefined) this.uint8(0);
    else this.uint16(0xc000 | suffix.at);
    return true;
  }

  /** Writes `value` at a place that was passed before. */
  patchUint16(at: number, value: number): void {
    this.#bytes[at] = (value >>> 8) & 0xff;
    this.#bytes[at + 1] = value & 0xff;
  }

  /** Takes back what was written after `length`. */
  truncate(length: number): void {
    this.length = length;
    this.full = false;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  #longestSuffix(name: string): { readonly name: string; readonly at: number } | undefined {
    for (const suffix of this.#suffixes) {
      if (name === suffix.name) return suffix;
      if (name.length > suffix.name.length && name.endsWith(suffix.name)) {
        if (name.charCodeAt(name.length - suffix.name.length - 1) === 0x2e) return suffix;
      }
    }
    return undefined;
  }
}
