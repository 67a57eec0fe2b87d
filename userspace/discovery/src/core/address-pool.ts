import { assert } from "@tutti/base";

/** How many addresses of 11.0.0.0/8 end neither in .0 nor in .255. */
const addressCount = 256 * 256 * 254;

/** The address with the given place, 0 to `addressCount` − 1. */
function addressAt(place: number): string {
  const last = (place % 254) + 1;
  const rest = Math.floor(place / 254);
  return `11.${rest >>> 8}.${rest & 0xff}.${last}`;
}

/** FNV-1a over the characters, then mixed, so that names that differ in little lie far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Which name has which address of 11.0.0.0/8. The place of a name follows from its letters; where somebody
 * else has it, the next free one.
 *
 * Invariant: no two names share an address, and a name keeps its address until it is forgotten.
 */
export class AddressPool {
  readonly #byName = new Map<string, string>();
  readonly #taken = new Set<string>();

  get size(): number {
    return this.#byName.size;
  }

  get names(): IterableIterator<string> {
    return this.#byName.keys();
  }

  addressOf(name: string): string | undefined {
    return this.#byName.get(name);
  }

  /** Takes over what was durable. A second name with the same address is left out: it gets another one. */
  restore(name: string, address: string): void {
    if (this.#taken.has(address) || this.#byName.has(name)) return;
    this.#byName.set(name, address);
    this.#taken.add(address);
  }

  /** The address of a name that has none yet. */
  allocate(name: string): string {
    assert(!this.#byName.has(name), `${name} has an address`);
    const first = hashOf(name) % addressCount;
    for (let step = 0; step < addressCount; step += 1) {
      const address = addressAt((first + step) % addressCount);
      if (this.#taken.has(address)) continue;
      this.restore(name, address);
      return address;
    }
    throw new Error("all addresses of virtual IPs are taken");
  }

  forget(name: string): void {
    const address = this.#byName.get(name);
    if (address === undefined) return;
    this.#byName.delete(name);
    this.#taken.delete(address);
  }
}

/** The IPv6 address beside an address of 11.0.0.0/8: its 32 bits below fd01:c::/64. */
export function ipv6Beside(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  return `fd01:c::${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
