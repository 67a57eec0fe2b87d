import { assertNever } from "@tutti/base";
import type { Constraint } from "@tutti/marathon-v2";
import type { Instance } from "../instance.ts";
import { fieldOf } from "../kill-selection.ts";
import type { OfferPool } from "./offer-pool.ts";

/**
 * Whether an instance may be placed on the agent of this offer, given the app's other instances. An
 * agent without the field satisfies UNLIKE and nothing else (as Marathon). Rule MAR14.
 */
export function meetsConstraint(
  constraint: Constraint,
  pool: OfferPool,
  others: readonly Instance[],
): boolean {
  const own = fieldOfOffer(pool, constraint.field);
  if (own === undefined) return constraint.operator === "UNLIKE";
  const values = (): readonly (string | undefined)[] =>
    others.map((instance) => fieldOf(instance, constraint.field));
  switch (constraint.operator) {
    case "UNIQUE":
      return !values().includes(own);
    case "CLUSTER":
      return (
        (constraint.value === "" || constraint.value === own) &&
        values().every((value) => value === own)
      );
    case "GROUP_BY":
      return meetsGroupBy(own, Number(constraint.value === "" ? 0 : constraint.value), values());
    case "MAX_PER":
      return values().filter((value) => value === own).length < Number(constraint.value);
    case "IS":
      return own === constraint.value;
    case "LIKE":
      return constraint.pattern?.matches(own) ?? false;
    case "UNLIKE":
      return !(constraint.pattern?.matches(own) ?? false);
    default:
      return assertNever(constraint.operator);
  }
}

/**
 * A value nobody has yet is always good; a value in use only when at least `groupsMin` values are in
 * use and it is among the least used.
 */
function meetsGroupBy(
  own: string,
  groupsMin: number,
  values: readonly (string | undefined)[],
): boolean {
  const counts = new Map<string, number>();
  for (const value of values) {
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const mine = counts.get(own);
  if (mine === undefined) return true;
  return counts.size >= groupsMin && mine === Math.min(...counts.values());
}

/** What the agent of an offer has in a constraint's field; undefined: it has no such field. */
export function fieldOfOffer(pool: OfferPool, field: string): string | undefined {
  if (field === "hostname") return pool.offer.hostname;
  if (field === "@region") return pool.region;
  if (field === "@zone") return pool.zone;
  return pool.attributes.find((attribute) => attribute.name === field)?.text;
}
