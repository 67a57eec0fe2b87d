import { present } from "@tutti/base";
import { launchQueue, recordPaths } from "@tutti/marathon/core";
import type { Cluster } from "@tutti/simulator";

const secondMs = 1_000;

/** What runs where, and since when. */
export function tellTasks(cluster: Cluster): string {
  const lines: string[] = [];
  for (const [node, agent] of cluster.agents) {
    for (const { taskId, exit, startedMs, program } of agent.machine.containers().values()) {
      if (exit !== undefined) continue;
      const since = `${(startedMs / secondMs).toFixed(1)} s`;
      const sort = program.isDeaf ? ", deaf" : "";
      lines.push(`${node}: ${cluster.nameOf(taskId)} runs since ${since}${sort}`);
    }
  }
  return lines.length === 0 ? "nothing runs" : lines.join("\n");
}

/** What Marathon keeps: how many records of each kind, and the bytes of the largest. */
export function tellRecords(cluster: Cluster): string {
  return (["apps", "versions", "instances", "deployments"] as const)
    .map((kind) => {
      const records = cluster.marathonStore.list(recordPaths[kind]);
      const most = Math.max(0, ...records.map(({ value }) => value.length));
      return `${kind}: ${records.length}, the largest of ${most} bytes`;
    })
    .join("\n");
}

/** Why apps wait, as `/v2/queue` and `explain` say it. */
export function tellWhy(cluster: Cluster): string {
  const world = present(cluster.marathonWorld(), "Marathon, which must be up to explain");
  const { clock } = cluster.world.node("marathon");
  const now = { monoMs: clock.monoMs(), wallMs: clock.wallMs() };
  const items = launchQueue(world, now, { lastUnusedOffers: false, verdicts: false });
  const lines = items.map(({ app, count, why }) => `${app.id} wants ${count} more: ${why}`);
  return lines.length === 0 ? "nothing waits" : lines.join("\n");
}

/** All records of Marathon vanish, as when an upgrade cannot read what it finds. */
export function wipeMarathon(cluster: Cluster): void {
  const { marathonStore } = cluster;
  const epoch = marathonStore.epochOf("marathon");
  const writes = marathonStore
    .list(recordPaths.root)
    .map(({ path }) => ({ type: "delete", path }) as const);
  marathonStore.write("marathon", epoch, writes);
}

interface Counts {
  readonly started: number;
  readonly ended: number;
  readonly signalled: number;
  readonly commits: number;
  readonly steps: number;
}

/** Counts what happens, for stories in which the single event says nothing. */
export class Tally {
  #counts: Counts = { started: 0, ended: 0, signalled: 0, commits: 0, steps: 0 };

  constructor(cluster: Cluster) {
    const kinds: Partial<Record<string, keyof Counts>> = {
      containerStarted: "started",
      containerEnded: "ended",
      containerSignalled: "signalled",
      storeWritten: "commits",
      marathonStepped: "steps",
    };
    cluster.addObserver(({ type }) => {
      const kind = kinds[type];
      if (kind !== undefined) this.#counts = { ...this.#counts, [kind]: this.#counts[kind] + 1 };
    });
  }

  /** Tasks that run now. */
  get running(): number {
    return this.#counts.started - this.#counts.ended;
  }

  counts(): Counts {
    return this.#counts;
  }

  tellSince(before: Counts): string {
    const now = this.#counts;
    return [
      `tasks: ${now.started - before.started} started, ${now.signalled - before.signalled} ` +
        `signalled, ${now.ended - before.ended} ended; ${this.running} run`,
      `master and marathon: ${now.commits - before.commits} writes`,
      `marathon: ${now.steps - before.steps} steps`,
    ].join("\n");
  }
}
