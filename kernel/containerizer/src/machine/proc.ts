import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseProcStat, type ProcStat } from "../core/proc-stat.ts";

/** `/proc/PID/stat`, or undefined when there is no such process. */
export function readStat(pid: number): ProcStat | undefined {
  try {
    return parseProcStat(readFileSync(`/proc/${String(pid)}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** Whether some process (perhaps a later one) has this pid. */
export function pidInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether some process has this pid and is more than a zombie. */
export function lives(pid: number): boolean {
  const stat = pidInUse(pid) ? readStat(pid) : undefined;
  return stat !== undefined && !"ZX".includes(stat.state);
}

/** Whether the very process that started at `startTicks` still runs; a zombie does not. */
export function runs(pid: number, startTicks: number): boolean {
  if (!pidInUse(pid)) return false;
  const stat = readStat(pid);
  return stat !== undefined && stat.startTicks === startTicks && !"ZX".includes(stat.state);
}

/** Sends a signal to a process (a group when negative); an absent one is no error. */
export function sendSignal(pid: number, signal: number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** All processes of the machine with their command lines; those that end meanwhile are left out. */
export function allProcesses(): readonly {
  readonly pid: number;
  readonly argv: readonly string[];
}[] {
  const found: { pid: number; argv: readonly string[] }[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const text = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      found.push({ pid: Number(entry), argv: text.split("\0") });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** All live processes of the machine. */
function liveProcesses(): readonly ProcStat[] {
  const found: ProcStat[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readStat(Number(entry));
    if (stat !== undefined && !"ZX".includes(stat.state)) found.push(stat);
  }
  return found;
}

/** The live processes of a session. */
export function sessionMembers(sessionId: number): readonly ProcStat[] {
  return liveProcesses().filter((stat) => stat.sessionId === sessionId);
}

/** Kills a process, its descendants, and the sessions that any of them leads. */
export function killTree(pid: number): void {
  const live = liveProcesses();
  const doomed = new Set([pid]);
  for (let size = 0; size !== doomed.size;) {
    size = doomed.size;
    for (const stat of live)
      if (doomed.has(stat.parentPid) || doomed.has(stat.sessionId)) doomed.add(stat.pid);
  }
  for (const member of doomed) sendSignal(member, 9);
}

/** Resident memory of a process in bytes; 0 when it is gone. */
export function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, "latin1");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Looks every few milliseconds until `done`, at most `timeoutMs`; tells whether it came true. */
export async function until(done: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 20)) {
    if (done()) return true;
    if (performance.now() >= deadline) return false;
    await delay(waitMs);
  }
}
