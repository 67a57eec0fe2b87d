import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { TestCluster } from "@tutti/e2e";
import { cpuSeconds, pssKb, type BenchReport } from "./measure.ts";

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
    await rest(60_000);
    const pids = processesOf(cluster);
    const pssMb = pids.reduce((sum, pid) => sum + pssKb(pid), 0) / 1024;
    const status = await cluster.status();
    const rssMb = status.machines.flatMap((m) => m.processes).reduce((sum, p) => sum + p.rssMb, 0);
    const before = new Map(pids.map((pid) => [pid, cpuSeconds(pid)]));
    await rest(60_000);
    const used = pids.reduce(
      (sum, pid) => sum + Math.max(0, cpuSeconds(pid) - (before.get(pid) ?? 0)),
      0,
    );
    const share = (used / 60) * 100;
    return {
      title: "Idle cluster of 1 + 3 machines",
      method:
        "`up --no-sample --isolated`, 60 s of rest; sum of `Pss` over every process of the cluster (supervisors included), then user + system time over 60 s.",
      figures: [
        {
          name: "memory",
          target: "≤ 350 MB Pss",
          measured: `${pssMb.toFixed(0)} MB Pss in ${String(pids.length)} processes (RSS ${rssMb.toFixed(0)} MB)`,
          reached: pssMb <= 350,
        },
        {
          name: "processor",
          target: "≤ 2 % of a core",
          measured: `${share.toFixed(2)} %`,
          reached: share <= 2,
        },
      ],
    };
  } finally {
    await cluster.down();
  }
}
