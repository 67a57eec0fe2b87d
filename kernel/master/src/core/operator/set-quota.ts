import type { RoleQuota } from "@tutti/allocator";
import type { QuotaRequest } from "@tutti/mesos-v1";
import { authorise } from "../authorise.ts";
import type { Principal } from "../principal.ts";
import type { MasterRefusal } from "../refusal.ts";
import type { Turn } from "../turn.ts";
import { putQuotas } from "./put-quotas.ts";
import { configOfRequest, quotaOfConfig } from "./quota-record.ts";
import { faultOfCapacity, faultOfNames } from "./quota-change.ts";
import { faultOfConfig, faultOfQuotas, faultOfRequest } from "./validate-quota.ts";

/** SET_QUOTA, the older call: a first quota, whose guarantees are its limits. Rule MST77. */
export function setQuota(
  turn: Turn,
  principal: Principal,
  request: QuotaRequest,
): MasterRefusal | undefined {
  const config = configOfRequest(request);
  const allowed = authorise(principal, "updateQuota", config.role);
  if (!allowed.ok) return allowed.error;
  const fault = faultOfRequest(request) ?? faultOfConfig(config);
  if (fault !== undefined) return invalid(fault);
  const quotas = new Map<string, RoleQuota>(turn.state.quotas);
  if (quotas.has(config.role)) {
    return invalid(`Cannot set quota for role '${config.role}' which already has quota`);
  }
  const quota = quotaOfConfig(config);
  quotas.set(config.role, quota);
  const force = request.force === true;
  const faultOfAll = faultOfNames(turn.state, config.role, quota, force) ?? faultOfQuotas(quotas);
  if (faultOfAll !== undefined) return invalid(faultOfAll);
  const excess = force ? undefined : faultOfCapacity(turn.state, quotas);
  if (excess !== undefined) {
    const message = `Quota guarantees overcommit the cluster (use 'force' to bypass this check): Total ${excess}`;
    return { code: "QUOTA_OVERCOMMITS", message };
  }
  putQuotas(turn, principal, new Map([[config.role, quota]]));
  return undefined;
}

function invalid(fault: string): MasterRefusal {
  return { code: "QUOTA_INVALID", message: `Failed to validate set quota request: ${fault}` };
}
