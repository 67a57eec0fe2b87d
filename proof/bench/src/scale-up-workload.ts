import { scaleUp } from "@tutti/sim";
import type { ScaleUpReport, ScaleUpSize } from "@tutti/sim";
import { timed } from "./medians.ts";
import type { Taken } from "./medians.ts";

/** What a scale-up came to, and what all of it took: agents joining, all checkers, a quarter of an hour of rest. */
export type ScaleUpTaken = ScaleUpReport & Taken;

/** Scales one simulated app. */
export function scaleUpApp(size: ScaleUpSize): ScaleUpTaken {
  let report: ScaleUpReport | undefined;
  const taken = timed(() => {
    report = scaleUp(size);
  });
  if (report === undefined) throw new Error("nothing was scaled");
  return { ...report, ...taken };
}
