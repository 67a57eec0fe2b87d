import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import {
  cgroupDirs,
  controllerDir,
  flatKeyed,
  oomFile,
  oomKilled,
  ownGroupDir,
  parseCgroupLayout,
  type CgroupLayout,
} from "../core/cgroup.ts";
import { readText } from "./run-dir.ts";
import { sendSignal, until } from "./proc.ts";

/** The control groups of this machine. */
export class Cgroups {
  readonly layout: CgroupLayout;

  constructor() {
    this.layout = parseCgroupLayout(readFileSync("/proc/self/mountinfo", "utf8"));
  }

  /** Whether the kernel killed a process of the group for memory, its first one or any other. */
  oomKilled(path: string): boolean {
    const dir = controllerDir(this.layout, "memory", path);
    return dir !== undefined && oomKilled(readText(`${dir}/${oomFile(this.layout)}`) ?? "");
  }

  /** Cpu time used and memory in use; undefined when there is no such group. */
  usage(path: string): { cpuSeconds: number; memoryBytes: number } | undefined {
    const v2 = this.layout.version === "v2";
    const cpuDir = controllerDir(this.layout, v2 ? "cpu" : "cpuacct", path);
    const memoryDir = controllerDir(this.layout, "memory", path);
    if (cpuDir === undefined || memoryDir === undefined) return undefined;
    const memory = readText(`${memoryDir}/${v2 ? "memory.current" : "memory.usage_in_bytes"}`);
    const cpu = readText(`${cpuDir}/${v2 ? "cpu.stat" : "cpuacct.usage"}`);
    if (memory === undefined || cpu === undefined) return undefined;
    const cpuSeconds = v2 ? (flatKeyed(cpu, "usage_usec") ?? 0) / 1e6 : Number(cpu) / 1e9;
    return { cpuSeconds, memoryBytes: Number(memory) };
  }

  /** The file `cgroup.procs` of a group in which this process is; undefined when it cannot be seen from here. */
  ownGroupFile(): string | undefined {
    const dir = ownGroupDir(this.layout, readText("/proc/self/cgroup") ?? "");
    const file = dir === undefined ? undefined : `${dir}/cgroup.procs`;
    return file !== undefined && existsSync(file) ? file : undefined;
  }

  /** Whether memory groups count swap too. */
  swapAccounting(): boolean {
    if (this.layout.version === "v1")
      return existsSync(
        `${this.layout.controllers.get("memory") ?? ""}/memory.memsw.limit_in_bytes`,
      );
    return this.layout.version === "v2" && existsSync("/proc/swaps");
  }

  /**
   * Takes the cpu quota away: a killed process needs cpu time to end, and a group that has used up its
   * share would keep it alive for minutes.
   */
  unthrottle(path: string): void {
    const dir = controllerDir(this.layout, "cpu", path);
    if (dir !== undefined) liftQuota(dir);
  }

  /**
   * Kills what is left in the group and removes it from every tree; tells whether all of it is gone within
   * `timeoutMs`.
   */
  remove(path: string, timeoutMs: number): Promise<boolean> {
    return until(() => {
      const dirs = cgroupDirs(this.layout, path).filter((dir) => existsSync(dir));
      for (const dir of dirs) removeTree(dir);
      return dirs.every((dir) => !existsSync(dir));
    }, timeoutMs);
  }
}

/** One attempt: kills the members, removes children first. A busy group stays for the next attempt. */
function removeTree(dir: string): void {
  try {
    for (const entry of readdirSync(dir, { withFileTypes: true }))
      if (entry.isDirectory()) removeTree(`${dir}/${entry.name}`);
    liftQuota(dir);
    kill(dir);
    rmdirSync(dir);
  } catch {
    // Busy until the killed processes are gone, or gone already.
  }
}

function liftQuota(dir: string): void {
  try {
    if (existsSync(`${dir}/cpu.cfs_quota_us`)) writeFileSync(`${dir}/cpu.cfs_quota_us`, "-1");
    if (existsSync(`${dir}/cpu.max`)) writeFileSync(`${dir}/cpu.max`, "max");
  } catch {
    // The group is gone.
  }
}

function kill(dir: string): void {
  if (existsSync(`${dir}/cgroup.kill`)) {
    writeFileSync(`${dir}/cgroup.kill`, "1");
    return;
  }
  for (const pid of (readText(`${dir}/cgroup.procs`) ?? "").split("\n").filter((p) => p !== ""))
    sendSignal(Number(pid), 9);
}
