import type { SchedulerCallSuppress } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import { namedRoles } from "../frameworks/named-roles.ts";
import type { Turn } from "../turn.ts";

/** SUPPRESS: no offers for these roles (all, when none is named) until they are revived. */
export function suppress(
  turn: Turn,
  framework: Framework,
  call: SchedulerCallSuppress | undefined,
): void {
  turn.state.metrics.count("messages_suppress_offers");
  const roles = namedRoles(framework, call?.roles);
  if (roles === undefined) return;
  const suppressedRoles = new Set([...framework.suppressedRoles, ...roles]);
  turn.state.putFramework({ ...framework, suppressedRoles });
  turn.allocator.suppressOffers(framework.id, roles);
}
