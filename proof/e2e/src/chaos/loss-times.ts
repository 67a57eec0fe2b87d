import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, type TestCluster } from "../cluster.ts";

/** Whether agents are lost, and whether after Mesos's time or as soon as a test can wait for. */
export type AgentLossKind = "none" | "asMesos" | "soon";

/** What a master is told of when an agent is lost; the names of its configuration file. */
interface MasterTimes {
  readonly agentPingTimeoutMs: number;
  readonly maxAgentPingTimeouts: number;
}

/** How long things are hurt, so that only those agents are lost that are to be. */
export interface LossTimes {
  /** Of a process that stands still and of a machine that is cut off: below the time after which an agent is lost. */
  readonly stoppedMsMax: number;
  readonly cutMsMax: number;
  /** How long an agent is cut off that is to be lost. */
  readonly lostMs: { readonly min: number; readonly max: number };
  /** Absent: Mesos's. */
  readonly master?: MasterTimes;
}

/** Lost after five pings of 15 s, 75 to 90 s (MST20). */
const asMesos: LossTimes = {
  stoppedMsMax: 20_000,
  cutMsMax: 25_000,
  lostMs: { min: 100_000, max: 150_000 },
};

/** The times of each kind of run. */
export const lossTimes: Readonly<Record<AgentLossKind, LossTimes>> = {
  none: asMesos,
  asMesos,
  // Lost after 20 to 24 s; both of the other faults one after the other are shorter.
  soon: {
    stoppedMsMax: 7_000,
    cutMsMax: 9_000,
    lostMs: { min: 30_000, max: 45_000 },
    master: { agentPingTimeoutMs: 4_000, maxAgentPingTimeouts: 5 },
  },
};

/** Writes the times into the master's configuration, and starts it again with `kill -9`. */
export async function setMasterTimes(cluster: TestCluster, times: MasterTimes): Promise<void> {
  const name = cluster.up.masters[0]?.name ?? "";
  const file = join(cluster.dir, "machines", name, "master.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>;
  writeFileSync(file, JSON.stringify({ ...config, ...times }));
  const { pid } = (await cluster.process(name, "master")) ?? {};
  if (pid === undefined) throw new Error("the master does not run");
  process.kill(pid, "SIGKILL");
  const wanted = `${String(times.agentPingTimeoutMs / 1000)}secs`;
  await eventually("the master to have its new times, and all agents", 60_000, async () => {
    const read = async (path: string): Promise<unknown> =>
      (await fetch(cluster.masterUrl + path, { signal: AbortSignal.timeout(5_000) })).json();
    const { flags } = (await read("/flags")) as { flags: { agent_ping_timeout: string } };
    const { slaves } = (await read("/slaves")) as { slaves: readonly unknown[] };
    const isDone =
      flags.agent_ping_timeout === wanted && slaves.length === cluster.up.agents.length;
    return isDone ? true : undefined;
  });
}
