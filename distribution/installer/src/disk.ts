import { statfsSync } from "node:fs";
import { Failure } from "./failure.ts";
import { limits } from "./limits.ts";

/** Throws a `Failure` when the directory's disk has no room for a cluster's state. */
export function refuseFullDisk(dir: string): void {
  const freeMb = freeMbOf(dir);
  if (freeMb === undefined || freeMb >= limits.diskFreeMbMin) return;
  throw new Failure(`only ${String(Math.floor(freeMb))} MB are free on the disk of ${dir}`, {
    wayOut: `free at least ${String(limits.diskFreeMbMin)} MB, or name another directory with --dir`,
  });
}

/**
 * What to tell of an `up` that failed: the disk, when it is full or said so; else the failure itself. Looked at
 * before anything more is removed.
 */
export function diskCause(dir: string, error: unknown): unknown {
  const isFull = (freeMbOf(dir) ?? limits.diskFreeMbMin) < limits.diskFullMb;
  const texts = textsOf(error);
  if (!isFull && !texts.some((text) => /ENOSPC|No space left|SQLITE_FULL|disk is full/.test(text)))
    return error;
  return new Failure(`the disk of ${dir} is full`, {
    lines: texts.slice(0, 1),
    wayOut: `free at least ${String(limits.diskFreeMbMin)} MB there, or name another directory with --dir`,
    cause: error,
  });
}

/** Free megabytes; undefined where the file system does not say. */
function freeMbOf(dir: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return (bavail * bsize) / 1024 / 1024;
  } catch {
    return undefined;
  }
}

/** What an error and its causes say. */
function textsOf(error: unknown): readonly string[] {
  const texts: string[] = [];
  for (let each = error; each instanceof Error && texts.length < 20; each = each.cause) {
    texts.push(each.message, ...(each instanceof Failure ? each.lines : []));
  }
  return texts;
}
