/** A range of IPv4 addresses. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** `10.213.7.0/24` or `10.213.7.1` as a range; undefined when it is neither. */
export function parseRange(text: string): AddressRange | undefined {
  const [address, bits = "32"] = text.split("/");
  const start = parseAddress(address ?? "");
  const prefix = Number(bits);
  if (start === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > 32)
    return undefined;
  const size = 2 ** (32 - prefix);
  const first = Math.floor(start / size) * size;
  return { first, last: first + size - 1 };
}

function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/**
 * The first /24 of 10.213.0.0/16 that overlaps nothing in `used` (routes and addresses of the machine), as its
 * number 0–255; `preferred` first, which is what a cluster had before. Undefined when all are taken.
 */
export function chooseSubnet(
  used: readonly AddressRange[],
  preferred: number | undefined,
): number | undefined {
  const candidates = Array.from({ length: 256 }, (_, number) => number);
  if (preferred !== undefined) candidates.unshift(preferred);
  return candidates.find((number) => {
    const range = parseRange(`10.213.${String(number)}.0/24`);
    return (
      range !== undefined &&
      used.every((other) => other.last < range.first || other.first > range.last)
    );
  });
}

/** How the machines of a cluster are addressed. */
export interface Addressing {
  /** First two numbers of every address. */
  readonly prefix: "10.213" | "127.213";
  readonly subnet: number;
}

/** Address of the host itself in the cluster's network. */
export function hostAddress(a: Addressing): string {
  return `${a.prefix}.${String(a.subnet)}.1`;
}

/** Address of the master with the given place, from 0. */
export function masterAddress(a: Addressing, index: number): string {
  return `${a.prefix}.${String(a.subnet)}.${String(2 + index)}`;
}

/** Address of the agent with the given place, from 0; private ones come first. */
export function agentAddress(a: Addressing, index: number): string {
  return `${a.prefix}.${String(a.subnet)}.${String(10 + index)}`;
}

/** The cluster's network in CIDR form. */
export function networkOf(a: Addressing): string {
  return `${a.prefix}.${String(a.subnet)}.0/24`;
}

/**
 * The IPv6 address of a machine: of a network that only its cluster has (RFC 4193, the id of the cluster in it), with the
 * last number of its IPv4 address.
 */
export function addressV6(clusterId: string, ip: string): string {
  return `${networkV6(clusterId)}${Number(ip.split(".").at(-1)).toString(16)}`;
}

/** The first half of every IPv6 address of a cluster, with `::` after it. */
function networkV6(clusterId: string): string {
  const number = Number.parseInt(clusterId, 36) % 2 ** 32;
  const groups = [Math.floor(number / 65_536), number % 65_536].map((group) => group.toString(16));
  return `fd74:${groups.join(":")}:1::`;
}

/** Where DNS answers on every machine, as DC/OS has it. */
export const dnsAddresses = ["198.51.100.1", "198.51.100.2", "198.51.100.3"] as const;

/** The same for IPv6 (`neverLeaving`): virtual IPs. */
export const neverLeavingV6 = ["fd01:c::/64"] as const;

/**
 * Ranges that belong to virtual IPs, DNS addresses and the overlay of every cluster: a machine refuses them
 * by a route of the lowest rank, so that no such packet ever leaves it, whatever else is or is not set up.
 */
export const neverLeaving = [
  "11.0.0.0/8",
  "198.51.100.0/24",
  "9.0.0.0/8",
  "44.128.0.0/16",
] as const;
