import type { L4lb } from "@tutti/l4lb";
import { vipFact } from "@tutti/l4lb/testing";
import type { Peer, TestMachine } from "@tutti/l4lb/testing";

/** The first of the ports on which the other machine's backends listen. */
export const backendPort = 20_000;
/** How many of them there are. */
export const backendCount = 1000;

/** Two machines, each a network namespace, and the load balancer of the first. */
export interface VipWorld {
  readonly here: TestMachine;
  readonly there: TestMachine;
  readonly client: Peer;
  l4lb: L4lb;
  /** Makes the machine's tables empty and begins with a new load balancer. */
  begin(): Promise<void>;
}

/** The fact of the VIP of a number, 11.N.N.N:80. */
export function vipAt(index: number, backends: readonly (readonly [string, number])[]) {
  const address = `11.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
  return vipFact(address, 80, backends);
}

/** `count` backends of the other machine, beginning with the one of number `from`. */
export function backendsOf({ there }: VipWorld, from: number, count: number) {
  return Array.from({ length: count }, (_u, i) => [there.address, backendPort + from + i] as const);
}
