import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Follower } from "@tutti/discovery";
import { encodeRecord, startHttpServer } from "@tutti/http";
import type { StreamWriter } from "@tutti/http";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { healthJson, snapshotJson } from "./discovery-cluster.ts";
import type { ClusterSize } from "./discovery-cluster.ts";
import type { Growth, GrowthPoint } from "./growth.ts";
import { cpuSeconds, percentile, pssKb, type Figure } from "./measure.ts";
import { counted, median, medianAndSpread } from "./medians.ts";

const runs = 5;
const mostMachines = 1000;
/** For the plot. */
const fewerMachines = [250, 500] as const;
const changesPerSecond = 100;
const measuredSeconds = 10;
const measuredSecondsOfFewer = 5;
/** Between two looks whether all have the table: longer than the reading process takes to tell what it read. */
const settleMs = 2_000;
/** What one machine is sent meanwhile when nothing changes. */
const heartbeatBytesMax = 2_000;
/** How long the process that reads the streams stands still afterwards, less than it takes to be cut. */
const stalledSeconds = 12;
const resumedSeconds = 6;
const followedSize: ClusterSize = { agents: mostMachines, apps: 1000, tasksPerApp: 10 };
/** As the snapshot says that the master beats. */
const heartbeatMs = 15_000;
const limits = { cores: 1, pssMb: 300, p99Ms: 100 } as const;

const programs = {
  server: fileURLToPath(new URL("./discovery-server.ts", import.meta.url)),
  followers: fileURLToPath(new URL("./discovery-followers.ts", import.meta.url)),
};

/** What discovery used for a while. */
interface Load {
  readonly cores: number;
  /** The most of it. */
  readonly pssMb: number;
  /** From the master's record to the changed table of the machine that is looked at. */
  readonly latenciesMs: readonly number[];
}

interface FollowersRun {
  readonly read: Load & { readonly mbPerSecond: number; readonly cut: number };
  /** While nobody but one reads, and when all do again; left out where only the plot asks. */
  readonly stalled?: Load;
  readonly resumed?: Load;
}

/** What is measured here, for the page. */
export const followersMethod =
  `Followers: discovery in a process of its own, a master that tells ${changesPerSecond} changes of health each second of 10,000 ` +
  `tasks in 1,000 apps, ${counted(mostMachines)} streams read by another process; one of the followers is a real one, which measures the time from ` +
  `the master's record to the changed table. CPU and proportional memory are those of discovery's process over ${measuredSeconds} s. Then ` +
  `the other process is stopped (SIGSTOP) for ${stalledSeconds} s while changes go on, and continued for ${resumedSeconds} s. Median and spread of ` +
  `${runs} such runs, each with processes of its own. The plot: fewer machines, ${measuredSecondsOfFewer} s each, five runs too.`;

/** Many machines that follow one discovery: what it uses, and how late they know. */
export async function benchFollowers(): Promise<{
  readonly figures: readonly Figure[];
  readonly growths: readonly Growth[];
}> {
  const points: GrowthPoint[] = [];
  for (const machines of fewerMachines) {
    const taken = await followersRuns(machines, false);
    points.push({ size: machines, cost: median(taken.map(({ read }) => read.cores)) });
  }
  const taken = await followersRuns(mostMachines, true);
  points.push({ size: mostMachines, cost: median(taken.map(({ read }) => read.cores)) });
  return {
    figures: figuresOf(taken),
    growths: [
      {
        name: "discovery-followers",
        title: "Discovery and its followers",
        sizeOf: "machines that follow",
        costOf: "cores at 100 changes a second, median of five",
        series: [{ name: "processor", points }],
        targets: [{ size: mostMachines, cost: limits.cores }],
      },
    ],
  };
}

async function followersRuns(machines: number, isWhole: boolean): Promise<readonly FollowersRun[]> {
  const taken: FollowersRun[] = [];
  for (let run = 0; run < runs; run += 1) taken.push(await followersRun(machines, isWhole));
  return taken;
}

