import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, TestCluster } from "@tutti/e2e";
import { percentile, type BenchReport, type Figure } from "./measure.ts";
import { median, medianAndSpread } from "./medians.ts";
import { BenchScheduler, type BenchOffer } from "./scheduler.ts";

const runs = 5;
const launchesOfRun = 200;
const launches = runs * launchesOfRun;

function taskIdOf(number: number): string {
  return `bench-${String(number)}`;
}

/** ACCEPT received by the master → runtime spawned by the agent, and → TASK_RUNNING at the scheduler. */
export async function benchAcceptToSpawn(): Promise<BenchReport> {
  process.env["TUTTI_TRACE_LAUNCH"] = "1";
  const cluster = await TestCluster.start(["--no-sample"]);
  const scheduler = new BenchScheduler(cluster.masterUrl, cluster.up.secret);
  try {
    const offers: BenchOffer[] = [];
    scheduler.onOffers = (more) => offers.push(...more);
    scheduler.onRescind = (offerId) => {
      const index = offers.findIndex((offer) => offer.id.value === offerId);
      if (index !== -1) offers.splice(index, 1);
    };
    const states = new Map<string, string>();
    const runningAtMs = new Map<string, number>();
    scheduler.onStatus = (status) => {
      states.set(status.task_id.value, status.state);
      if (!["TASK_STARTING", "TASK_RUNNING", "TASK_KILLING", "TASK_KILLED"].includes(status.state))
        throw new Error(`${status.task_id.value}: ${status.state} ${status.message ?? ""}`);
      if (status.state === "TASK_RUNNING") runningAtMs.set(status.task_id.value, performance.now());
    };
    await scheduler.subscribe();
    const toRunningMs: number[] = [];
    for (let i = 0; i < launches; i++) {
      const taskId = taskIdOf(i);
      const first = await eventually("an offer", 20_000, () => offers[0]);
      // All pieces of the agent together: what is left over comes back whole.
      const pieces = offers.filter((o) => o.agent_id.value === first.agent_id.value);
      offers.splice(0, offers.length, ...offers.filter((o) => !pieces.includes(o)));
      const start = performance.now();
      await scheduler.launch(pieces, taskId);
      await eventually(`${taskId} to run`, 20_000, () =>
        states.get(taskId) === "TASK_RUNNING" ? true : undefined,
      );
      toRunningMs.push((runningAtMs.get(taskId) ?? Number.NaN) - start);
      await scheduler.kill(taskId);
      await eventually(`${taskId} to end`, 20_000, () =>
        states.get(taskId) === "TASK_KILLED" ? true : undefined,
      );
    }
    const toSpawnMs = spawnDelaysMs(join(cluster.dir, "machines"));
    if (toSpawnMs.length < launches)
      throw new Error(`only ${String(toSpawnMs.length)} launches were traced`);
    const toSpawn = medians(toSpawnMs);
    const toRunning = medians(toRunningMs);
    return {
      title: "ACCEPT → spawn",
      method: `${String(launches)} command tasks one at a time by a v1 scheduler over HTTP, in ${String(runs)} runs of ${String(launchesOfRun)}: median and spread of their p50 and of their p99; monotonic time of the last byte of ACCEPT at the master to the spawn call of the runtime in the agent (both processes trace with TUTTI_TRACE_LAUNCH=1); beside it ACCEPT sent → TASK_RUNNING received.`,
      figures: [
        figure("ACCEPT → spawn, p50", 10, toSpawn.p50),
        figure("ACCEPT → spawn, p99", 50, toSpawn.p99),
        figure("ACCEPT → RUNNING, p50", 40, toRunning.p50),
        {
          name: "ACCEPT → RUNNING, p99",
          target: "",
          measured: medianAndSpread(toRunning.p99, "ms"),
          reached: true,
        },
      ],
    };
  } finally {
    scheduler.close();
    delete process.env["TUTTI_TRACE_LAUNCH"];
    await cluster.down();
  }
}

function figure(name: string, maxMs: number, samplesMs: readonly number[]): Figure {
  return {
    name,
    target: `≤ ${String(maxMs)} ms`,
    measured: medianAndSpread(samplesMs, "ms"),
    reached: median(samplesMs) <= maxMs,
  };
}

/** The percentiles of each run, of what all launches took in the order in which they were made. */
function medians(allMs: readonly number[]): {
  readonly p50: readonly number[];
  readonly p99: readonly number[];
} {
  const ofRuns = Array.from({ length: runs }, (_, run) =>
    allMs.slice(run * launchesOfRun, (run + 1) * launchesOfRun),
  );
  return {
    p50: ofRuns.map((ms) => percentile(ms, 0.5)),
    p99: ofRuns.map((ms) => percentile(ms, 0.99)),
  };
}

/** Pairs `trace accept TASK NS` with `trace spawn TASK NS` in the logs of all machines; in the order of the tasks. */
function spawnDelaysMs(machinesDir: string): readonly number[] {
  const acceptedNs = new Map<string, bigint>();
  const spawnedNs = new Map<string, bigint>();
  for (const file of readdirSync(machinesDir, { recursive: true, encoding: "utf8" })) {
    if (!/\/log\/[^/]+$/.test(`/${file}`)) continue;
    for (const line of readFileSync(join(machinesDir, file), "utf8").split("\n")) {
      const match = /trace (accept|spawn) (bench-\d+) (\d+)/.exec(line);
      if (match === null) continue;
      (match[1] === "accept" ? acceptedNs : spawnedNs).set(match[2] ?? "", BigInt(match[3] ?? 0));
    }
  }
  return Array.from({ length: launches }, (_, number) => taskIdOf(number)).flatMap((taskId) => {
    const [accepted, spawned] = [acceptedNs.get(taskId), spawnedNs.get(taskId)];
    return accepted === undefined || spawned === undefined
      ? []
      : [Number(spawned - accepted) / 1e6];
  });
}
