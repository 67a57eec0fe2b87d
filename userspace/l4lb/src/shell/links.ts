import { parseAddress, parsePrefix } from "../core/index.ts";
import type { Address, Prefix } from "../core/index.ts";
import type { Commands } from "./commands.ts";

/** What this room must know of the machine's links. */
export interface Links {
  /** Ranges that are reached without a router. */
  readonly onLink: readonly Prefix[];
  /** Addresses of the machine itself, on whatever link. */
  readonly own: readonly Address[];
  /** An IPv6 address of the link that has the machine's address, when there is one. */
  readonly addressV6?: string;
}

interface WireLink {
  readonly ifname?: string;
  readonly addr_info?: readonly {
    readonly local?: string;
    readonly prefixlen?: number;
    readonly scope?: string;
  }[];
}

/** Reads the machine's links. Throws a `Fault`. */
export async function readLinks(commands: Commands, machineAddress: string): Promise<Links> {
  const text = await commands.run(["ip", "-json", "addr", "show"]);
  const links = JSON.parse(text) as readonly WireLink[];
  const onLink: Prefix[] = [];
  const own: Address[] = [];
  let addressV6: string | undefined;
  for (const link of links) {
    const addresses = link.addr_info ?? [];
    const isOurs = addresses.some(({ local }) => local === machineAddress);
    for (const { local = "", prefixlen = -1, scope } of addresses) {
      const address = parseAddress(local);
      if (address !== undefined) own.push(address);
      if (scope !== "global") continue;
      const prefix = parsePrefix(`${local}/${prefixlen}`);
      if (prefix !== undefined) onLink.push(prefix);
      if (isOurs && address?.family === 6) addressV6 ??= local;
    }
  }
  return addressV6 === undefined ? { onLink, own } : { onLink, own, addressV6 };
}
