/** The four bytes of an IPv4 address in dotted decimal form, without leading zeros; else undefined. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [index, part] of parts.entries()) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part)) return undefined;
    const value = Number(part);
    if (value > 255) return undefined;
    bytes[index] = value;
  }
  return bytes;
}

/** The sixteen bytes of an IPv6 address in any text form of RFC 4291, without a zone; else undefined. */
export function parseIpv6(text: string): Uint8Array | undefined {
  let head = text;
  let tail: number[] = [];
  const lastColon = text.lastIndexOf(":");
  if (text.includes(".")) {
    const ipv4 = parseIpv4(text.slice(lastColon + 1));
    if (ipv4 === undefined || lastColon < 0) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = ipv4;
    tail = [a * 256 + b, c * 256 + d];
    head = text.slice(0, lastColon + 1);
    if (!head.endsWith("::")) head = head.slice(0, -1);
  }
  const groups = parseGroups(head, 8 - tail.length);
  if (groups === undefined) return undefined;
  const bytes = new Uint8Array(16);
  for (const [index, group] of [...groups, ...tail].entries()) {
    bytes[index * 2] = group >>> 8;
    bytes[index * 2 + 1] = group & 0xff;
  }
  return bytes;
}

/** Exactly `count` groups, a `::` filled with zeros; undefined when that cannot be. */
function parseGroups(text: string, count: number): number[] | undefined {
  const sides = text.split("::");
  if (sides.length > 2) return undefined;
  const parsed = sides.map((side) => (side === "" ? [] : side.split(":").map(parseGroup)));
  const [left = [], right = []] = parsed;
  const given = [...left, ...right];
  if (given.some((group) => group === undefined)) return undefined;
  const missing = count - given.length;
  if (sides.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const zeros = Array.from({ length: missing }, () => 0);
  return [...left, ...zeros, ...right].map((group) => group ?? 0);
}

function parseGroup(text: string): number | undefined {
  return /^[0-9a-fA-F]{1,4}$/.test(text) ? Number.parseInt(text, 16) : undefined;
}

/** Four or sixteen bytes of an address in text; undefined when it is neither IPv4 nor IPv6. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Dotted decimal form of four bytes. */
export function formatIpv4(bytes: Uint8Array): string {
  return `${bytes[0] ?? 0}.${bytes[1] ?? 0}.${bytes[2] ?? 0}.${bytes[3] ?? 0}`;
}

/** Sixteen bytes as RFC 5952 wants them: lower case, the longest run of two or more zero groups as `::`. */
export function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => (bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0),
  );
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > bestLength) {
      bestStart = start;
      bestLength = length;
    }
  }
  const hex = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(":");
  if (bestStart < 0) return hex(groups);
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`;
}
