import type { SchedulerCallRevive } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import { namedRoles } from "../frameworks/named-roles.ts";
import type { Turn } from "../turn.ts";
import { requestAllocation } from "../turn.ts";

/** REVIVE: offers flow again for these roles (all, when none is named) and their filters are dropped. */
export function revive(
  turn: Turn,
  framework: Framework,
  call: SchedulerCallRevive | undefined,
): void {
  turn.state.metrics.count("messages_revive_offers");
  const roles = namedRoles(framework, call?.roles);
  if (roles === undefined) return;
  const suppressedRoles = new Set(framework.suppressedRoles);
  for (const role of roles) suppressedRoles.delete(role);
  turn.state.putFramework({ ...framework, suppressedRoles });
  turn.allocator.reviveOffers(framework.id, roles);
  requestAllocation(turn);
}
