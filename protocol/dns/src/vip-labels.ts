import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "./addresses.ts";
import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import { limits } from "./limits.ts";
import type { LabelFault, VipClaim } from "./vip-claim.ts";
import { vipNameOf } from "./vip-name.ts";

/** What a label's value names: a VIP without its protocol and backend. */
export interface VipLabelValue {
  readonly target: VipClaim["target"];
  readonly port: number;
}

/** Whether a label of a port makes it a backend: `VIP_0`, `VIP_1`, … in any case (dcos-net: `VIP` and anything). */
export function isPortVipLabel(key: string): boolean {
  return /^vip/i.test(key);
}

/** The index of the port that a task's label `VIP_PORT0` speaks of; undefined for other labels. */
export function portIndexOf(key: string): number | undefined {
  const match = /^vip_port(\d{1,4})$/i.exec(key);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** Values of one label: several VIPs are separated by `,` or `|`. */
export function splitVipValues(text: string): readonly string[] {
  return text
    .split(/[,|]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/**
 * Reads one VIP: `/name:port`, `1.2.3.4:port`, `[fd01::1]:port`, with `tcp://` or `udp://` before it in the
 * old form. Refuses the rest with what is wrong and what would be right.
 */
export function parseVipValue(
  text: string,
): Result<VipLabelValue & { protocol?: "tcp" | "udp" }, LabelFault> {
  const scheme = /^(tcp|udp):\/\//i.exec(text)?.[1]?.toLowerCase();
  const bare = scheme === undefined ? text : text.slice(6);
  const colon = bare.lastIndexOf(":");
  if (colon < 0) {
    const name = bare.startsWith("/") ? bare : `/${bare}`;
    return invalid(`"${shown(text)}" has no port: write it as ${shown(name)}:80`);
  }
  const host = bare.slice(0, colon);
  const port = portOf(bare.slice(colon + 1));
  if (port === undefined) {
    const message = `"${shown(text)}": the port must be a number from 1 to 65535`;
    return fault({ code: "VIP_PORT_INVALID", message });
  }
  const target = host.startsWith("/") ? nameTarget(host) : addressTarget(host);
  if (!target.ok) return target;
  const value = { target: target.value, port };
  return ok(scheme === "tcp" || scheme === "udp" ? { ...value, protocol: scheme } : value);
}

const onlyTcp = ok(["tcp"] as const);

/** Protocols of a port: `tcp`, `udp`, `tcp,udp`; TCP when it says nothing. Others are a fault. */
export function parseProtocols(
  text: string | undefined,
): Result<readonly ("tcp" | "udp")[], LabelFault> {
  if (text === undefined || text === "" || text === "tcp") return onlyTcp;
  const parts = text
    .toLowerCase()
    .split(",")
    .map((part) => part.trim());
  const known = parts.filter((part) => part === "tcp" || part === "udp");
  if (known.length === parts.length) return ok([...new Set(known)]);
  return invalid(`a VIP needs the protocol tcp or udp, this port has "${shown(text)}"`);
}

function nameTarget(host: string): Result<VipClaim["target"], LabelFault> {
  const name = host.slice(1);
  if (name.length > limits.vipNameUnitsMax || vipNameOf(name) === "")
    return invalid(`"${shown(host)}" is no name: letters, digits and hyphens make one`);
  return ok({ type: "name", name });
}

function addressTarget(host: string): Result<VipClaim["target"], LabelFault> {
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  const address = canonicalAddress(bracketed ?? host);
  if (address === undefined)
    return invalid(`"${shown(host)}" is neither an address nor a name; a name begins with "/"`);
  const reason = refusedAddress(address);
  if (reason === undefined) return ok({ type: "address", address });
  return fault({ code: "VIP_ADDRESS_REFUSED", message: `${address} ${reason}` });
}

/** An address in the one spelling that facts use; undefined when it is none. */
export function canonicalAddress(text: string): string | undefined {
  if (text.includes(":")) {
    const bytes = parseIpv6(text);
    return bytes === undefined ? undefined : formatIpv6(bytes);
  }
  const bytes = parseIpv4(text);
  return bytes === undefined ? undefined : formatIpv4(bytes);
}

/** Why an address cannot be a VIP: traffic to it has another meaning on every machine. */
function refusedAddress(address: string): string | undefined {
  if (address.includes(":")) return refusedIpv6(address);
  const [first = 0] = address.split(".").map(Number);
  if (first === 127 || first === 0) return "stays on each machine";
  if (first >= 224) return "is for groups of machines";
  if (address.startsWith("198.51.100.")) return "belongs to DNS";
  if (address.startsWith("169.254.")) return "stays on each link";
  return undefined;
}

/** Those that hold an IPv4 address (`::a:b`, `::ffff:a:b`) have no one spelling, and no host sends them. */
function refusedIpv6(address: string): string | undefined {
  if (/^::1?$/.test(address)) return "stays on each machine";
  if (/^::(ffff:)?[\da-f]{1,4}(:[\da-f]{1,4})?$/.test(address) || address.includes("."))
    return "is no address of a service";
  if (address.startsWith("ff")) return "is for groups of machines";
  return address.startsWith("fe") ? "stays on each link" : undefined;
}

function portOf(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function invalid<T>(message: string): Result<T, LabelFault> {
  return fault({ code: "VIP_LABEL_INVALID", message });
}

function fault<T>(error: LabelFault): Result<T, LabelFault> {
  return { ok: false, error };
}

/** A user's text as messages show it. */
function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
