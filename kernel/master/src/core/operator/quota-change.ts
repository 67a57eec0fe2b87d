import type { RoleQuota } from "@tutti/allocator";
import { known, parseRoleName } from "@tutti/ids";
import { formatThousandths, Quantities } from "@tutti/resources";
import type { Resources } from "@tutti/resources";
import { consumedBy } from "../read/quota.ts";
import type { MasterView } from "../view.ts";
import { noQuota } from "./quota-record.ts";
import { parentOf } from "./validate-quota.ts";
import type { Quotas } from "./validate-quota.ts";

/** Scalars that every cluster knows, whatever its agents have. */
const scalarNames: ReadonlySet<string> = new Set(["cpus", "mem", "disk", "gpus"]);

/**
 * Whether what is named newly can be counted: no ranges or sets such as `ports`, and, unless forced,
 * a scalar that every cluster knows or a registered agent has. Rule MST79.
 */
export function faultOfNames(
  view: MasterView,
  role: string,
  quota: RoleQuota,
  force: boolean,
): string | undefined {
  const { guarantees, limits } = quotaOf(view, role);
  const before = new Set([...guarantees.names, ...limits.keys()]);
  const named = new Set([...quota.guarantees.names, ...quota.limits.keys()]);
  const totals = [...view.agents.values()].map(({ total }) => total);
  for (const name of named) {
    if (scalarNames.has(name) || before.has(name)) continue;
    if (totals.some((total) => total.scalar(name) > 0)) continue;
    if (name === "ports" || totals.some((total) => hasAny(total, name))) {
      return `'${name}' of role '${role}' is no scalar: quota can only count scalars`;
    }
    if (force) continue;
    return `no agent has '${name}', which role '${role}' is to have quota of (use 'force' flag to bypass this check)`;
  }
  return undefined;
}

/** A role that already consumes more than a limit that is made smaller; forced, it may. Rule MST75. */
export function faultOfConsumption(
  view: MasterView,
  role: string,
  quota: RoleQuota,
): string | undefined {
  const consumed = consumedBy(view, role);
  const before = quotaOf(view, role).limits;
  const isWithin = consumed.entries().every(([name, amount]) => {
    const limit = quota.limits.get(name) ?? Infinity;
    return amount <= limit || limit >= (before.get(name) ?? Infinity);
  });
  if (isWithin) return undefined;
  return `Role '${role}' is already consuming '${consumed.toString()}'; this is more than the requested limits '${limitsText(quota)}' (use 'force' flag to bypass this check)`;
}

/**
 * All guarantees together have to fit into the scalars of all registered agents, connected or not. When
 * they did not before either, because it was forced or agents have gone, what improves matters is let
 * through: no guarantee becomes larger, and either less is guaranteed of what there is too little of, or
 * no limit is set or made smaller. Rule MST74.
 */
export function faultOfCapacity(view: MasterView, after: Quotas): string | undefined {
  const total = totalGuarantees(after);
  const totals = [...view.agents.values()].map((agent) => agent.total.nonRevocable().quantities());
  const capacity = Quantities.of(totals.flatMap((each) => each.entries()));
  const tooMuch = total.names.filter((name) => total.get(name) > capacity.get(name));
  if (tooMuch.length === 0) return undefined;
  const before = totalGuarantees(view.quotas);
  const isLess = tooMuch.some((name) => total.get(name) < before.get(name));
  const isWorse = [...after].some(([role, quota]) => {
    const { guarantees, limits } = quotaOf(view, role);
    if (!guarantees.contains(quota.guarantees)) return true;
    return !isLess && [...quota.limits].some(([name, at]) => at < (limits.get(name) ?? Infinity));
  });
  return isWorse
    ? `quota guarantees '${total.toString()}' exceed cluster capacity '${capacity.toString()}'`
    : undefined;
}

/** Guarantees of all roles; those of children are within their parents'. */
function totalGuarantees(quotas: Quotas): Quantities {
  const entries = [...quotas].flatMap(([role, { guarantees }]) =>
    parentOf(role) === "" ? guarantees.entries() : [],
  );
  return Quantities.of(entries);
}

function quotaOf({ quotas }: MasterView, role: string): RoleQuota {
  return quotas.get(known(parseRoleName(role))) ?? noQuota;
}

function hasAny(total: Resources, name: string): boolean {
  return !total.filter((head) => head.name === name).isEmpty;
}

function limitsText({ limits: bounds }: RoleQuota): string {
  const parts = [...bounds].map(([name, amount]) => `${name}:${formatThousandths(amount)}`);
  return parts.length === 0 ? "{}" : parts.join("; ");
}
