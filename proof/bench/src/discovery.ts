import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Follower } from "@tutti/discovery";
import { encodeRecord, startHttpServer } from "@tutti/http";
import type { StreamWriter } from "@tutti/http";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { healthJson, snapshotJson } from "./discovery-cluster.ts";
import type { ClusterSize } from "./discovery-cluster.ts";
import { cpuSeconds, percentile, pssKb } from "./measure.ts";
import type { GrowthPoint } from "./growth.ts";
import type { BenchReport, Figure } from "./measure.ts";
import { median, medianAndSpread, readable } from "./medians.ts";

const machines = 1000;
const changesPerSecond = 100;
const measuredSeconds = 20;
/** How long the process that reads the streams stands still afterwards, less than it takes to be cut. */
const stalledSeconds = 12;
const followedSize: ClusterSize = { agents: machines, apps: 1000, tasksPerApp: 10 };
const tableSize: ClusterSize = { agents: machines, apps: 10_000, tasksPerApp: 10 };
/** Smaller tables, for the plot. */
const smallerTables = [1000, 3000].map((apps): ClusterSize => ({ ...tableSize, apps }));
const tableRuns = 5;

const programs = {
  table: fileURLToPath(new URL("./discovery-table.ts", import.meta.url)),
  server: fileURLToPath(new URL("./discovery-server.ts", import.meta.url)),
  followers: fileURLToPath(new URL("./discovery-followers.ts", import.meta.url)),
};

/** What one build of a table took. */
interface TableRun {
  readonly readMs: number;
  readonly buildMs: number;
  readonly cpuMs: number;
  readonly tableMb: number;
  readonly changeMs: number;
}

/** Discovery: a large table built, and many machines that follow one. */
export async function benchDiscovery(): Promise<BenchReport> {
  const runs: TableRun[] = [];
  for (let run = 0; run < tableRuns; run += 1) runs.push(await buildTable("protobuf"));
  const json = await buildTable("json");
  const points: GrowthPoint[] = [];
  for (const size of smallerTables) {
    const { buildMs } = await buildTable("protobuf", size);
    points.push({ size: tasksOf(size), cost: buildMs });
  }
  points.push({ size: tasksOf(tableSize), cost: median(runs.map(({ buildMs }) => buildMs)) });
  const followed = await measureFollowers();
  return {
    title: "Discovery: the table and its followers",
    method: `Table: the core of discovery in a process of its own reads the record of a snapshot, in Protocol Buffers, of 100,000 running tasks in 10,000 apps with a VIP each on 1,000 agents, and makes all facts; memory is \`heapUsed\` + \`external\` after a collection, less what it was before (the record stands outside). Median and spread of ${String(tableRuns)} processes. Followers: discovery in a process of its own, a master that tells ${String(changesPerSecond)} changes of health each second of 10,000 tasks in 1,000 apps, ${String(machines)} streams read by another process; one of the followers is a real one, which measures the time from the master's record to the changed table. CPU and proportional memory are those of discovery's process over ${String(measuredSeconds)} s. Then the other process is stopped (SIGSTOP) for ${String(stalledSeconds)} s while changes go on, and continued.`,
    figures: [
      {
        name: "table of 100,000 tasks",
        target: "< 1 s",
        measured: `${spread(runs, ({ buildMs }) => buildMs, "ms")}, of that reading the record ${spread(runs, ({ readMs }) => readMs, "ms")}, cpu ${spread(runs, ({ cpuMs }) => cpuMs, "ms")}`,
        reached: median(runs.map(({ buildMs }) => buildMs)) < 1000,
      },
      {
        name: "its memory",
        target: "< 250 MB",
        measured: spread(runs, ({ tableMb }) => tableMb, "MB"),
        reached: median(runs.map(({ tableMb }) => tableMb)) < 250,
      },
      {
        name: "the same by JSON",
        target: "",
        measured: `${json.buildMs.toFixed(0)} ms, cpu ${json.cpuMs.toFixed(0)} ms, ${json.tableMb.toFixed(0)} MB`,
        reached: true,
      },
      {
        name: "one change in it",
        target: "",
        measured: spread(runs, ({ changeMs }) => changeMs * 1000, "µs"),
        reached: true,
      },
      ...followed,
    ],
    growths: [
      {
        name: "discovery-table",
        title: "Discovery's table",
        sizeOf: "tasks",
        costOf: "ms to build it; the largest a median of five",
        series: [{ name: "from Protocol Buffers", points }],
        targets: [{ size: tasksOf(tableSize), cost: 1000 }],
      },
    ],
  };
}

function tasksOf({ apps, tasksPerApp }: ClusterSize): number {
  return apps * tasksPerApp;
}

