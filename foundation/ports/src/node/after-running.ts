import type { Clock } from "../clock.ts";
import { systemClock } from "./system-clock.ts";

/** How often the time is looked at. */
const sliceMs = 250;
/** A look that comes later than this after the one before: the process stood still. */
const stillMs = 1000;
/** What is left at least after that, to hear what has come meanwhile. */
const graceMs = 1000;

/**
 * Calls `fire` once this process has run for `delayMs`, and not before `delayMs` from now. Time in which it stood still
 * (stopped by a signal, frozen, its machine asleep) does not count, so that what has come for it meanwhile is heard before
 * a deadline is acted on; of a process that stands still again and again a little of each time counts. Cancel with the
 * returned function.
 */
export function afterRunning(
  delayMs: number,
  fire: () => void,
  clock: Pick<Clock, "after" | "monoMs"> = systemClock,
): () => void {
  let leftMs = delayMs;
  let lookedMs = clock.monoMs();
  let stoodStill = false;
  let cancel: () => void;
  const arm = (): void => {
    cancel = clock.after(Math.min(leftMs, sliceMs), look);
  };
  const look = (): void => {
    const nowMs = clock.monoMs();
    const passedMs = nowMs - lookedMs;
    lookedMs = nowMs;
    if (passedMs <= stillMs) leftMs -= passedMs;
    else if (stoodStill) leftMs -= sliceMs;
    else {
      stoodStill = true;
      leftMs = Math.max(leftMs, graceMs);
    }
    if (leftMs > 0) arm();
    else fire();
  };
  arm();
  return () => cancel();
}