function figuresOf(taken: readonly FollowersRun[]): readonly Figure[] {
  const reads = taken.map(({ read }) => read);
  const stalled = taken.flatMap((run) => run.stalled ?? []);
  const resumed = taken.flatMap((run) => run.resumed ?? []);
  const cores = (loads: readonly Load[]): readonly number[] => loads.map((load) => load.cores);
  const pss = (loads: readonly Load[]): readonly number[] => loads.map((load) => load.pssMb);
  const sent = reads.map(({ mbPerSecond }) => mbPerSecond);
  const cut = reads.reduce((sum, read) => sum + read.cut, 0);
  const most = counted(mostMachines);
  return [
    {
      name: `${most} machines, ${changesPerSecond} changes/s: processor`,
      target: `< ${limits.cores} core`,
      measured: `${medianAndSpread(cores(reads), "cores")}, ${medianAndSpread(sent, "MB/s")} sent, ${cut} streams cut`,
      reached: median(cores(reads)) < limits.cores && cut === 0,
    },
    {
      name: "memory",
      target: `< ${limits.pssMb} MB`,
      measured: medianAndSpread(pss(reads), "MB"),
      reached: median(pss(reads)) < limits.pssMb,
    },
    {
      name: "from the master's record to a machine's table",
      ...latencyOf(reads.map(({ latenciesMs }) => latenciesMs)),
    },
    {
      name: `memory while ${counted(mostMachines - 1)} of them do not read for ${stalledSeconds} s, and when they do again`,
      target: `< ${limits.pssMb} MB`,
      measured: `${medianAndSpread(pss(stalled), "MB")}, ${medianAndSpread(pss(resumed), "MB")}; ${medianAndSpread(cores(stalled), "cores")} and ${medianAndSpread(cores(resumed), "cores")}`,
      reached: median(pss(stalled)) < limits.pssMb && median(pss(resumed)) < limits.pssMb,
    },
    {
      name: "meanwhile, from the master's record to the table of the one that reads",
      ...latencyOf(
        taken.map((run) => [run.stalled, run.resumed].flatMap((load) => load?.latenciesMs ?? [])),
      ),
    },
  ];
}

/** Of the latencies of each run. */
function latencyOf(
  ofRuns: readonly (readonly number[])[],
): Pick<Figure, "target" | "measured" | "reached"> {
  const of = (share: number): readonly number[] =>
    ofRuns.map((latenciesMs) => percentile(latenciesMs, share));
  return {
    target: `p99 ≤ ${limits.p99Ms} ms`,
    measured: `p50 ${medianAndSpread(of(0.5), "ms")}, p99 ${medianAndSpread(of(0.99), "ms")}`,
    reached: median(of(0.99)) <= limits.p99Ms,
  };
}

