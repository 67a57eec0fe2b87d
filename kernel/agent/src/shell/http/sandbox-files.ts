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

/** O_PATH of Linux: a place without its content. To open a device is to do something; to look at it is not. */
const lookFlags = 0o10000000;

/**
 * Opens what a path of the files API names. What was found is judged, not its name: links that lead out of
 * the sandbox, `..`, pipes and devices are refused, whenever they were made; so is another name (a hard
 * link) of somebody else's file. Rule AGT32.
 */
export async function openPlace(
  view: AgentView,
  path: string,
): Promise<Result<OpenPlace, { readonly code: FileRefusalCode; readonly message: string }>> {
  const place = findSandbox(view, path);
  if (place === undefined) return refuse("NOT_FOUND", "");
  const inaccessible = refuse("INACCESSIBLE", `'${path}' is inaccessible.\n`);
  if (place.rest.includes("\0") || place.rest.split("/").includes("..")) return inaccessible;
  let found: FileHandle;
  let root: string;
  try {
    root = await realpath(place.dir);
    found = await open(place.rest === "" ? root : `${root}/${place.rest}`, lookFlags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? refuse("NOT_FOUND", "") : inaccessible;
  }
  try {
    const opened = await judge(found, root);
    return opened === undefined ? inaccessible : ok(opened);
  } finally {
    await found.close();
  }
}

async function judge(found: FileHandle, root: string): Promise<OpenPlace | undefined> {
  try {
    const itself = `/proc/self/fd/${found.fd}`;
    const path = await readlink(itself);
    if (path !== root && !path.startsWith(`${root}/`)) return undefined;
    const stats = await found.stat();
    if (!stats.isDirectory() && !(stats.isFile() && (await isOwn(stats, root)))) return undefined;
    return { handle: await open(itself, constants.O_RDONLY), stats, path };
  } catch {
    return undefined;
  }
}

/** Whether a file can only be the task's own: a file with other names may lie anywhere on the disk. */
async function isOwn(stats: Stats, root: string): Promise<boolean> {
  return stats.nlink === 1 || stats.uid === (await lstat(root)).uid;
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
  // Nothing to read: a position that no file has (2^53 and more) is an error of the runtime.
  if (buffer.length === 0) return buffer;
  const { bytesRead } = await place.handle.read(buffer, 0, buffer.length, offset);
  return buffer.subarray(0, bytesRead);
}
