import { describeConstraint } from "./describe-constraint.ts";
import type { AppFacts, Lack, MachineFacts, OutOfUse } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { joined, namesOf } from "./words.ts";

/** Whether a machine is ruled out whatever is free on it. */
export function isRuledOut(lack: Lack | undefined): boolean {
  return lack?.type === "role" || lack?.type === "constraint" || lack?.type === "maintenance";
}

/** Machines that are ruled out, one finding for each cause. Rules WHY6, WHY7. */
export function explainExcluded(
  excluded: readonly MachineFacts[],
  { roles, toLaunch }: AppFacts,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [cause, machines] of grouped(excluded, (lack) =>
    lack.type === "maintenance" ? (lack.cause ?? "maintenance") : undefined,
  )) {
    const { is, adviceFor } = outOfUse[cause as keyof typeof outOfUse];
    const detail = `${names(machines)} ${machines.length === 1 ? "is" : "are"} ${is}.`;
    findings.push({ reason: "MAINTENANCE", detail, advice: adviceFor(machines) });
  }
  for (const [, machines] of grouped(excluded, (lack) =>
    lack.type === "constraint" ? lack.constraint.join(" ") : undefined,
  )) {
    findings.push({
      reason: "UNFULFILLED_CONSTRAINT",
      detail: describeConstraint(machines),
      advice: `Add ${machinesToAdd(machines, toLaunch)} that the constraint allows, or change the constraint.`,
    });
  }
  const isConstrained = findings.some(({ reason }) => reason === "UNFULFILLED_CONSTRAINT");
  for (const [, machines] of grouped(excluded, (lack) =>
    lack.type === "role"
      ? `${lack.keptFor} ${lack.constraint?.join(" ") ?? ""} ${lack.cause ?? ""}`
      : undefined,
  )) {
    findings.push(roleFinding(machines, { roles, isConstrained }));
  }
  return findings;
}

type AdviceFor = (machines: readonly MachineFacts[]) => string;

const reactivate: AdviceFor = ([first, ...others]) =>
  others.length === 0
    ? `Use ${first?.name ?? "it"} again with ./tutti node reactivate ${first?.name ?? "NAME"}, or add a machine.`
    : "Use them again with ./tutti node reactivate NAME, or add a machine.";

const outOfUse: Readonly<
  Record<OutOfUse | "maintenance", { readonly is: string; readonly adviceFor: AdviceFor }>
> = {
  maintenance: {
    is: "in maintenance",
    adviceFor: () => "Wait for the end of the maintenance, or add a machine.",
  },
  draining: {
    is: "being drained by an operator",
    adviceFor: () => "Reactivate it when it is drained, or add a machine.",
  },
  drained: { is: "drained by an operator", adviceFor: reactivate },
  deactivated: { is: "deactivated by an operator", adviceFor: reactivate },
};

/** Where each instance needs a host of its own, as many as wait; else one may do. */
function machinesToAdd(machines: readonly MachineFacts[], toLaunch: number): string {
  const lack = machines[0]?.lack;
  const [field, operator] = lack?.type === "constraint" ? lack.constraint : [];
  const isEach = field === "hostname" && operator === "UNIQUE";
  return isEach && toLaunch > 1 ? `${String(toLaunch)} machines` : "a machine";
}

function roleFinding(
  machines: readonly MachineFacts[],
  { roles, isConstrained }: { readonly roles: readonly string[]; readonly isConstrained: boolean },
): Finding {
  const isOne = machines.length === 1;
  const lack = machines[0]?.lack;
  const { keptFor = "*", constraint, isAllowed = false, cause } = lack?.type === "role" ? lack : {};
  const detail =
    keptFor === "*"
      ? `${names(machines)} ${isOne ? "has" : "have"} nothing for the role ${joined(roles, "or")}, and the app accepts nothing else.`
      : `${names(machines)} ${isOne ? "is" : "are"} kept for the role ${keptFor}, which the app does not accept.`;
  if (constraint !== undefined) {
    const also = `; the constraint ${constraint.join(" ")} rules ${isOne ? "it" : "them"} out, too.`;
    return { reason: "UNFULFILLED_ROLE", detail: detail.replace(/\.$/u, also) };
  }
  if (cause !== undefined) {
    const also = `; ${isOne ? "it is" : "they are"} ${outOfUse[cause].is}, too.`;
    return { reason: "UNFULFILLED_ROLE", detail: detail.replace(/\.$/u, also) };
  }
  // Constraints are judged on offers, and of these machines the app gets none.
  const condition = isConstrained && !isAllowed ? "if the constraint allows that machine, " : "";
  const advice = `To let it run there, ${condition}add "${keptFor}" to its acceptedResourceRoles.`;
  return { reason: "UNFULFILLED_ROLE", detail, advice };
}

function grouped(
  machines: readonly MachineFacts[],
  keyOf: (lack: Lack) => string | undefined,
): ReadonlyMap<string, readonly MachineFacts[]> {
  const groups = new Map<string, MachineFacts[]>();
  for (const machine of machines) {
    const key = machine.lack === undefined ? undefined : keyOf(machine.lack);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [machine]);
    else group.push(machine);
  }
  return groups;
}

function names(machines: readonly MachineFacts[]): string {
  return namesOf(machines.map(({ name }) => name));
}
