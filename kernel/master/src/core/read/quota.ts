import type { RoleQuota } from "@tutti/allocator";
import type { QuotaConfig, QuotaInfo, QuotaStatus } from "@tutti/mesos-v1";
import { fromThousandths, isStrictSubrole, Quantities } from "@tutti/resources";
import type { Resources, Thousandths } from "@tutti/resources";
import type { MasterView } from "../view.ts";

/** GET_QUOTA: in the older form and in the present one. */
export function quotaStatus(view: MasterView): QuotaStatus {
  if (view.quotas.size === 0) return {};
  return {
    infos: [...view.quotas].map(([role, quota]) => infoOf(role, quota)),
    configs: [...view.quotas].map(([role, quota]) => configOf(role, quota)),
  };
}

/** Whether a role is `root` or below it. */
export function isInSubtree(role: string, root: string): boolean {
  return role === root || isStrictSubrole(role, root);
}

/** What counts for quota when it is held: unreserved, not revocable. Reservations are counted as such. */
export function countedQuantities(resources: Resources): Quantities {
  return resources.unreserved().nonRevocable().quantities();
}

/** What a role consumes: reserved to it or below, or used there unreserved. Offers are not in it. Rule ALC51. */
export function consumedBy(view: MasterView, role: string): Quantities {
  const parts: Quantities[] = [];
  for (const { total } of view.agents.values()) {
    for (const [owner, part] of total.byReservation()) {
      if (isInSubtree(owner, role)) parts.push(part.quantities());
    }
  }
  for (const { used } of view.frameworks.values()) {
    for (const [owner, part] of used.byAllocation()) {
      if (isInSubtree(owner, role)) parts.push(countedQuantities(part));
    }
  }
  return Quantities.of(parts.flatMap((part) => part.entries()));
}

/** What is offered to a role and below, as far as quota counts it. */
export function offeredOf(view: MasterView, role: string): Quantities {
  const parts: Quantities[] = [];
  for (const { offered } of view.frameworks.values()) {
    for (const [owner, part] of offered.byAllocation()) {
      if (isInSubtree(owner, role)) parts.push(countedQuantities(part));
    }
  }
  return Quantities.of(parts.flatMap((part) => part.entries()));
}

function infoOf(role: string, { guarantees }: RoleQuota): QuotaInfo {
  const guarantee = guarantees.entries().map(([name, amount]) => ({
    name,
    type: "SCALAR" as const,
    scalar: { value: fromThousandths(amount) },
  }));
  return guarantee.length === 0 ? { role } : { role, guarantee };
}

function configOf(role: string, { guarantees, limits }: RoleQuota): QuotaConfig {
  return {
    role,
    ...(guarantees.isEmpty ? {} : { guarantees: scalarsOf(guarantees.entries()) }),
    ...(limits.size === 0 ? {} : { limits: scalarsOf(limits) }),
  };
}

function scalarsOf(
  amounts: Iterable<readonly [string, Thousandths]>,
): NonNullable<QuotaConfig["limits"]> {
  return Object.fromEntries(
    [...amounts].map(([name, amount]) => [name, { value: fromThousandths(amount) }]),
  );
}
