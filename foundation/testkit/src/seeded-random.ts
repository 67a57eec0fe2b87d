import { assert } from "@tutti/base";
import type { Random } from "@tutti/ports";

/** Chance that is the same for the same seed, for ever and on every machine. */
export interface SeededRandom extends Random {
  /** An independent source, named so that a new user of chance does not disturb the others. */
  fork(name: string): SeededRandom;
  /** A number in [min, max). */
  between(min: number, max: number): number;
  /** Whether something of this probability happens. */
  chance(probability: number): boolean;
  /** One of `items`, which has at least one. */
  pick<T>(items: readonly T[]): T;
}

/** Makes the random source of `seed` (sfc32, seeded by four rounds of FNV-1a over the text). */
export function createSeededRandom(seed: number | string): SeededRandom {
  return new Sfc32(String(seed));
}

class Sfc32 implements SeededRandom {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.#seed = seed;
    this.#a = hash(seed, 0x811c9dc5);
    this.#b = hash(seed, this.#a ^ 0x9e3779b9);
    this.#c = hash(seed, this.#b ^ 0x85ebca6b);
    for (let round = 0; round < 15; round += 1) this.#word();
  }

  next(): number {
    return this.#word() / 2 ** 32;
  }

  below(bound: number): number {
    assert(Number.isInteger(bound) && bound >= 1, "a bound is an integer of at least 1");
    return Math.floor(this.next() * bound);
  }

  uuid(): string {
    const [one, two, three, four] = [this.#word(), this.#word(), this.#word(), this.#word()];
    const variant = "89ab".charAt(this.#word() & 3);
    const begin = `${hex8(one)}-${hex4(two >>> 16)}-4${hex4(two & 0xfff).slice(1)}`;
    const middle = `${variant}${hex4((three >>> 16) & 0xfff).slice(1)}`;
    return `${begin}-${middle}-${hex4(three & 0xffff)}${hex8(four)}`;
  }

  fork(name: string): SeededRandom {
    return new Sfc32(`${this.#seed}/${name}`);
  }

  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, "there is nothing to pick from");
    return items[this.below(items.length)] as T;
  }

  /** The next 32 bits as an unsigned integer. */
  #word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }
}

/** Every byte in two hexadecimal digits. */
const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** 16 bits in four digits. */
function hex4(value: number): string {
  return `${hexBytes[value >>> 8] ?? ""}${hexBytes[value & 0xff] ?? ""}`;
}

/** 32 bits in eight digits. */
function hex8(value: number): string {
  return `${hex4(value >>> 16)}${hex4(value & 0xffff)}`;
}

function hash(text: string, start: number): number {
  let value = start;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
    value ^= value >>> 15;
  }
  return value | 0;
}
