import type { Filters } from "@tutti/mesos-v1";
import { limits } from "../limits.ts";

/**
 * How long a refusal holds. Absent: 5 s; negative or not a number: the default too; above the bound:
 * the bound. As Mesos reads `Filters.refuse_seconds`. Rule MST44.
 */
export function refuseMsOf(filters: Filters | undefined): number {
  const seconds = filters?.refuse_seconds ?? limits.refuseSecondsDefault;
  if (Number.isNaN(seconds) || seconds < 0) return limits.refuseSecondsDefault * 1000;
  return Math.min(seconds * 1000, limits.refuseMsMax);
}
