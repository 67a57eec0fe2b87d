import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { KnownMaster } from "../core/index.ts";

/** The master at a URL, as the URL has it. */
export function masterAt(url: string): KnownMaster {
  const { hostname, port } = new URL(url);
  return { address: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? 80 : Number(port) };
}

/**
 * The master at a URL, by its address: Apache Mesos redirects to the host name of the leader, where it has one.
 * Undefined when the name is not found.
 */
export async function addressedMaster(url: string): Promise<KnownMaster | undefined> {
  const master = masterAt(url);
  const address = await addressOfHost(master.address);
  return address === undefined ? undefined : { ...master, address };
}

/** The address of a host, which may be an address; undefined when the name is not found. */
export async function addressOfHost(host: string): Promise<string | undefined> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host, { order: "ipv4first" })).address;
  } catch {
    return undefined;
  }
}
