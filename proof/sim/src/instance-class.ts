import type { Instance } from "@tutti/marathon/core";

/**
 * What an instance counts as, by the rules MAR18 to MAR24 and from its durable record alone: it is meant
 * to run (`live`), on its way out (`killing`), or its agent is away and it counts nowhere (`away`).
 */
export function classOf(instance: Instance): "live" | "killing" | "away" {
  if (instance.lost === true || instance.condition === "UnreachableInactive") return "away";
  if (instance.goal === "Running") return "live";
  return instance.unreachableSinceMs === undefined ? "killing" : "away";
}

/** Whether it runs and, where it has a health check, is healthy. */
export function isReady(instance: Instance): boolean {
  if (instance.goal !== "Running" || instance.condition !== "Running") return false;
  return instance.healthJudge === "none" || instance.health?.alive === true;
}
