import { isAtOrBelow, parseAddress } from "@tutti/dns";

/** A DNS server of somebody else. */
export interface Upstream {
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
}

/** Part of the name space with upstreams of its own. */
export interface ForwardZone {
  /** In lower case, without the last dot; "" for everything else. */
  readonly origin: string;
  readonly upstreams: readonly Upstream[];
}

/** Upstreams that cannot be asked, because they are this very forwarder, or no addresses. */
export interface LeftOutUpstream {
  readonly origin: string;
  readonly upstream: Upstream;
  readonly reason: "own address" | "not an address";
}

/**
 * Forward zones, the longest first, the default last, without upstreams that are served here: a question sent to ourselves
 * would come back for ever.
 */
export function makeForwardZones(
  zones: Readonly<Record<string, readonly Upstream[]>>,
  upstreams: readonly Upstream[],
  own: readonly Upstream[],
): { readonly zones: readonly ForwardZone[]; readonly leftOut: readonly LeftOutUpstream[] } {
  const leftOut: LeftOutUpstream[] = [];
  const usable = (origin: string, list: readonly Upstream[]): ForwardZone => ({
    origin,
    upstreams: list.filter((upstream) => {
      const isOwn = own.some((one) => isSame(one, upstream));
      if (isOwn) leftOut.push({ origin, upstream, reason: "own address" });
      else if (parseAddress(upstream.address) === undefined) {
        leftOut.push({ origin, upstream, reason: "not an address" });
      } else return true;
      return false;
    }),
  });
  const made = Object.entries(zones)
    .map(([name, list]) => usable(name.toLowerCase().replace(/^\.|\.$/g, ""), list))
    .toSorted((a, b) => b.origin.length - a.origin.length);
  return { zones: [...made, usable("", upstreams)], leftOut };
}

/** The zone whose upstreams are asked for `name`. */
export function findForwardZone(
  zones: readonly ForwardZone[],
  name: string,
): ForwardZone | undefined {
  return zones.find((zone) => isAtOrBelow(name, zone.origin));
}

function isSame(a: Upstream, b: Upstream): boolean {
  const [one, other] = [parseAddress(a.address), parseAddress(b.address)];
  return (
    a.port === b.port &&
    one !== undefined &&
    other !== undefined &&
    one.length === other.length &&
    one.every((byte, index) => byte === other[index])
  );
}
