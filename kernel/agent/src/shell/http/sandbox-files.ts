import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { lstat, open, readdir, readlink, realpath } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { findSandbox } from "../../core/index.ts";
import type { AgentView } from "../../core/index.ts";
import { limits } from "../limits.ts";

/** Why a place in a sandbox is not shown. */
export type FileRefusalCode = "NOT_FOUND" | "INACCESSIBLE";

/** An open file or directory that lies inside a sandbox. */
export interface OpenPlace {
  readonly handle: FileHandle;
  readonly stats: Stats;
  /** Where it really is. */
  readonly path: string;
}

/** Not waiting for the other end of a pipe somebody planted. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens what a path of the files API names. What was opened is judged, not the name: links that lead
 * out of the sandbox, `..`, pipes and devices are refused, whenever they were made. Rule AGT32.
 */
export async function openPlace(
  view: AgentView,
  path: string,
): Promise<Result<OpenPlace, { readonly code: FileRefusalCode; readonly message: string }>> {
  const place = findSandbox(view, path);
  if (place === undefined) return refuse("NOT_FOUND", "");
  const inaccessible = refuse("INACCESSIBLE", `'${path}' is inaccessible.\n`);
  if (place.rest.includes("\0") || place.rest.split("/").includes("..")) return inaccessible;
  let handle: FileHandle;
  let root: string;
  try {
    root = await realpath(place.dir);
    handle = await open(place.rest === "" ? root : `${root}/${place.rest}`, openFlags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? refuse("NOT_FOUND", "") : inaccessible;
  }
  const opened = await judge(handle, root);
  if (opened !== undefined) return ok(opened);
  await handle.close();
  return inaccessible;
}

async function judge(handle: FileHandle, root: string): Promise<OpenPlace | undefined> {
  try {
    const path = await readlink(`/proc/self/fd/${handle.fd}`);
    if (path !== root && !path.startsWith(`${root}/`)) return undefined;
    const stats = await handle.stat();
    return stats.isFile() || stats.isDirectory() ? { handle, stats, path } : undefined;
  } catch {
    return undefined;
  }
}

/** The entries of an open directory, sorted by name; links are shown as links. */
export async function listPlace(
  place: OpenPlace,
): Promise<readonly { readonly name: string; readonly stats: Stats }[]> {
  // Through the descriptor: the directory's name may mean another one by now.
  const here = `/proc/self/fd/${place.handle.fd}`;
  const names = (await readdir(here)).toSorted().slice(0, limits.directoryEntriesMax);
  const entries: { readonly name: string; readonly stats: Stats }[] = [];
  for (const name of names) {
    try {
      entries.push({ name, stats: await lstat(`${here}/${name}`) });
    } catch {
      // It was removed since the directory was read.
      continue;
    }
  }
  return entries;
}

/** Up to `length` bytes from `offset`, at most `limits.readBytesMax`; a negative length means all. */
export async function readPlace(
  place: OpenPlace,
  offset: number,
  length: number | undefined,
): Promise<Buffer> {
  const left = Math.max(0, place.stats.size - offset);
  const wanted = length === undefined || length < 0 ? left : Math.min(length, left);
  const buffer = Buffer.alloc(Math.min(wanted, limits.readBytesMax));
  const { bytesRead } = await place.handle.read(buffer, 0, buffer.length, offset);
  return buffer.subarray(0, bytesRead);
}
