import { parseAddress } from "../core/index.ts";
import type { Family } from "../core/index.ts";
import type { Commands } from "./commands.ts";
import { textOf } from "./listing.ts";
import type { ToolShell } from "./tool-shell.ts";

/** The number that marks our routes in the kernel's tables, so that those an earlier process left are found. */
export const routeProtocol = "84";

/** Where routes lead and what they are for. */
export interface RouteOptions {
  /** Runs what only reads. */
  readonly reader: ToolShell;
  /** The address that connections to VIPs come from. */
  readonly sources: Readonly<Partial<Record<Family, string>>>;
  /** Ranges of VIPs that are always routed. */
  readonly ranges: readonly string[];
  /** IPv6 has no routes to loopback: a device of this name is made for it. */
  readonly deviceV6: string;
}

/**
 * Routes by which a connection to a VIP has a source address and a way to the hook where it is translated. Without
 * translation a packet ends on the loopback device.
 */
export class KernelRoutes {
  readonly #commands: Commands;
  readonly #options: RouteOptions;
  #present = new Set<string>();

  constructor(commands: Commands, options: RouteOptions) {
    this.#commands = commands;
    this.#options = options;
  }

  /** Reads what the kernel has. Throws a `Fault`. */
  async look(): Promise<ReadonlySet<string>> {
    const present = new Set<string>();
    for (const family of this.#families()) {
      const show = ["ip", `-${family}`, "-json", "route", "show", "proto", routeProtocol];
      const text = await textOf(this.#options.reader, show);
      const routes = JSON.parse(text === "" ? "[]" : text) as readonly { readonly dst?: string }[];
      for (const { dst } of routes) if (dst !== undefined) present.add(dst);
    }
    return present;
  }

  /** Takes what the kernel has as what is there. Throws a `Fault`. */
  async read(): Promise<void> {
    this.#present = new Set(await this.look());
  }

  /** Whether these are exactly the routes of the ranges and the addresses. */
  isWhole(present: ReadonlySet<string>, addresses: readonly string[]): boolean {
    const wanted = this.#wanted(addresses);
    return wanted.size === present.size && [...wanted].every((dst) => present.has(dst));
  }

  /** Removes routes that are neither for the ranges nor for these addresses. Throws a `Fault`. */
  async removeOthers(addresses: readonly string[]): Promise<void> {
    const wanted = this.#wanted(addresses);
    const others = [...this.#present].filter((dst) => !wanted.has(dst));
    await this.#batch(others.map((dst) => `route del ${dst} proto ${routeProtocol}`));
    for (const dst of others) this.#present.delete(dst);
  }

  /** Adds what is missing. Throws a `Fault`. */
  async addMissing(addresses: readonly string[]): Promise<void> {
    const missing = [...this.#wanted(addresses)].filter((dst) => !this.#present.has(dst));
    if (missing.length === 0) return;
    if (missing.some((dst) => familyOfRoute(dst) === 6)) await this.#makeDevice();
    await this.#batch(missing.map((dst) => this.#routeTo(dst)));
    for (const dst of missing) this.#present.add(dst);
  }

  /** Removes every route and the device. Throws a `Fault`. */
  async removeAll(): Promise<void> {
    await this.read();
    await this.#batch([...this.#present].map((dst) => `route del ${dst} proto ${routeProtocol}`));
    this.#present.clear();
    if (await this.#hasDevice()) await this.#commands.run(["ip", "link", "del", this.#device()]);
  }

  #families(): readonly Family[] {
    return ([4, 6] as const).filter((family) => this.#options.sources[family] !== undefined);
  }

  #wanted(addresses: readonly string[]): Set<string> {
    const families = this.#families();
    const ranges = this.#options.ranges.filter((dst) => families.includes(familyOfRoute(dst)));
    return new Set([...ranges, ...addresses]);
  }

  #routeTo(dst: string): string {
    const family = familyOfRoute(dst);
    const device = family === 4 ? "lo" : this.#device();
    const source = this.#options.sources[family] ?? "";
    return `route replace ${dst} dev ${device} src ${source} proto ${routeProtocol}`;
  }

  #device(): string {
    return this.#options.deviceV6;
  }

  async #makeDevice(): Promise<void> {
    const device = this.#device();
    if (await this.#hasDevice()) return;
    try {
      await this.#commands.run(["ip", "link", "add", device, "type", "dummy"]);
    } catch {
      // A bridge without ports does as well, where the kernel has no dummy device.
      await this.#commands.run(["ip", "link", "add", device, "type", "bridge"]);
    }
    await this.#commands.run(["ip", "link", "set", device, "addrgenmode", "none", "up"]);
  }

  async #hasDevice(): Promise<boolean> {
    const text = await this.#commands.run(["ip", "-json", "link", "show"]);
    const links = JSON.parse(text) as readonly { readonly ifname?: string }[];
    return links.some(({ ifname }) => ifname === this.#device());
  }

  async #batch(lines: readonly string[]): Promise<void> {
    for (const family of this.#families()) {
      const own = lines.filter((line) => familyOfRoute(line.split(" ")[2] ?? "") === family);
      if (own.length === 0) continue;
      await this.#commands.run(["ip", `-${family}`, "-batch", "-"], `${own.join("\n")}\n`);
    }
  }
}

function familyOfRoute(dst: string): Family {
  return parseAddress(dst.split("/")[0] ?? "")?.family ?? 4;
}
