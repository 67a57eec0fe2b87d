import { explainAmounts, explainSmall, isEnough } from "./explain-amounts.ts";
import { explainExcluded, isRuledOut } from "./explain-excluded.ts";
import { explainPorts, explainTaken, explainUnoffered } from "./explain-ports.ts";
import { explainLimits, explainPromises } from "./explain-quota.ts";
import type { AppFacts, MachineFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { hasPort } from "./free-resources.ts";
import type { Waiting } from "./waiting.ts";
import { durationOf, joined, namesOf, ordinal } from "./words.ts";

/** Why instances find no machine: from every machine that is known. Rules WHY4–WHY8, WHY15, WHY16. */
export function explainPlacement(facts: AppFacts): readonly Finding[] {
  const away = facts.machines.filter((machine) => machine.isAway === true);
  const here = facts.machines.filter((machine) => machine.isAway !== true);
  const awayFindings = explainAway(away);
  if (here.length === 0) {
    return [away.length > 0 ? noneHere(away) : none(facts)];
  }
  const waiting = waitingOf(facts);
  const fitting = here.filter(({ lack }) => lack === undefined);
  const limited = explainLimits(facts);
  if (fitting.length > 0) {
    const held = [...limited, ...explainPromises(facts)];
    const offered =
      held.length === 0 ? fitting : fitting.filter(({ isReserved }) => isReserved === true);
    const found = offered.length === 0 ? held : [roomOn(facts, offered, waiting)];
    return [...found, ...awayFindings];
  }
  const small = here.filter(({ lack }) => lack?.type === "amounts");
  const portless = [
    ...explainPorts(here, waiting, facts.needs.ports),
    ...explainUnoffered(here, waiting),
    ...explainTaken(here, waiting, facts.id),
  ];
  // A machine that is ruled out is worth a word only when it would be large enough and has the ports.
  const unoffered = here.flatMap(({ lack }) => (lack?.type === "unofferedPorts" ? lack.ports : []));
  const ruledOut = here.filter(
    ({ lack, free, offered }) =>
      isRuledOut(lack) &&
      isEnough(free, facts.needs) &&
      (offered === undefined || unoffered.every((port) => hasPort(offered, port))),
  );
  const hasOthers = small.length > 0 || portless.length > 0;
  const excluded = hasOthers ? ruledOut : here.filter(({ lack }) => isRuledOut(lack));
  return [
    ...limited,
    ...portless,
    ...(small.length === 0
      ? []
      : portless.length > 0
        ? explainSmall(facts, small)
        : explainAmounts(facts, small, waiting.who, waiting.isOne)),
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

/** A wait that is shorter is nothing to speak of: offers come within a second or two. */
const patienceMs = 10_000;

/** After so long something may keep offers away. */
const offerLateMs = 30_000;

function isFresh({ waitingMs }: AppFacts): boolean {
  return waitingMs !== undefined && waitingMs < patienceMs;
}

function none(facts: AppFacts): Finding {
  const { machinesFrom, roles, waitingMs } = facts;
  if (machinesFrom === "offers") {
    const since = waitingMs === undefined ? "" : ` for ${durationOf(waitingMs)}`;
    return {
      reason: "WAITING_FOR_OFFER",
      detail: isFresh(facts)
        ? "Marathon is looking for a machine; that takes a few seconds."
        : `No machine has offered anything to the role ${joined(roles, "or")}${since}.`,
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
    detail: `There is no machine to run on: ${awayText(away)}.`,
    advice: "See ./tutti status.",
  };
}

function explainAway(away: readonly MachineFacts[]): readonly Finding[] {
  if (away.length === 0) return [];
  const text = awayText(away);
  const detail = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  return [{ reason: "MACHINES_AWAY", detail, advice: "See ./tutti status." }];
}

/** Those that the master waits for are told apart: they come back by themselves. */
function awayText(away: readonly MachineFacts[]): string {
  const expected = away.filter(({ isExpected }) => isExpected === true);
  const silent = away.filter(({ isExpected }) => isExpected !== true);
  const back = `the master has begun anew and expects ${names(expected)} back`;
  if (silent.length === 0) return back;
  const nothing = `the master hears nothing of ${names(silent)}`;
  return expected.length === 0
    ? nothing
    : `${nothing}; it has begun anew and expects ${names(expected)} back`;
}

function roomOn(
  facts: AppFacts,
  fitting: readonly MachineFacts[],
  { who, isOne }: Waiting,
): Finding {
  if (isFresh(facts)) {
    return {
      reason: "WAITING_FOR_OFFER",
      detail: "It waits for the first offer of a machine, which takes a second or two.",
    };
  }
  const verb = fitting.length === 1 ? "has" : "have";
  const whom = who === "Each" || !isOne ? "one more" : who.toLowerCase();
  const { quota, waitingMs = 0 } = facts;
  if (quota === undefined && waitingMs > offerLateMs) {
    return {
      reason: "WAITING_FOR_OFFER",
      detail: `${names(fitting)} ${verb} room for ${whom}; if it does not start within half a minute, the quota of its role, or of other roles, may hold it back.`,
      advice: "See the limits and guarantees of the roles: GET /roles of the master.",
    };
  }
  return {
    reason: "WAITING_FOR_OFFER",
    detail: `${names(fitting)} ${verb} room for ${whom}; it is to start within half a minute.`,
  };
}

function names(machines: readonly MachineFacts[]): string {
  return namesOf(machines.map(({ name }) => name));
}
