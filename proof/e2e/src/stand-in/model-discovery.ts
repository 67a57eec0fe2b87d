import {
  factKey,
  type AgentFact,
  type DiscoveryRecord,
  type TableVersion,
  type VipFact,
} from "@tutti/discovery-v1";

const lineage = "stand-in";
const heartbeatMs = 5000;

/** A discovery of which a test decides every change: VIPs with one backend. */
export class ModelDiscovery {
  readonly #agent: AgentFact;
  readonly #held = new Map<string, VipFact>();
  #version: TableVersion = { epoch: 1, sequence: 1 };

  /** All VIPs lead to port 9000 of `backendAddress`. */
  constructor(backendAddress: string) {
    this.#agent = {
      kind: "agent",
      id: "far",
      hostname: "far",
      address: backendAddress,
      port: 5051,
    };
  }

  /** What a stream begins with: the whole table. */
  first(): readonly DiscoveryRecord[] {
    return [
      { type: "welcome", version: 1, heartbeatMs, lineage },
      {
        type: "snapshot",
        version: this.#version,
        put: [this.#agent, ...this.#held.values()],
        last: true,
      },
    ];
  }

  heartbeat(): DiscoveryRecord {
    return { type: "heartbeat", version: this.#version, masterSilentMs: 0 };
  }

  /** Named VIPs that no other `group` (0 to 199) has. */
  vips(
    group: number,
    { count, port }: { readonly count: number; readonly port: number },
  ): readonly VipFact[] {
    const agentId = this.#agent.id;
    return Array.from({ length: count }, (_, index) => {
      const taskId = `${String(group)}-${String(index)}`;
      const { address } = this.#agent;
      return {
        kind: "vip",
        address: `11.${String(group + 1)}.${String(index >> 8)}.${String(index & 255)}`,
        port,
        protocol: "tcp",
        names: [`order-${taskId}.marathon`],
        backends: [{ address, port: 9000, agentId, frameworkId: "model", taskId }],
      };
    });
  }

  change(remove: readonly VipFact[], put: readonly VipFact[]): DiscoveryRecord {
    for (const vip of remove) this.#held.delete(factKey(vip));
    for (const vip of put) this.#held.set(factKey(vip), vip);
    this.#version = { epoch: 1, sequence: this.#version.sequence + 1 };
    return { type: "change", version: this.#version, remove: remove.map(factKey), put };
  }
}
