import type { RoleName } from "@tutti/ids";
import type { ResourceHead, Resources } from "@tutti/resources";
import { limits } from "./limits.ts";

/**
 * What agents have in all, one object for all agents that have the same: machines are bought in dozens. And
 * what each role is offered of such a total, so that it is made once and not for each agent. Bounded: what
 * does not fit is not shared.
 */
export class SharedTotals {
  readonly #byText = new Map<string, Resources>();
  readonly #allocated = new Map<Resources, Map<RoleName, Resources>>();

  /** The same resources, said in the same order: the object of an earlier agent, when there was one. */
  shared(total: Resources): Resources {
    if (total.hasAny(isParticular)) return total;
    const text = total.toString();
    const known = this.#byText.get(text);
    if (known !== undefined) return known.equals(total) ? known : total;
    if (this.#byText.size >= limits.sharedTotalsMax) return total;
    this.#byText.set(text, total);
    this.#allocated.set(total, new Map());
    return total;
  }

  /** `resources`, allocated to a role. */
  allocatedTo(resources: Resources, role: RoleName): Resources {
    const byRole = this.#allocated.get(resources);
    if (byRole === undefined) return resources.allocate(role);
    const known = byRole.get(role);
    if (known !== undefined) return known;
    const allocated = resources.allocate(role);
    if (byRole.size < limits.sharedTotalRolesMax) byRole.set(role, allocated);
    return allocated;
  }
}

/** Whether more than name, type and value may differ from agent to agent. */
function isParticular(head: ResourceHead): boolean {
  return (
    head.disk !== undefined ||
    head.provider_id !== undefined ||
    head.reservations !== undefined ||
    head.revocable !== undefined ||
    head.shared !== undefined
  );
}
