import type { Resource } from "@tutti/mesos-v1";
import { toFlatReservation } from "@tutti/resources";
import type { Resources } from "@tutti/resources";
import type { Framework } from "../entities.ts";

/**
 * Resources as a framework understands them: without RESERVATION_REFINEMENT in the older form with
 * `role` and `reservation` (what that form cannot say is left out), without MULTI_ROLE also without
 * `allocation_info`. Rule MST41.
 */
export function resourcesForFramework(framework: Framework, resources: Resources): Resource[] {
  const isRefined = framework.capabilities.has("RESERVATION_REFINEMENT");
  const isMultiRole = framework.capabilities.has("MULTI_ROLE");
  return resources.toMessages().flatMap((message) => {
    const formatted = isRefined ? message : toFlatReservation(message);
    if (formatted === undefined) return [];
    if (isMultiRole) return [formatted];
    const { allocation_info: _allocation, ...rest } = formatted;
    return [rest];
  });
}