/** One run: a discovery of its own, a master, and so many machines that follow. */
async function followersRun(machines: number, isWhole: boolean): Promise<FollowersRun> {
  const streams = new Set<StreamWriter>();
  const snapshot = encodeRecord(JSON.stringify(snapshotJson(followedSize)));
  const master = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [
      {
        path: "/api/v1",
        streamBufferedBytesMax: 1 << 30,
        methods: {
          POST: () => ({
            status: 200,
            headers: { "Content-Type": "application/json" },
            stream: (writer: StreamWriter) => {
              streams.add(writer);
              writer.write(snapshot);
            },
          }),
        },
      },
    ],
    onError: (error) => {
      throw error;
    },
  });
  const dir = mkdtempSync(join(tmpdir(), "tutti-discovery-bench-"));
  const heartbeat = encodeRecord(JSON.stringify({ type: "HEARTBEAT" }));
  const beats = setInterval(() => {
    for (const stream of streams) stream.write(heartbeat);
  }, heartbeatMs);
  const children: ChildProcess[] = [];
  try {
    const server = start(children, programs.server, master.url, dir);
    const url = (await firstLine(server)).trim();
    return await measureStreams({ streams, server, url, dir, children, machines }, isWhole);
  } finally {
    clearInterval(beats);
    for (const child of children) child.kill("SIGKILL");
    await master.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What runs while streams are measured. */
interface Stage {
  readonly streams: ReadonlySet<StreamWriter>;
  readonly server: ChildProcess;
  readonly url: string;
  readonly dir: string;
  readonly children: ChildProcess[];
  readonly machines: number;
}

async function measureStreams(stage: Stage, isWhole: boolean): Promise<FollowersRun> {
  const { url, children, machines } = stage;
  const latencies: number[] = [];
  const sentAt = new Map<string, number>();
  const follower = await follow(stage, (taskId) => {
    const sent = sentAt.get(taskId);
    if (sent !== undefined) latencies.push(performance.now() - sent);
  });
  const clients = start(children, programs.followers, url, String(machines - 1));
  const counts = { connected: 0, ended: 0, bytes: 0 };
  clients.stdout?.on("data", (text: Buffer) => {
    const line = text.toString("utf8").trimEnd().split("\n").at(-1) ?? "{}";
    Object.assign(counts, JSON.parse(line));
  });
  await settle(counts, stage);
  const pid = stage.server.pid ?? 0;
  let number = 0;
  /** Tells changes for a while. */
  const load = async (seconds: number): Promise<Load> => {
    const [cpu, at] = [cpuSeconds(pid), performance.now()];
    let pssMb = 0;
    for (let tick = 0; tick < seconds * 10; tick += 1) {
      for (let one = 0; one < changesPerSecond / 10; one += 1) {
        change(stage, number, sentAt);
        number += 1;
      }
      if (tick % 10 === 9) pssMb = Math.max(pssMb, pssKb(pid) / 1024);
      await rest(Math.max(0, at + (tick + 1) * 100 - performance.now()));
    }
    const cores = ((cpuSeconds(pid) - cpu) * 1000) / (performance.now() - at);
    return { cores, pssMb, latenciesMs: latencies.splice(0) };
  };
  const before = { bytes: counts.bytes, ended: counts.ended, at: performance.now() };
  const read = await load(isWhole ? measuredSeconds : measuredSecondsOfFewer);
  const seconds = (performance.now() - before.at) / 1000;
  const mbPerSecond = (counts.bytes - before.bytes) / seconds / 1e6;
  const whileRead = { ...read, mbPerSecond, cut: counts.ended - before.ended };
  if (!isWhole) {
    await follower.close();
    return { read: whileRead };
  }
  clients.kill("SIGSTOP");
  const stalled = await load(stalledSeconds);
  clients.kill("SIGCONT");
  const resumed = await load(resumedSeconds);
  await follower.close();
  return { read: whileRead, stalled, resumed };
}

/** A real follower; tells each task whose fact changes. */
function follow({ url, dir }: Stage, onTask: (taskId: string) => void): Promise<Follower> {
  return Follower.open({
    discoveries: [url],
    machine: "real",
    secret: undefined,
    file: join(dir, "table"),
    clock: systemClock,
    random: cryptoRandom,
    report: () => undefined,
    onChange: ({ put }) => {
      for (const fact of put) if (fact.kind === "task") onTask(fact.taskId);
    },
  });
}

/** A task becomes healthy or ceases to be. */
function change(stage: Stage, number: number, sentAt: Map<string, number>): void {
  const tasks = followedSize.apps * followedSize.tasksPerApp;
  const task = (number * 7919) % tasks;
  const isHealthy = Math.floor(number / tasks) % 2 === 1;
  const record = encodeRecord(JSON.stringify(healthJson(followedSize, task, isHealthy)));
  sentAt.set(
    `group_app-${String(Math.floor(task / followedSize.tasksPerApp))}.instance-${String(task)}._app.1`,
    performance.now(),
  );
  for (const stream of stage.streams) stream.write(record);
}

/** Waits until everybody has the table: nobody is sent a snapshot any more, and nothing but heartbeats comes. */
async function settle(
  counts: { readonly connected: number; readonly bytes: number },
  { url, machines }: Stage,
): Promise<void> {
  let bytes = -1;
  for (let round = 0; round < 60; round += 1) {
    const answer = await fetch(`${url}/discovery/v1/status`);
    const { paging } = (await answer.json()) as { readonly paging?: number };
    const isQuiet = bytes >= 0 && counts.bytes - bytes < machines * heartbeatBytesMax;
    if (counts.connected >= machines - 1 && paging === 0 && isQuiet) return;
    bytes = counts.bytes;
    await rest(settleMs);
  }
  throw new Error(`${counts.connected} of ${machines - 1} machines follow`);
}

function start(
  children: ChildProcess[],
  program: string,
  ...args: readonly string[]
): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return child;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", (text: Buffer) => resolve(text.toString("utf8")));
    child.once("exit", () => reject(new Error("discovery ended before it answered")));
  });
}
