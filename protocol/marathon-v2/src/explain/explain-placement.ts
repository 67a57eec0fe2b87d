import type { AppFacts, Lack, MachineFacts } from "./facts.ts";
import { describeConstraint } from "./describe-constraint.ts";
import { explainAmounts, isEnough } from "./explain-amounts.ts";
import type { Finding } from "./finding.ts";
import { joined, namesOf, ordinal } from "./words.ts";

/** Who waits for a machine, as the subject of a sentence. */
interface Waiting {
  /** `The third`, `It`, `The other 2`, `Each of the 3`. */
  readonly who: string;
  readonly isOne: boolean;
}

/** Why instances find no machine: from every machine that is known. Rules WHY4–WHY8. */
export function explainPlacement(facts: AppFacts): readonly Finding[] {
  const away = facts.machines.filter((machine) => machine.isAway === true);
  const here = facts.machines.filter((machine) => machine.isAway !== true);
  const awayFindings = explainAway(away);
  if (here.length === 0) {
    return [away.length > 0 ? noneHere(away) : none(facts)];
  }
  const waiting = waitingOf(facts);
  const fitting = here.filter(({ lack }) => lack === undefined);
  if (fitting.length > 0) return [roomOn(fitting, waiting), ...awayFindings];
  const small = here.filter(({ lack }) => lack?.type === "amounts");
  const portless = [
    ...explainPorts(here, waiting, facts.needs.ports),
    ...explainTaken(here, waiting, facts.id),
  ];
  // A machine that is ruled out is worth a word only when it would be large enough.
  const ruledOut = here.filter(
    (machine) => isRuledOut(machine.lack) && isEnough(machine.free, facts.needs),
  );
  const hasOthers = small.length > 0 || portless.length > 0;
  const excluded = hasOthers ? ruledOut : here.filter(({ lack }) => isRuledOut(lack));
  return [
    ...portless,
    ...(small.length === 0 ? [] : explainAmounts(facts, small, waiting.who, waiting.isOne)),
    ...explainExcluded(excluded, facts),
    ...awayFindings,
  ];
}

function waitingOf({ wanted, toLaunch }: AppFacts): Waiting {
  if (wanted === 1) return { who: "It", isOne: true };
  if (toLaunch === 1) return { who: `The ${ordinal(wanted)}`, isOne: true };
  if (toLaunch >= wanted) return { who: "Each", isOne: true };
  return { who: `The other ${String(toLaunch)}`, isOne: false };
}

function isRuledOut(lack: Lack | undefined): boolean {
  return lack?.type === "role" || lack?.type === "constraint" || lack?.type === "maintenance";
}

function none({ machinesFrom, roles }: AppFacts): Finding {
  if (machinesFrom === "offers") {
    return {
      reason: "WAITING_FOR_OFFER",
      detail: `No machine has offered anything to the role ${joined(roles, "or")} yet.`,
    };
  }
  return {
    reason: "NO_MACHINES",
    detail: "There is no machine to run on: no agent has registered with the master.",
    advice: "Add a machine; see ./tutti status.",
  };
}

function noneHere(away: readonly MachineFacts[]): Finding {
  return {
    reason: "NO_MACHINES",
    detail: `There is no machine to run on: the master hears nothing of ${names(away)}.`,
    advice: "See ./tutti status.",
  };
}

function explainAway(away: readonly MachineFacts[]): readonly Finding[] {
  if (away.length === 0) return [];
  const detail = `The master hears nothing of ${names(away)}.`;
  return [{ reason: "MACHINES_AWAY", detail, advice: "See ./tutti status." }];
}

function roomOn(fitting: readonly MachineFacts[], { who }: Waiting): Finding {
  const verb = fitting.length === 1 ? "has" : "have";
  const whom = who === "It" ? "it" : who === "Each" ? "one more" : who.toLowerCase();
  return {
    reason: "WAITING_FOR_OFFER",
    detail: `${names(fitting)} ${verb} room for ${whom}; it is to start within half a minute.`,
  };
}

