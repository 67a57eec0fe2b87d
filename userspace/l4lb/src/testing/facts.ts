import type { Backend, TaskFact, VipFact } from "@tutti/discovery-v1";

/** A VIP with backends given as `address:port` (IPv4) or [address, port]; each has a task of its own. */
export function vipFact(
  address: string,
  port: number,
  backends: readonly (readonly [string, number])[],
  more: Partial<VipFact> = {},
): VipFact {
  return {
    kind: "vip",
    address,
    port,
    protocol: "tcp",
    names: [],
    backends: backends.map(([to, toPort]) => backend(to, toPort)),
    ...more,
  };
}

/** The task behind a backend of `vipFact`. */
export function taskFact(address: string, port: number): TaskFact {
  return {
    kind: "task",
    frameworkId: "f1",
    taskId: `t-${address}-${port}`,
    name: "web",
    agentId: "a1",
    serving: true,
    containerAddresses: [],
    portsMapped: false,
    ports: [port],
  };
}

function backend(address: string, port: number): Backend {
  return { address, port, agentId: "a1", frameworkId: "f1", taskId: `t-${address}-${port}` };
}
