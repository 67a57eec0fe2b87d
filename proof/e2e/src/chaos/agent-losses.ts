import { setTimeout as rest } from "node:timers/promises";
import type { SeededRandom } from "@tutti/testkit";
import { eventually, host, type TestCluster } from "../cluster.ts";
import { movingApp } from "./app-definition.ts";
import type { ChaosJournal } from "./journal.ts";
import type { LossTimes } from "./loss-times.ts";
import type { OpenFaults } from "./open-faults.ts";

const pauseMs = { min: 5_000, max: 20_000 };
/** How long a lost agent's task may go without its replacement, other faults around it: the cut lasts until then. */
const replacedWithinMs = 90_000;
const lostWithinMs = 150_000;
const registeredWithinMs = 120_000;

interface Agents {
  readonly slaves: readonly { readonly hostname: string; readonly pid: string }[];
  readonly recovered_slaves?: readonly { readonly hostname: string; readonly pid?: string }[];
}

/**
 * Cuts off one private agent after another for so long that the master counts it as lost, sees that the app that may
 * move has all its instances on other machines meanwhile, and lets the agent come back.
 */
export class AgentLosses {
  readonly #cluster: TestCluster;
  readonly #clusterId: string;
  readonly #random: SeededRandom;
  readonly #journal: ChaosJournal;
  readonly #open: OpenFaults;
  readonly #times: LossTimes;

  constructor(
    cluster: TestCluster,
    how: {
      readonly clusterId: string;
      readonly random: SeededRandom;
      readonly journal: ChaosJournal;
      readonly open: OpenFaults;
      readonly times: LossTimes;
    },
  ) {
    this.#cluster = cluster;
    this.#clusterId = how.clusterId;
    this.#random = how.random;
    this.#journal = how.journal;
    this.#open = how.open;
    this.#times = how.times;
  }

  /** Loses agents until `signal` says stop; throws when one is not lost, or its tasks are not replaced. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#lose(signal);
      } finally {
        this.#open.spareMaster(false);
      }
      const pause = this.#random.between(pauseMs.min, pauseMs.max);
      await rest(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  async #lose(signal: AbortSignal): Promise<void> {
    const { masters, agents } = this.#cluster.up;
    const agent = this.#random.pick(agents.filter((each) => !each.public));
    const { min, max } = this.#times.lostMs;
    const forMs = this.#random.between(min, max);
    const cable = `tt${this.#clusterId}-${String(masters.length + agents.indexOf(agent))}`;
    this.#open.spareMaster(true);
    await eventually("all agents to be registered", registeredWithinMs, async () => {
      if (signal.aborted) return true;
      if (!this.#open.isMasterWhole || !this.#open.isFree(agent.name)) return undefined;
      const { registered } = await this.#agents();
      return agents.every(({ ip }) => registered.includes(ip)) ? true : undefined;
    });
    if (signal.aborted) return;
    const begunMs = performance.now();
    await host("ip", "link", "set", cable, "down");
    this.#open.add(agent.name, async () => {
      await host("ip", "link", "set", cable, "up");
    });
    this.#journal.note(`cut off ${agent.name} for ${(forMs / 1000).toFixed(1)} s: to be lost`);
    try {
      await eventually(`${agent.name} to be lost`, lostWithinMs, async () => {
        if (signal.aborted) return true;
        const { registered, expected } = await this.#agents();
        return [...registered, ...expected].includes(agent.ip) ? undefined : true;
      });
      if (signal.aborted) return;
      this.#journal.count("agents lost", `${agent.name} is lost`);
      await this.#replaced(agent, signal);
      const restMs = Math.max(0, forMs - (performance.now() - begunMs));
      await rest(restMs, undefined, { signal }).catch(() => undefined);
    } finally {
      await this.#open.mend(agent.name);
    }
    await eventually(`${agent.name} to be back`, registeredWithinMs, async () => {
      if (signal.aborted) return true;
      const { registered } = await this.#agents();
      return registered.includes(agent.ip) ? true : undefined;
    });
  }

  async #replaced(agent: { name: string; ip: string }, signal: AbortSignal): Promise<void> {
    const what = `the instances of ${movingApp.id} that ran on ${agent.name} to be replaced`;
    await eventually(what, replacedWithinMs, async () => {
      if (signal.aborted) return true;
      const tasks = await this.#cluster.tasks(movingApp.id);
      const running = tasks.filter(({ state }) => state === "TASK_RUNNING");
      const isElsewhere = running.every((task) => task.host !== agent.ip);
      return isElsewhere && running.length === movingApp.instances ? true : undefined;
    });
    if (signal.aborted) return;
    this.#journal.count("losses replaced", `${movingApp.id} has all its instances elsewhere`);
  }

  async #agents(): Promise<{ readonly registered: string[]; readonly expected: string[] }> {
    const answer = await fetch(`${this.#cluster.masterUrl}/slaves`, {
      signal: AbortSignal.timeout(20_000),
    });
    const { slaves, recovered_slaves: recovered = [] } = (await answer.json()) as Agents;
    return {
      registered: slaves.map(({ hostname }) => hostname),
      expected: recovered.map(({ hostname }) => hostname),
    };
  }
}
