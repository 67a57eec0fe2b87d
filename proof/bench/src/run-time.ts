import { readdirSync, readFileSync } from "node:fs";

/** A process as `/proc` shows it. */
export interface ProcessSeen {
  readonly pid: number;
  readonly parent: number;
  /** The name of its program, at most 15 letters. */
  readonly comm: string;
}

/** Every process there is now. */
export function processesNow(): readonly ProcessSeen[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      const [, comm = "", parent = ""] = /\((.*)\) \S (\d+)/s.exec(text) ?? [];
      return [{ pid: Number(name), parent: Number(parent), comm }];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}

/** What a process started, and what that started, and so on. */
export function descendantsOf(
  pid: number,
  all: readonly ProcessSeen[] = processesNow(),
): readonly ProcessSeen[] {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, all)]);
}

/** How long all threads of these processes ran so far, in milliseconds; 0 for one that has ended. */
export function runMs(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + runNs(pid), 0) / 1e6;
}

function runNs(pid: number): number {
  try {
    return readdirSync(`/proc/${String(pid)}/task`)
      .map((thread) => readFileSync(`/proc/${String(pid)}/task/${thread}/schedstat`, "utf8"))
      .reduce((total, text) => total + Number(text.split(" ")[0]), 0);
  } catch {
    return 0;
  }
}
