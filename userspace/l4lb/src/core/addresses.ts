/** IPv4 or IPv6. */
export type Family = 4 | 6;

/** An address as a number, with its family. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** A range of addresses: all that share the first `length` bits. */
export interface Prefix extends Address {
  readonly length: number;
}

const bits: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** Reads an address; undefined when it is none. Zones (`%eth0`) and embedded IPv4 (`::1.2.3.4`) are none. */
export function parseAddress(text: string): Address | undefined {
  const value = text.includes(":") ? ipv6Value(text) : ipv4Value(text);
  return value === undefined ? undefined : { family: text.includes(":") ? 6 : 4, value };
}

/** Reads `address/length`; undefined when it is none. */
export function parsePrefix(text: string): Prefix | undefined {
  const [head = "", tail = ""] = text.split("/");
  const address = parseAddress(head);
  if (address === undefined || !/^\d{1,3}$/.test(tail)) return undefined;
  const length = Number(tail);
  return length > bits[address.family] ? undefined : { ...address, length };
}

/** Whether the address lies in the range. */
export function isInside(address: Address, prefix: Prefix): boolean {
  if (address.family !== prefix.family) return false;
  const shift = BigInt(bits[prefix.family] - prefix.length);
  return address.value >> shift === prefix.value >> shift;
}

/**
 * Whether the address is IPv6 and holds an IPv4 one (`::102:304`, `::ffff:102:304`), or is loopback or nowhere: nft
 * spells those in another way, and no host is there.
 */
export function isEmbedded({ family, value }: Address): boolean {
  return family === 6 && (value >> 32n === 0n || value >> 32n === 0xffffn);
}

/** An address as nft spells it: the shortest way, the first of the longest runs of zeros as `::` (RFC 5952). */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return groupsOf(value, 4, 8).join(".");
  const text = groupsOf(value, 8, 16)
    .map((group) => group.toString(16))
    .join(":");
  const runs = [...text.matchAll(/(?<=^|:)0(?::0)+(?=:|$)/g)];
  const longest = runs.toSorted((a, b) => b[0].length - a[0].length)[0];
  if (longest === undefined) return text;
  const [head, tail] = [
    text.slice(0, longest.index),
    text.slice(longest.index + longest[0].length),
  ];
  return `${head.replace(/:$/, "")}::${tail.replace(/^:/, "")}`;
}

function groupsOf(value: bigint, count: number, groupBits: number): readonly number[] {
  const mask = (1n << BigInt(groupBits)) - 1n;
  return Array.from({ length: count }, (_unused, index) =>
    Number((value >> BigInt((count - 1 - index) * groupBits)) & mask),
  );
}

function ipv4Value(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return value;
}

function ipv6Value(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array.from({ length: missing }, () => "0"), ...tail]) {
    if (!/^[\da-f]{1,4}$/i.test(group)) return undefined;
    value = value * 65_536n + BigInt(`0x${group}`);
  }
  return value;
}
