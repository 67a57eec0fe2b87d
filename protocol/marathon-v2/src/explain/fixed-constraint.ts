import type { AppConstraint } from "../app.ts";
import { parseConstraint } from "../constraint.ts";

/** What a constraint may ask for of a machine. */
export interface MachineFields {
  readonly hostname: string;
  /** As the master's `/slaves` shows them. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/**
 * The first of an app's constraints that a machine breaks whatever runs there: those that name a value. How instances
 * are spread is told by offers only. Regions and zones are not known here. Absent constraints are none.
 */
export function brokenConstraint(
  constraints: readonly AppConstraint[] | undefined,
  machine: MachineFields,
): AppConstraint | undefined {
  return (constraints ?? []).find((constraint) => isBroken(constraint, machine));
}

/**
 * Whether `brokenConstraint` says all there is to say of a machine on which no instance runs: there are constraints, and
 * of each host is a group of its own, or a value is named.
 */
export function areJudged(constraints: readonly AppConstraint[] | undefined = []): boolean {
  return (
    constraints.length > 0 &&
    constraints.every(([field = "", operator, value = ""]) => {
      if (field.startsWith("@") && field !== "@hostname") return false;
      if (operator === "IS" || operator === "LIKE" || operator === "UNLIKE") return true;
      if (operator === "CLUSTER") return value !== "";
      return field === "hostname" || field === "@hostname";
    })
  );
}

function isBroken(written: AppConstraint, { hostname, attributes = {} }: MachineFields): boolean {
  const parsed = parseConstraint(written);
  if (!parsed.ok || parsed.value.field.startsWith("@")) return false;
  const { field, operator, value: wanted, pattern } = parsed.value;
  const has = field === "hostname" ? hostname : attributes[field];
  // A machine without the field fits UNLIKE alone.
  if (has === undefined) return operator !== "UNLIKE";
  if (typeof has !== "string") return false;
  switch (operator) {
    case "IS":
      return has !== wanted;
    case "CLUSTER":
      return wanted !== "" && has !== wanted;
    case "LIKE":
      return pattern?.matches(has) === false;
    case "UNLIKE":
      return pattern?.matches(has) === true;
    case "UNIQUE":
    case "GROUP_BY":
    case "MAX_PER":
      return false;
  }
}
