import { Fault } from "@tutti/base";
import { parseAddress, parsePrefix } from "../core/index.ts";
import type { Family, L4lbConfig } from "../core/index.ts";
import type { L4lb, L4lbOptions } from "../l4lb.ts";
import { commandsIn, messageOf } from "./commands.ts";
import type { Commands } from "./commands.ts";
import { limits } from "./limits.ts";
import { readLinks } from "./links.ts";
import type { Links } from "./links.ts";
import { RunningL4lb } from "./running-l4lb.ts";

/**
 * Opens the load balancer of this machine. Nothing in the kernel changes before the first change of the table: what
 * an earlier process left goes on until then. Where the machine has no nftables or gives no right to use them, it
 * says so, and works as soon as that changes. Throws a `Fault` CONFIG for options that are no addresses or names.
 */
export async function openL4lb(options: L4lbOptions): Promise<L4lb> {
  const {
    machineAddress,
    network = "11.0.0.0/8",
    networkV6 = "fd01:c::/64",
    tableName = "tutti_vip",
    commandPrefix = [],
  } = options;
  if (parseAddress(machineAddress)?.family !== 4)
    throw new Fault("CONFIG", `no IPv4 address: ${machineAddress}`, { retryable: false });
  // The name is that of a device too, and those are short.
  if (!/^[a-z][a-z0-9_]{0,14}$/.test(tableName))
    throw new Fault("CONFIG", `no name of a table: ${tableName}`, { retryable: false });
  const commands = commandsIn(commandPrefix);
  const links = await linksOrNone(commands, options);
  const addressV6 = options.machineAddressV6 ?? links.addressV6;
  const families: readonly Family[] = addressV6 === undefined ? [4] : [4, 6];
  const ranges = [network, networkV6].map((text) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined)
      throw new Fault("CONFIG", `no range of addresses: ${text}`, { retryable: false });
    return { text, prefix };
  });
  const usable = ranges.filter(({ prefix }) => families.includes(prefix.family));
  const room = new RunningL4lb({
    config: { families, ranges: usable, onLink: links.onLink, taken: takenOf(links, options) },
    commands,
    tableName,
    sources: addressV6 === undefined ? { 4: machineAddress } : { 4: machineAddress, 6: addressV6 },
    compareMs: options.compareMs ?? limits.compareMs,
    report: options.report,
  });
  await room.probe();
  return room;
}

/** Without the tool that tells of links there is none to set routes either: the first change will say so. */
async function linksOrNone(commands: Commands, options: L4lbOptions): Promise<Links> {
  try {
    return await readLinks(commands, options.machineAddress);
  } catch (error) {
    options.report(`The machine's links could not be read: ${messageOf(error)}`);
    return { onLink: [], own: [] };
  }
}

function takenOf(links: Links, options: L4lbOptions): L4lbConfig["taken"] {
  const { nameServers = [], routers = [] } = options;
  const named = (texts: readonly string[], what: string): L4lbConfig["taken"] =>
    texts.flatMap((text) => {
      const address = parseAddress(text);
      return address === undefined ? [] : [{ address, what }];
    });
  return [
    ...links.own.map((address) => ({ address, what: "this machine" })),
    ...named(nameServers, "a DNS server that it asks"),
    ...named(routers, "a router of its network"),
  ];
}
