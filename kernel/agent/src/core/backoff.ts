import type { Random } from "@tutti/ports";

/** Twice the pause, within the bounds; the first is the least. */
export function nextDelayMs(
  delayMs: number,
  bounds: { readonly min: number; readonly max: number },
): number {
  return delayMs === 0 ? bounds.min : Math.min(delayMs * 2, bounds.max);
}

/** Between half of the pause and all of it, so that many do not come at once. */
export function jittered(delayMs: number, random: Random): number {
  return delayMs / 2 + (random.next() * delayMs) / 2;
}
