import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Growth } from "./growth.ts";

/** One figure of a benchmark beside what it must reach. */
export interface Figure {
  readonly name: string;
  /** What must be reached, as text: `p50 ≤ 10 ms`. */
  readonly target: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** What one benchmark found. */
export interface BenchReport {
  readonly title: string;
  /** How it was measured, in one or two sentences. */
  readonly method: string;
  readonly figures: readonly Figure[];
  /** How costs grow with agents, frameworks or tasks: a plot for each. */
  readonly growths?: readonly Growth[];
}

/** The value below which the share `p` (0–1) of the sorted samples lies. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)];
  if (value === undefined) throw new Error("no samples");
  return value;
}

/** Durable 4 kB writes per second of the disk that holds `dir`, from 200 in a row. */
export function fsyncPerSecond(dir: string): number {
  const folder = mkdtempSync(join(dir, "fsync-"));
  const file = openSync(join(folder, "probe"), "w");
  const block = new Uint8Array(4096);
  const count = 200;
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    writeSync(file, block);
    fsyncSync(file);
  }
  const seconds = (performance.now() - start) / 1000;
  closeSync(file);
  rmSync(folder, { recursive: true });
  return Math.round(count / seconds);
}

/** Proportional memory of a process in kB; 0 when it has ended. */
export function pssKb(pid: number): number {
  return rollupKb(pid, "Pss");
}

/** Resident memory of a process in kB; 0 when it has ended. */
export function rssKb(pid: number): number {
  return rollupKb(pid, "Rss");
}

function rollupKb(pid: number, field: "Pss" | "Rss"): number {
  try {
    const rollup = readFileSync(`/proc/${String(pid)}/smaps_rollup`, "utf8");
    const line = rollup.split("\n").find((text) => text.startsWith(`${field}:`)) ?? "";
    return Number(/\d+/.exec(line)?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** User and system time of a process so far, in seconds; 0 when it has ended. */
export function cpuSeconds(pid: number): number {
  return timesOf(pid).own;
}

/** The same with that of all its children that have ended and been waited for. */
export function cpuSecondsWithReaped(pid: number): number {
  const { own, reaped } = timesOf(pid);
  return own + reaped;
}

function timesOf(pid: number): { readonly own: number; readonly reaped: number } {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [user = 0, system = 0, userReaped = 0, systemReaped = 0] = fields.slice(11).map(Number);
    return { own: (user + system) / 100, reaped: (userReaped + systemReaped) / 100 };
  } catch {
    return { own: 0, reaped: 0 };
  }
}

/** One line about the machine: processors, memory, kernel, Node. */
export function machineLine(): string {
  const kernel = readFileSync("/proc/version", "utf8").split(" ")[2] ?? "";
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${String(cpus().length)} × ${cpus()[0]?.model ?? "cpu"}, ${memory} GiB, Linux ${kernel}, Node ${process.version}`;
}
