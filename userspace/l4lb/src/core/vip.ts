import { factKey } from "@tutti/discovery-v1";
import type { Backend, VipFact } from "@tutti/discovery-v1";
import { isEmbedded, parseAddress } from "./addresses.ts";
import type { Family } from "./addresses.ts";

/** A virtual address and port in the form the kernel is told: every text is spelt as nft spells it. */
export interface Vip {
  /** `factKey` of its fact. */
  readonly id: string;
  readonly family: Family;
  readonly address: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** `11.0.0.1 . tcp . 80`: its key in sets and maps. */
  readonly key: string;
  /** `10.0.0.2 . 8080` each, in the order of the fact, no two alike. */
  readonly backends: readonly string[];
}

/** The task behind an address and port of a VIP. */
export interface TaskBehind {
  /** `10.0.0.2 . 8080`. */
  readonly backend: string;
  /** `factKey` of the task. */
  readonly taskKey: string;
}

/**
 * Reads a fact; undefined when its address or port is none, so that nothing else ever reaches the kernel's
 * language. Backends of the other family, and malformed ones, are left out.
 */
export function vipOf(fact: VipFact): Vip | undefined {
  const family = familyOf(fact.address);
  if (family === undefined || !isPort(fact.port)) return undefined;
  if (fact.protocol !== "tcp" && fact.protocol !== "udp") return undefined;
  const { address, protocol, port } = fact;
  const backends = new Set<string>();
  for (const backend of fact.backends) {
    const text = backendOf(backend, family);
    if (text !== undefined) backends.add(text);
  }
  return {
    id: factKey(fact),
    family,
    address,
    protocol,
    port,
    key: `${address} . ${protocol} . ${port}`,
    backends: [...backends],
  };
}

/** Who is behind the VIP, as far as its backends are usable. */
export function tasksBehind(fact: VipFact, vip: Vip): readonly TaskBehind[] {
  return fact.backends.flatMap((task) => {
    const backend = backendOf(task, vip.family);
    return backend === undefined
      ? []
      : [{ backend, taskKey: `task/${task.frameworkId}/${task.taskId}` }];
  });
}

function backendOf(backend: Backend, family: Family): string | undefined {
  if (familyOf(backend.address) !== family || !isPort(backend.port)) return undefined;
  return `${backend.address} . ${backend.port}`;
}

function familyOf(text: string): Family | undefined {
  const address = parseAddress(text);
  return address === undefined || isEmbedded(address) ? undefined : address.family;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
