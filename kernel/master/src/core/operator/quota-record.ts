import type { RoleQuota } from "@tutti/allocator";
import type { QuotaConfig, QuotaRequest } from "@tutti/mesos-v1";
import { Quantities, thousandths, toThousandths } from "@tutti/resources";
import type { Thousandths } from "@tutti/resources";
import type { QuotaRecord } from "../events.ts";

/** No guarantees, no limits. */
export const noQuota: RoleQuota = { guarantees: Quantities.empty, limits: new Map() };

/** Whether a quota says nothing. */
export function isNoQuota({ guarantees, limits }: RoleQuota): boolean {
  return guarantees.isEmpty && limits.size === 0;
}

/** What is durable of a role's quota. */
export function recordOfQuota(role: string, { guarantees, limits }: RoleQuota): QuotaRecord {
  return {
    role,
    guarantees: Object.fromEntries(guarantees.entries()),
    limits: Object.fromEntries(limits),
  };
}

/** The quota a record tells of. */
export function quotaOfRecord({ guarantees, limits }: QuotaRecord): RoleQuota {
  return {
    guarantees: Quantities.of(amountsOfRecord(guarantees)),
    limits: new Map(amountsOfRecord(limits)),
  };
}

/** The quota of a config whose amounts are valid. */
export function quotaOfConfig({ guarantees = {}, limits = {} }: QuotaConfig): RoleQuota {
  return {
    guarantees: Quantities.of(amountsOf(guarantees)),
    limits: new Map(amountsOf(limits)),
  };
}

/** A request of the older API: what is guaranteed is the limit, too. */
export function configOfRequest({ role = "", guarantee = [] }: QuotaRequest): QuotaConfig {
  const amounts = Object.fromEntries(
    guarantee.map(({ name, scalar }) => [name, { value: scalar?.value ?? 0 }]),
  );
  return { role, guarantees: amounts, limits: amounts };
}

function amountsOf(
  amounts: NonNullable<QuotaConfig["limits"]>,
): readonly (readonly [string, Thousandths])[] {
  return Object.entries(amounts).map(([name, { value }]) => [
    name,
    toThousandths(value) ?? thousandths(0),
  ]);
}

function amountsOfRecord(
  amounts: QuotaRecord["limits"],
): readonly (readonly [string, Thousandths])[] {
  return Object.entries(amounts).map(([name, amount]) => [name, thousandths(amount)]);
}
