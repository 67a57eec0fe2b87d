import { setTimeout as pauseFor } from "node:timers/promises";

/** Waits, at most until the signal; true when the time has passed. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await pauseFor(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
