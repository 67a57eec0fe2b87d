import type { MasterCall } from "@tutti/mesos-v1";
import type { Cluster, UserAnswer } from "@tutti/simulator";
import type { SeededRandom } from "@tutti/testkit";
import { demand } from "../violation.ts";

const retryMs = 1_000;
/** So many machines are out of use at the same time, at most: apps must have somewhere to go. */
const outOfUseMax = 3;

/** What an operator's calls can make of a machine. */
type Standing = "active" | "deactivated" | "draining";

/** The part of a cluster this operator looks at. */
export type Machines = Pick<Cluster, "operate" | "durableAgents" | "masterView"> & {
  readonly masters: Pick<Cluster["masters"], "keys">;
  readonly world: { after(delayMs: number, fire: () => void): unknown };
};

const callOf = {
  active: (agentId: string) => ({
    type: "REACTIVATE_AGENT",
    reactivate_agent: { agent_id: { value: agentId } },
  }),
  deactivated: (agentId: string) => ({
    type: "DEACTIVATE_AGENT",
    deactivate_agent: { agent_id: { value: agentId } },
  }),
  draining: (agentId: string, graceSeconds: number | undefined) => ({
    type: "DRAIN_AGENT",
    drain_agent: {
      agent_id: { value: agentId },
      ...(graceSeconds === undefined ? {} : { max_grace_period: { seconds: graceSeconds } }),
    },
  }),
} as const satisfies Record<Standing, (id: string, grace: number | undefined) => MasterCall>;

/**
 * An operator who drains, deactivates and reactivates machines, one call at a time, at any master. What was
 * acknowledged must be durable and stay so, whoever dies (SIM12).
 */
export class MachineOperator {
  readonly #cluster: Machines;
  readonly #random: SeededRandom;
  readonly #possible = new Map<string, ReadonlySet<Standing>>();
  #isBusy = false;
  #isCalm = false;

  constructor(cluster: Machines, random: SeededRandom) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** Whether every machine that a master knows is in use. */
  get isCleared(): boolean {
    return this.#isCalm && !this.#isBusy && this.#outOfUse()?.length === 0;
  }

  /** One call, unless the last one is under way. */
  act(): void {
    if (this.#isBusy || this.#isCalm) return;
    const agentIds = [...(this.#cluster.masterView()?.agents.keys() ?? [])];
    const outOfUse = this.#outOfUse() ?? [];
    if (agentIds.length === 0) return;
    const mustReactivate = outOfUse.length >= outOfUseMax;
    if (outOfUse.length > 0 && (mustReactivate || this.#random.chance(0.3))) {
      this.ask(this.#random.pick(outOfUse), "active");
      return;
    }
    const standing = this.#random.chance(0.75) ? "draining" : "deactivated";
    this.ask(this.#random.pick(agentIds), standing, this.#random.pick([undefined, 0, 5]));
  }

  /** From now on it only takes machines back into use. */
  calm(): void {
    this.#isCalm = true;
    this.#reactivateAll();
  }

  /** Sends one call. */
  ask(agentId: string, standing: Standing, graceSeconds?: number): void {
    this.#isBusy = true;
    const node = this.#random.pick([...this.#cluster.masters.keys()]);
    this.#cluster.operate(node, callOf[standing](agentId, graceSeconds), (answer) => {
      this.#isBusy = false;
      this.#learn(agentId, standing, answer);
      if (answer.type === "answered" && answer.status === 200) this.demandDurable();
    });
  }

  /** Throws unless what is durable of each machine is what it may be. */
  demandDurable(): void {
    const records = this.#cluster.durableAgents();
    for (const [agentId, possible] of this.#possible) {
      const record = records.find(({ info }) => info.id?.value === agentId);
      if (record === undefined) continue;
      const isDraining = record.drain !== undefined;
      const standing = isDraining ? "draining" : record.deactivated ? "deactivated" : "active";
      demand(
        possible.has(standing),
        "SIM12",
        () =>
          `agent ${agentId} is durably ${standing}, but what was acknowledged is ${[...possible].join(" or ")}`,
      );
    }
  }

  #outOfUse(): readonly string[] | undefined {
    const view = this.#cluster.masterView();
    if (view === undefined || view.recoveredAgents.size > 0) return undefined;
    return [...view.agents.values()]
      .filter(({ record }) => record.deactivated === true)
      .map(({ id }) => id);
  }

  #reactivateAll(): void {
    const [agentId] = this.#isBusy ? [] : (this.#outOfUse() ?? []);
    if (agentId !== undefined) this.ask(agentId, "active");
    this.#cluster.world.after(retryMs, () => this.#reactivateAll());
  }

  #learn(agentId: string, asked: Standing, answer: UserAnswer): void {
    const before = this.#possible.get(agentId) ?? new Set<Standing>(["active"]);
    const after = afterCall(before, asked);
    if (answer.type === "answered" && answer.status === 200) this.#possible.set(agentId, after);
    else if (answer.type === "answered" && [307, 400].includes(answer.status)) return;
    // Nobody answered, or a leader that fell in the middle of it.
    else this.#possible.set(agentId, new Set([...before, ...after]));
  }
}

/** A machine that is draining stays so when it is deactivated. */
function afterCall(before: ReadonlySet<Standing>, asked: Standing): ReadonlySet<Standing> {
  if (asked !== "deactivated" || !before.has("draining")) return new Set([asked]);
  return new Set(before.size === 1 ? ["draining"] : ["draining", "deactivated"]);
}
