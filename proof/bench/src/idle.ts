import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { TestCluster } from "@tutti/e2e";
import { cpuSecondsWithReaped, pssKb, rssKb, type BenchReport } from "./measure.ts";
import { median, medianAndSpread } from "./medians.ts";

const restMs = 60_000;
/** Together the minute over which processor time is counted. */
const windows = 5;
const windowMs = 12_000;

/** All processes that belong to the cluster in `dir`: by its directory or its id in their command line or environment. */
function processesOf(cluster: TestCluster): readonly number[] {
  const { id } = JSON.parse(readFileSync(`${cluster.dir}/cluster.json`, "utf8")) as { id: string };
  const found: number[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || name === String(process.pid)) continue;
    try {
      const commandLine = readFileSync(`/proc/${name}/cmdline`, "utf8");
      const cgroup = readFileSync(`/proc/${name}/cgroup`, "utf8");
      if (commandLine.includes(basename(cluster.dir)) || cgroup.includes(id))
        found.push(Number(name));
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** Memory and processor time of a cluster of 1 + 3 machines that does nothing. */
export async function benchIdle(): Promise<BenchReport> {
  const cluster = await TestCluster.start(["--no-sample"]);
  try {
    await rest(restMs);
    const of = (count: (pid: number) => number): number =>
      processesOf(cluster).reduce((sum, pid) => sum + count(pid), 0);
    const rssMb = of(rssKb) / 1024;
    const pssMb: number[] = [];
    const shares: number[] = [];
    for (let window = 0; window < windows; window++) {
      pssMb.push(of(pssKb) / 1024);
      const before = of(cpuSecondsWithReaped);
      await rest(windowMs);
      shares.push(Math.max(0, of(cpuSecondsWithReaped) - before) / (windowMs / 100_000));
    }
    const share = shares.reduce((sum, each) => sum + each, 0) / windows;
    return {
      title: "Idle cluster of 1 + 3 machines",
      method:
        "`up --no-sample --isolated`, 60 s of rest; then a minute in five windows of 12 s: at the beginning of each the sum of `Pss` over every process of the cluster (supervisors included), over each of them user + system time, of processes that came and went meanwhile too. Median and spread of the five; the processor time is judged by the whole minute.",
      figures: [
        {
          name: "memory",
          target: "≤ 350 MB Pss",
          measured: `${medianAndSpread(pssMb, "MB Pss")} in ${String(of(() => 1))} processes (RSS ${rssMb.toFixed(0)} MB)`,
          reached: median(pssMb) <= 350,
        },
        {
          name: "processor",
          target: "≤ 2 % of a core",
          measured: `${medianAndSpread(shares, "%")}, over the minute ${share.toFixed(2)} %`,
          reached: share <= 2,
        },
      ],
    };
  } finally {
    await cluster.down();
  }
}
