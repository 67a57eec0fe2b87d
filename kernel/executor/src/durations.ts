import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { DurationInfo } from "@tutti/mesos-v1";

/** Milliseconds of a duration, or undefined when it is negative. */
export function millisecondsOf(duration: DurationInfo): number | undefined {
  const milliseconds = Number(duration.nanoseconds) / 1e6;
  return milliseconds >= 0 ? milliseconds : undefined;
}

/** Milliseconds of a number of seconds within [0, `msMax`]; refuses negative and unreal numbers. */
export function millisecondsOfSeconds(
  seconds: number,
  field: string,
  msMax: number,
): Result<number> {
  if (Number.isNaN(seconds) || seconds < 0) {
    return refuse("TASK_INVALID", `Expecting '${field}' to be non-negative`);
  }
  return ok(Math.min(seconds * 1000, msMax));
}
