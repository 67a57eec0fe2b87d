import type { RoleQuota } from "@tutti/allocator";
import type { MasterCallUpdateQuota } from "@tutti/mesos-v1";
import { authorise } from "../authorise.ts";
import type { Principal } from "../principal.ts";
import type { MasterRefusal } from "../refusal.ts";
import type { Turn } from "../turn.ts";
import { putQuotas } from "./put-quotas.ts";
import { quotaOfConfig } from "./quota-record.ts";
import { faultOfCapacity, faultOfConsumption, faultOfNames } from "./quota-change.ts";
import { faultOfConfig, faultOfQuotas } from "./validate-quota.ts";

/** UPDATE_QUOTA: all of the roles or none; durable before it is answered. Rules MST74, MST75, MST79. */
export function updateQuota(
  turn: Turn,
  principal: Principal,
  { force = false, quota_configs: configs = [] }: MasterCallUpdateQuota,
): MasterRefusal | undefined {
  const quotas = new Map<string, RoleQuota>();
  for (const config of configs) {
    const allowed = authorise(principal, "updateQuota", config.role);
    if (!allowed.ok) return allowed.error;
    const fault = faultOfConfig(config);
    if (fault !== undefined) return invalid(fault);
    if (quotas.has(config.role)) return invalid(`Role '${config.role}' is named twice`);
    quotas.set(config.role, quotaOfConfig(config));
  }
  for (const [role, quota] of quotas) {
    const fault =
      faultOfNames(turn.state, role, quota, force) ??
      (force ? undefined : faultOfConsumption(turn.state, role, quota));
    if (fault !== undefined) return invalid(fault);
  }
  const all = new Map<string, RoleQuota>([...turn.state.quotas, ...quotas]);
  const fault = faultOfQuotas(all);
  if (fault !== undefined) return invalid(fault);
  const excess = force ? undefined : faultOfCapacity(turn.state, all);
  if (excess !== undefined)
    return invalid(`total ${excess} (use 'force' flag to bypass this check)`);
  if (quotas.size > 0) putQuotas(turn, principal, quotas);
  return undefined;
}

function invalid(fault: string): MasterRefusal {
  return { code: "QUOTA_INVALID", message: `Invalid QuotaConfig: ${fault}` };
}
