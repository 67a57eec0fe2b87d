import type { RoleQuota } from "@tutti/allocator";
import { known, parseRoleName } from "@tutti/ids";
import type { Quantities } from "@tutti/resources";
import type { OpenOffer } from "../entities.ts";
import { rescindOffer } from "../offers/remove-offer.ts";
import type { Principal } from "../principal.ts";
import { consumedBy, countedQuantities, isInSubtree, offeredOf } from "../read/quota.ts";
import type { Turn } from "../turn.ts";
import { log, requestAllocation } from "../turn.ts";
import { isNoQuota, recordOfQuota } from "./quota-record.ts";

/**
 * Sets quota of roles that was found valid, durably, and takes back offers that break a limit or stand in
 * the way of a guarantee. Rules MST74, MST76.
 */
export function putQuotas(
  turn: Turn,
  principal: Principal,
  quotas: ReadonlyMap<string, RoleQuota>,
): void {
  const { state, allocator } = turn;
  for (const [role, quota] of quotas) {
    const name = known(parseRoleName(role));
    if (isNoQuota(quota)) state.quotas.delete(name);
    else state.quotas.set(name, quota);
    allocator.setQuota(name, isNoQuota(quota) ? undefined : quota);
  }
  state.version += 1;
  const records = [...state.quotas].map(([role, quota]) => recordOfQuota(role, quota));
  turn.persist.push({ type: "putQuotas", quotas: records });
  log(turn, { what: "quotaChanged", principal: principal.name, roles: [...quotas.keys()] });
  for (const [role, quota] of quotas) {
    rescindAboveLimits(turn, role, quota);
    rescindForGuarantees(turn, role, quota);
  }
  requestAllocation(turn);
}

/** Offers to a role and below go back until all that is consumed and offered is within its limits. */
function rescindAboveLimits(turn: Turn, role: string, { limits }: RoleQuota): void {
  for (const offer of offersOf(turn, (each) => isInSubtree(each.role, role))) {
    const held = heldBy(turn, role);
    const broken = held
      .entries()
      .filter(([name, amount]) => amount > (limits.get(name) ?? Infinity));
    if (broken.length === 0) return;
    const given = countedQuantities(offer.resources);
    if (broken.some(([name]) => given.get(name) > 0)) rescindOffer(turn, offer);
  }
}

/** Offers to others go back until what came back would satisfy the guarantees. */
function rescindForGuarantees(turn: Turn, role: string, { guarantees }: RoleQuota): void {
  let missing = guarantees.subtract(heldBy(turn, role));
  for (const offer of offersOf(turn, (each) => !isInSubtree(each.role, role))) {
    if (missing.isEmpty) return;
    const given = countedQuantities(offer.resources);
    if (!missing.names.some((name) => given.get(name) > 0)) continue;
    missing = missing.subtract(given);
    rescindOffer(turn, offer);
  }
}

function heldBy({ state }: Turn, role: string): Quantities {
  return consumedBy(state, role).add(offeredOf(state, role));
}

function offersOf({ state }: Turn, isMeant: (offer: OpenOffer) => boolean): readonly OpenOffer[] {
  return [...state.offers.values()].filter(isMeant);
}