function spread(runs: readonly TableRun[], read: (run: TableRun) => number, unit: string): string {
  return medianAndSpread(runs.map(read), unit);
}

async function buildTable(format: string, size = tableSize): Promise<TableRun> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", programs.table, JSON.stringify(size), format],
    { timeout: 180_000 },
  );
  return JSON.parse(stdout) as TableRun;
}

async function measureFollowers(): Promise<readonly Figure[]> {
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
  const children: ChildProcess[] = [];
  try {
    const server = start(children, programs.server, master.url, dir);
    const url = (await firstLine(server)).trim();
    return await measureStreams({ streams, server, url, dir, children });
  } finally {
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
}

async function measureStreams(stage: Stage): Promise<readonly Figure[]> {
  const { server, url, dir, children } = stage;
  const latencies: number[] = [];
  const sentAt = new Map<string, number>();
  const follower = await Follower.open({
    discoveries: [url],
    machine: "real",
    secret: undefined,
    file: join(dir, "table"),
    clock: systemClock,
    random: cryptoRandom,
    report: () => undefined,
    onChange: ({ put }) => {
      const now = performance.now();
      for (const fact of put) {
        const sent = fact.kind === "task" ? sentAt.get(fact.taskId) : undefined;
        if (sent !== undefined) latencies.push(now - sent);
      }
    },
  });
  const clients = start(children, programs.followers, url, String(machines - 1));
  const counts = { connected: 0, ended: 0, bytes: 0 };
  clients.stdout?.on("data", (text: Buffer) => {
    const line = text.toString("utf8").trimEnd().split("\n").at(-1) ?? "{}";
    Object.assign(counts, JSON.parse(line));
  });
  const isSettled = await settle(counts, url);
  const pid = server.pid ?? 0;
  let number = 0;
  /** Tells changes for a while; the processor time of discovery meanwhile, and its largest memory. */
  const load = async (seconds: number): Promise<{ cores: number; pssMb: number }> => {
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
    return { cores: ((cpuSeconds(pid) - cpu) * 1000) / (performance.now() - at), pssMb };
  };
  const before = { bytes: counts.bytes, at: performance.now() };
  const { cores, pssMb } = await load(measuredSeconds);
  const mbPerSecond =
    (counts.bytes - before.bytes) / ((performance.now() - before.at) / 1000) / 1e6;
  const [whileRead, cut] = [latencies.splice(0), counts.ended];
  clients.kill("SIGSTOP");
  const stalled = await load(stalledSeconds);
  clients.kill("SIGCONT");
  const resumed = await load(stalledSeconds);
  await follower.close();
  return [
    {
      name: `${readable(machines)} machines, ${String(changesPerSecond)} changes/s: processor`,
      target: "< 1 core",
      measured: `${cores.toFixed(2)} cores, ${mbPerSecond.toFixed(1)} MB/s sent, ${String(cut)} streams cut`,
      reached: isSettled && cores < 1 && cut === 0,
    },
    {
      name: "memory",
      target: "< 300 MB",
      measured: `${pssMb.toFixed(0)} MB`,
      reached: pssMb < 300,
    },
    {
      name: "from the master's record to a machine's table",
      target: "p99 ≤ 100 ms",
      ...latencyOf(whileRead),
    },
    {
      name: `memory while ${readable(machines - 1)} of them do not read for ${String(stalledSeconds)} s, and when they do again`,
      target: "< 300 MB",
      measured: `${stalled.pssMb.toFixed(0)} MB, ${resumed.pssMb.toFixed(0)} MB; ${stalled.cores.toFixed(2)} and ${resumed.cores.toFixed(2)} cores`,
      reached: stalled.pssMb < 300 && resumed.pssMb < 300,
    },
    {
      name: "meanwhile, from the master's record to the table of the one that reads",
      target: "p99 ≤ 100 ms",
      ...latencyOf(latencies),
    },
  ];
}

function latencyOf(latenciesMs: readonly number[]): Pick<Figure, "measured" | "reached"> {
  const [p50, p99] = [percentile(latenciesMs, 0.5), percentile(latenciesMs, 0.99)];
  return { measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`, reached: p99 <= 100 };
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

/** Waits until everybody has the table: nobody is sent a snapshot any more. */
async function settle(counts: { readonly connected: number }, url: string): Promise<boolean> {
  for (let round = 0; round < 240; round += 1) {
    const answer = await fetch(`${url}/discovery/v1/status`);
    const { paging } = (await answer.json()) as { readonly paging?: number };
    if (counts.connected >= machines - 1 && paging === 0) return true;
    await rest(500);
  }
  return false;
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
