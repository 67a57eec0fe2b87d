import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** What a live process is, as the machine tells it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly rssMb: number;
  readonly pssMb: number;
  readonly uptimeS: number;
}

/** Whether a process with this pid lives; a zombie does not. */
export function lives(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== "Z" && state !== "X";
}

function stateOf(pid: number): string | undefined {
  const stat = readText(`/proc/${String(pid)}/stat`);
  return stat === undefined ? undefined : stat.slice(stat.lastIndexOf(")") + 2).split(" ")[0];
}

/** The text of a file; undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The command line of a process, in words; empty when it is gone. */
export function commandLineOf(pid: number): readonly string[] {
  return (readText(`/proc/${String(pid)}/cmdline`) ?? "").split("\0").slice(0, -1);
}

/** Pids of all processes. */
export function allPids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Memory and age of a process; undefined when it is gone. */
export function factsOf(pid: number): ProcessFacts | undefined {
  if (!lives(pid)) return undefined;
  const stat = readText(`/proc/${String(pid)}/stat`) ?? "";
  const startTicks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const bootedS = Number((readText("/proc/uptime") ?? "0").split(" ")[0]);
  const rollup = readText(`/proc/${String(pid)}/smaps_rollup`) ?? "";
  const megabytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0) / 1024;
  return {
    pid,
    rssMb: round(megabytes("Rss")),
    pssMb: round(megabytes("Pss")),
    uptimeS: Math.max(0, Math.round(bootedS - startTicks / 100)),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Sends a signal; a process that is gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** SIGTERM, then after `timeoutMs` SIGKILL, to all that live; resolves when none does. */
export async function endProcesses(pids: readonly number[], timeoutMs: number): Promise<void> {
  for (const pid of pids) sendSignal(pid, "SIGTERM");
  if (await eventually(() => !pids.some(lives), timeoutMs)) return;
  for (const pid of pids.filter(lives)) sendSignal(pid, "SIGKILL");
  await eventually(() => !pids.some(lives), timeoutMs);
}

/** Looks until `done`, at most `timeoutMs`; tells whether it came true. */
export async function eventually(
  done: () => boolean | Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 5; ; waitMs = Math.min(waitMs * 1.5, 100)) {
    signal?.throwIfAborted();
    if (await done()) return true;
    if (performance.now() >= deadline) return false;
    await delay(waitMs);
  }
}

/**
 * Own processes that have to do with one of the paths: by command line, working directory or environment.
 * The way to find a cluster's processes where there are no control groups.
 */
export function pidsMentioning(paths: readonly string[]): readonly number[] {
  return allPids().filter(
    (pid) => pid !== process.pid && pid !== process.ppid && mentions(pid, paths),
  );
}

function mentions(pid: number, paths: readonly string[]): boolean {
  const texts = [
    readText(`/proc/${String(pid)}/cmdline`) ?? "",
    readText(`/proc/${String(pid)}/environ`) ?? "",
    workingDir(pid),
  ];
  return texts.some((text) =>
    paths.some((path) => `${text}\0`.includes(`${path}/`) || `${text}\0`.includes(`${path}\0`)),
  );
}

function workingDir(pid: number): string {
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`);
  } catch {
    return "";
  }
}
