import type { MachineFacts } from "./facts.ts";
import { namesOf } from "./words.ts";

/** What a constraint says, and why it rules these machines out, in a sentence; it is the same for all. */
export function describeConstraint(machines: readonly MachineFacts[]): string {
  const lack = machines[0]?.lack;
  const constraint = lack?.type === "constraint" ? lack.constraint : [];
  const [field = "", operator = "", value = ""] = constraint;
  const names = namesOf(machines.map(({ name }) => name));
  const rule = ruleOf(field, operator, value);
  return `The constraint ${constraint.join(" ")} rules out ${names}${rule === "" ? "" : `: ${rule}`}${valuesOf(field, operator, machines)}.`;
}

function ruleOf(field: string, operator: string, value: string): string {
  switch (operator) {
    case "UNIQUE":
      return `it allows one instance for each ${field}, and there is one`;
    case "CLUSTER":
      return value === ""
        ? `all instances must have the same ${field}`
        : `${field} must be ${value}`;
    case "GROUP_BY":
      return `instances are spread evenly over the values of ${field}`;
    case "MAX_PER":
      return `it allows ${value} for each ${field}, and they are there`;
    case "IS":
      return `${field} must be ${value}`;
    case "LIKE":
      return `${field} must match ${value}`;
    case "UNLIKE":
      return `${field} must not match ${value}`;
    default:
      return "";
  }
}

const valuesShownMax = 3;

/** What the machines have instead, where that tells something. */
function valuesOf(field: string, operator: string, machines: readonly MachineFacts[]): string {
  if (field === "hostname") return "";
  const values = new Set<string | undefined>();
  for (const { lack } of machines) if (lack?.type === "constraint") values.add(lack.value);
  if (values.has(undefined)) {
    const without = machines.filter(
      ({ lack }) => lack?.type === "constraint" && lack.value === undefined,
    );
    const all = without.length === machines.length;
    const who = all && machines.length === 1 ? "it has" : all ? "they have" : undefined;
    if (who !== undefined) return `; ${who} no ${field}`;
    return `; ${namesOf(without.map(({ name }) => name))} ${without.length === 1 ? "has" : "have"} no ${field}`;
  }
  if (operator === "UNIQUE" || operator === "MAX_PER" || operator === "GROUP_BY") return "";
  const shown = [...values].slice(0, valuesShownMax).map((each) => each ?? "");
  const more = values.size > valuesShownMax ? " and others" : "";
  return `; ${machines.length === 1 ? "it has" : "they have"} ${shown.join(", ")}${more}`;
}
