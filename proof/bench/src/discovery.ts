import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ClusterSize } from "./discovery-cluster.ts";
import { benchFollowers, followersMethod } from "./discovery-streams.ts";
import type { GrowthPoint } from "./growth.ts";
import type { BenchReport } from "./measure.ts";
import { median, medianAndSpread } from "./medians.ts";

const tableSize: ClusterSize = { agents: 1000, apps: 10_000, tasksPerApp: 10 };
/** Smaller tables, for the plot. */
const smallerTables = [1000, 3000].map((apps): ClusterSize => ({ ...tableSize, apps }));
const tableRuns = 5;

const program = fileURLToPath(new URL("./discovery-table.ts", import.meta.url));

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
  const runs = await buildTables("protobuf");
  const json = await buildTables("json");
  const points: GrowthPoint[] = [];
  for (const size of smallerTables) {
    const smaller = await buildTables("protobuf", size);
    points.push({ size: tasksOf(size), cost: median(smaller.map(({ buildMs }) => buildMs)) });
  }
  points.push({ size: tasksOf(tableSize), cost: median(runs.map(({ buildMs }) => buildMs)) });
  const followed = await benchFollowers();
  return {
    title: "Discovery: the table and its followers",
    method: `Table: the core of discovery in a process of its own reads the record of a snapshot, in Protocol Buffers, of 100,000 running tasks in 10,000 apps with a VIP each on 1,000 agents, and makes all facts; memory is \`heapUsed\` + \`external\` after a collection, less what it was before (the record stands outside). Median and spread of ${String(tableRuns)} processes. ${followersMethod}`,
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
        measured: `${spread(json, ({ buildMs }) => buildMs, "ms")}, cpu ${spread(json, ({ cpuMs }) => cpuMs, "ms")}, ${spread(json, ({ tableMb }) => tableMb, "MB")}`,
        reached: true,
      },
      {
        name: "one change in it",
        target: "",
        measured: spread(runs, ({ changeMs }) => changeMs * 1000, "µs"),
        reached: true,
      },
      ...followed.figures,
    ],
    growths: [
      {
        name: "discovery-table",
        title: "Discovery's table",
        sizeOf: "tasks",
        costOf: "ms to build it, median of five",
        series: [{ name: "from Protocol Buffers", points }],
        targets: [{ size: tasksOf(tableSize), cost: 1000 }],
      },
      ...followed.growths,
    ],
  };
}

function tasksOf({ apps, tasksPerApp }: ClusterSize): number {
  return apps * tasksPerApp;
}

function spread(runs: readonly TableRun[], read: (run: TableRun) => number, unit: string): string {
  return medianAndSpread(runs.map(read), unit);
}

async function buildTables(format: string, size = tableSize): Promise<readonly TableRun[]> {
  const runs: TableRun[] = [];
  for (let run = 0; run < tableRuns; run += 1) runs.push(await buildTable(format, size));
  return runs;
}

async function buildTable(format: string, size: ClusterSize): Promise<TableRun> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", program, JSON.stringify(size), format],
    { timeout: 180_000 },
  );
  return JSON.parse(stdout) as TableRun;
}
