import { quotaKindsMax, type RoleQuota } from "@tutti/allocator";
import { utf8Encode } from "@tutti/base";
import { parseRoleName } from "@tutti/ids";
import type { QuotaConfig, QuotaRequest } from "@tutti/mesos-v1";
import { formatThousandths, Quantities, Resources, toThousandths } from "@tutti/resources";
import { limits } from "../limits.ts";
import { quotaOfConfig, recordOfQuota } from "./quota-record.ts";

/** Quota by role, as it would be. */
export type Quotas = ReadonlyMap<string, RoleQuota>;

/** What is wrong with a role's guarantees and limits by themselves. Rule MST74. */
export function faultOfConfig(config: QuotaConfig): string | undefined {
  const role = parseRoleName(config.role);
  if (!role.ok) return `Invalid 'QuotaConfig.role': ${role.error.message}`;
  const { guarantees = {}, limits: bounds = {} } = config;
  for (const [part, amounts] of Object.entries({ guarantees, limits: bounds })) {
    for (const [name, { value }] of Object.entries(amounts)) {
      const fault = faultOfAmount(name, value);
      if (fault === undefined) continue;
      return `Invalid 'QuotaConfig.${part}': {'${name}': ${value}} is invalid: ${fault}`;
    }
  }
  const quota = quotaOfConfig(config);
  const isWithin = quota.guarantees
    .entries()
    .every(([name, amount]) => amount <= (quota.limits.get(name) ?? Infinity));
  return isWithin
    ? undefined
    : `'QuotaConfig.guarantees' ${mapText(quota.guarantees.entries())} is not contained within the 'QuotaConfig.limits' ${mapText(quota.limits)}`;
}

/** What is wrong with a request of the older API. */
export function faultOfRequest({ role, guarantee = [] }: QuotaRequest): string | undefined {
  const valid = Resources.parse(guarantee);
  if (!valid.ok) return `QuotaInfo with invalid resource: ${valid.error.message}`;
  if (role === undefined) return "QuotaInfo must specify a role";
  const name = parseRoleName(role);
  if (!name.ok) return `QuotaInfo with invalid role: ${name.error.message}`;
  if (guarantee.length === 0) return "QuotaInfo with empty 'guarantee'";
  const names = new Set<string>();
  for (const resource of guarantee) {
    const isReserved = (resource.reservations ?? []).length > 0 || (resource.role ?? "*") !== "*";
    if (isReserved) return "QuotaInfo must not contain any ReservationInfo";
    if (resource.disk !== undefined) return "QuotaInfo must not contain DiskInfo";
    if (resource.revocable !== undefined) return "QuotaInfo must not contain RevocableInfo";
    if (resource.type !== "SCALAR") return "QuotaInfo must not include non-scalar resources";
    if (names.has(resource.name)) {
      return `QuotaInfo contains duplicate resource name '${resource.name}'`;
    }
    names.add(resource.name);
  }
  return undefined;
}

/** Guarantees of children have to be within their parent's; all together has to fit into its record. */
export function faultOfQuotas(quotas: Quotas): string | undefined {
  const sums = new Map<string, Quantities>();
  for (const [role, { guarantees }] of quotas) {
    const parent = parentOf(role);
    sums.set(parent, (sums.get(parent) ?? Quantities.empty).add(guarantees));
  }
  for (const [parent, sum] of sums) {
    const own = quotas.get(parent)?.guarantees ?? Quantities.empty;
    if (parent === "" || own.contains(sum)) continue;
    return `Invalid quota configuration. Parent role '${parent}' with guarantees (${own.toString()}) does not contain the sum of its children's guarantees (${sum.toString()})`;
  }
  const names = new Set(
    [...quotas.values()].flatMap((quota) => [...quota.guarantees.names, ...quota.limits.keys()]),
  );
  if (names.size > quotaKindsMax) {
    return `All quota together may name ${quotaKindsMax} kinds of resources; remove some`;
  }
  const records = [...quotas].map(([role, quota]) => recordOfQuota(role, quota));
  return utf8Encode(JSON.stringify(records)).length > limits.quotasBytesMax
    ? `All quota together may have ${limits.quotasBytesMax} bytes; remove some roles`
    : undefined;
}

function faultOfAmount(name: string, value: number): string | undefined {
  if (!Number.isFinite(value)) return "it is no number";
  if (value < 0) return "negative values are not supported";
  if (value > 0 && toThousandths(value) === 0) {
    return "it is less than 0.001, which is as exact as amounts are";
  }
  if (name !== "mem" && name !== "disk") {
    return value > limits.quotaAmountMax
      ? `values greater than 1 trillion (${limits.quotaAmountMax}) are not supported`
      : undefined;
  }
  return value > limits.quotaMegabytesMax
    ? `values greater than 1 exabyte (${limits.quotaMegabytesMax}) are not supported`
    : undefined;
}

/** The role above; empty for one of the top level. */
export function parentOf(role: string): string {
  return role.slice(0, Math.max(0, role.lastIndexOf("/")));
}

function mapText(
  amounts: Iterable<readonly [string, Parameters<typeof formatThousandths>[0]]>,
): string {
  const parts = [...amounts].map(([name, amount]) => `${name}: ${formatThousandths(amount)}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}
