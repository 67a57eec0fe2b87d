import { ok, refuse, type Result } from "@tutti/base";
import { isAtOrBelow, nameToWire, parseAddress } from "@tutti/dns";

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
 * Forward zones, the longest first, the default last, without upstreams of `own`, which are served here or ask us: a question
 * sent to ourselves would come back for ever.
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

/**
 * Forward zones as they are configured, one a text: `corp.example=10.0.0.1,10.0.0.2:5353,[fd00::1]:53`; port 53 when none is
 * told. Refuses a zone that is no name or told twice, one without servers, and what is no address.
 */
export function parseForwardZones(
  texts: readonly string[],
): Result<Readonly<Record<string, readonly Upstream[]>>> {
  const zones: Record<string, readonly Upstream[]> = {};
  for (const text of texts) {
    const cut = text.indexOf("=");
    const name = text.slice(0, Math.max(0, cut)).toLowerCase().replace(/\.$/, "");
    const wire = nameToWire(name);
    if (cut < 0 || name === "" || wire === undefined) {
      return refuse(
        "FORWARD_ZONE",
        `"${text}" is no forward zone: it is to be written ZONE=ADDRESS,…`,
      );
    }
    if (Object.hasOwn(zones, name)) return refuse("FORWARD_ZONE", `zone ${name} is there twice`);
    const upstreams: Upstream[] = [];
    for (const server of text.slice(cut + 1).split(",")) {
      const upstream = parseUpstream(server.trim());
      if (upstream === undefined) {
        return refuse("FORWARD_ZONE", `zone ${name}: "${server}" is no address of a DNS server`);
      }
      upstreams.push(upstream);
    }
    zones[name] = upstreams;
  }
  return ok(zones);
}

/** `10.0.0.1`, `10.0.0.1:5353`, `fd00::1` or `[fd00::1]:53`. */
function parseUpstream(text: string): Upstream | undefined {
  const plain = parseAddress(text) === undefined ? undefined : { address: text, port: 53 };
  if (plain !== undefined) return plain;
  const parts = /^(?:\[([^\]]+)\]|([0-9.]+))(?::([0-9]{1,5}))?$/.exec(text);
  const address = parts?.[1] ?? parts?.[2] ?? "";
  const port = Number(parts?.[3] ?? 53);
  if (parseAddress(address) === undefined || port < 1 || port > 65_535) return undefined;
  return { address, port };
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