function explainPorts(
  here: readonly MachineFacts[],
  { who, isOne }: Waiting,
  needed: number,
): readonly Finding[] {
  const lacking = here.flatMap(({ name, lack }) =>
    lack?.type === "ports" ? [{ name, free: lack.free }] : [],
  );
  const most = lacking.toSorted((left, right) => right.free - left.free)[0];
  if (most === undefined) return [];
  const needs = isOne ? "needs" : "each need";
  return [
    {
      reason: "INSUFFICIENT_PORTS",
      detail: `${who} ${needs} ${String(needed)} free ports on one machine; ${most.name} has the most, ${String(most.free)}.`,
      advice: "Ask for fewer ports, or add a machine.",
    },
  ];
}

/** A port that is not free on a machine. */
interface Taken {
  readonly port: number;
  readonly holder: string | undefined;
  readonly machine: string;
}

const portsShownMax = 5;
const holdersShownMax = 3;

function explainTaken(
  here: readonly MachineFacts[],
  { who, isOne }: Waiting,
  id: string,
): readonly Finding[] {
  const taken = here.flatMap(({ name: machine, lack }) =>
    lack?.type === "takenPorts"
      ? lack.ports.map(({ port, holder }): Taken => ({ port, holder, machine }))
      : [],
  );
  if (taken.length === 0) return [];
  const numbers = [...new Set(taken.map(({ port }) => port))];
  const holders = holderTexts(taken, { id, isOnePort: numbers.length === 1 });
  const shown = holders.slice(0, holdersShownMax);
  if (holders.length > shown.length) shown.push("and so on");
  const isOwn = taken.every(({ holder }) => holder === id);
  const ports = joined(numbers.slice(0, portsShownMax).map(String), "and");
  return [
    {
      reason: "PORTS_TAKEN",
      detail: `${who} ${isOne ? "needs" : "each need"} port${numbers.length === 1 ? "" : "s"} ${ports}: ${shown.join("; ")}.`,
      advice: isOwn
        ? "Add a machine, lower the number of instances, or set requirePorts to false."
        : "Stop what has the port, choose another one, or set requirePorts to false.",
    },
  ];
}

/** Who has which port, the machines of each put together. */
function holderTexts(
  taken: readonly Taken[],
  { id, isOnePort }: { readonly id: string; readonly isOnePort: boolean },
): readonly string[] {
  const machines = new Map<string, string[]>();
  for (const { port, holder, machine } of taken) {
    const it = isOnePort ? "it" : String(port);
    const who = holder === id ? "an instance of its own" : holder;
    const text = who === undefined ? `${it} is not free` : `${who} has ${it}`;
    const known = machines.get(text);
    if (known === undefined) machines.set(text, [machine]);
    else known.push(machine);
  }
  return [...machines].map(([text, on]) => `${text} on ${namesOf(on)}`);
}

/** Machines that are ruled out whatever is free on them, one finding for each cause. */
function explainExcluded(
  excluded: readonly MachineFacts[],
  { roles }: AppFacts,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [keptFor, machines] of grouped(excluded, (lack) =>
    lack.type === "role" ? lack.keptFor : undefined,
  )) {
    findings.push(roleFinding(keptFor, machines, roles));
  }
  for (const [, machines] of grouped(excluded, (lack) =>
    lack.type === "constraint" ? lack.constraint.join(" ") : undefined,
  )) {
    findings.push({
      reason: "UNFULFILLED_CONSTRAINT",
      detail: describeConstraint(machines),
      advice: "Add a machine that the constraint allows, or change the constraint.",
    });
  }
  for (const [, machines] of grouped(excluded, (lack) =>
    lack.type === "maintenance" ? "" : undefined,
  )) {
    findings.push({
      reason: "MAINTENANCE",
      detail: `${names(machines)} ${machines.length === 1 ? "is" : "are"} in maintenance.`,
      advice: "Wait for the end of the maintenance, or add a machine.",
    });
  }
  return findings;
}

function roleFinding(
  keptFor: string,
  machines: readonly MachineFacts[],
  roles: readonly string[],
): Finding {
  const isOne = machines.length === 1;
  const detail =
    keptFor === "*"
      ? `${names(machines)} ${isOne ? "has" : "have"} nothing for the role ${joined(roles, "or")}, and the app accepts nothing else.`
      : `${names(machines)} ${isOne ? "is" : "are"} kept for the role ${keptFor}, which the app does not accept.`;
  const advice = `To let it run there, add "${keptFor}" to its acceptedResourceRoles.`;
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
