import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { Principal } from "./principal.ts";
import type { MasterRefusal } from "./refusal.ts";

/** What a command wants to do. Reading is open to all; every other action changes something. */
export type MasterAction =
  | "read"
  | "useScheduler"
  | "joinAgent"
  | "teardownFramework"
  | "updateWeights"
  | "updateQuota"
  | "drainAgent"
  | "deactivateAgent"
  | "reactivateAgent"
  | "markAgentGone";

/**
 * The one gate of every command: may `principal` do `action` to `object` (an id, a role, a path)?
 * Until there are users, a trusted principal may do all and an anonymous one may read. Rule MST2.
 */
export function authorise(
  principal: Principal,
  action: MasterAction,
  object: string,
): Result<undefined, MasterRefusal> {
  if (action === "read" || principal.type === "trusted") return ok(undefined);
  return refuse(
    "UNAUTHORISED",
    `'${principal.name}' may not ${action} '${object}'; send the cluster's secret as 'Authorization: Bearer …'`,
  );
}
