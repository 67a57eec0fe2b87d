import { limits } from "./limits.ts";

/**
 * How long sandboxes of tasks that are over are kept while a part of the disk is in use: as in Mesos
 * `kept × max(0, 1 − headroom − used)`, with a headroom of a tenth; but a minute in any case, in which somebody
 * can read the last words of what failed. `usedFraction` is clipped to 0–1. Rule AGT27.
 */
export function sandboxAgeMsMax(keptMs: number, usedFraction: number): number {
  const used = Math.min(1, Math.max(0, usedFraction));
  const share = Math.max(0, 1 - limits.diskHeadroom - used);
  return Math.max(Math.min(keptMs, limits.sandboxKeptMsMin), keptMs * share);
}
