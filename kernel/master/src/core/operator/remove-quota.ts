import type { RoleQuota } from "@tutti/allocator";
import type { MasterCallRemoveQuota } from "@tutti/mesos-v1";
import { authorise } from "../authorise.ts";
import type { Principal } from "../principal.ts";
import type { MasterRefusal } from "../refusal.ts";
import type { Turn } from "../turn.ts";
import { putQuotas } from "./put-quotas.ts";
import { noQuota } from "./quota-record.ts";
import { faultOfQuotas } from "./validate-quota.ts";

/** REMOVE_QUOTA, the older call; of a role without quota it is refused (it ends the original). Rule MST77. */
export function removeQuota(
  turn: Turn,
  principal: Principal,
  { role }: MasterCallRemoveQuota,
): MasterRefusal | undefined {
  const allowed = authorise(principal, "updateQuota", role);
  if (!allowed.ok) return allowed.error;
  const quotas = new Map<string, RoleQuota>(turn.state.quotas);
  if (!quotas.delete(role)) return invalid(`Role '${role}' has no quota set`);
  const fault = faultOfQuotas(quotas);
  if (fault !== undefined) return invalid(fault);
  putQuotas(turn, principal, new Map([[role, noQuota]]));
  return undefined;
}

function invalid(fault: string): MasterRefusal {
  return { code: "QUOTA_INVALID", message: `Failed to remove quota: ${fault}` };
}
