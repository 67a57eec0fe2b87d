import { formatTimestamp } from "@tutti/base";
import type { Explanation } from "./explanation.ts";
import type { AppFacts } from "./facts.ts";
import {
  explainBackoff,
  explainLastFailure,
  explainMoves,
  explainSick,
  explainUnreachable,
} from "./explain-instances.ts";
import { explainPlacement } from "./explain-placement.ts";
import type { Finding } from "./finding.ts";
import { countOf, durationOf, namesOf, quoted } from "./words.ts";

const detailsMax = 6;
const adviceMax = 3;
const warningsMax = 2;

/**
 * Why an app runs as it does, and what would help: the one place where these sentences are made, for
 * `/v2/queue`, for deployments and for the command line. The same facts give the same sentences. Rules
 * WHY1–WHY12.
 *
 * Invariant: at most ten lines.
 */
export function explainApp(facts: AppFacts): Explanation {
  const findings = findingsOf(facts);
  const details = distinct(findings.flatMap(({ detail }) => detail ?? []));
  const shown = details.length > detailsMax ? details.slice(0, detailsMax - 1) : details;
  if (shown.length < details.length) {
    shown.push(`And ${String(details.length - shown.length)} more reasons.`);
  }
  return {
    summary: summaryOf(facts),
    reasons: distinct(findings.map(({ reason }) => reason)),
    details: shown,
    advice: distinct(findings.flatMap(({ advice }) => advice ?? [])).slice(0, adviceMax),
  };
}

/** An explanation in running text, without advice: what `why` of the queue shows. */
export function formatExplanation({ summary, details }: Explanation): string {
  return [summary, ...details].join(" ");
}

/** The same beside a deployment: the summary says that there is one, and is left out where there is more. */
export function formatWait({ summary, details }: Explanation): string {
  return details.length === 0 ? summary : details.join(" ");
}

function findingsOf(facts: AppFacts): readonly Finding[] {
  const { id, counts, wanted, toLaunch } = facts;
  const found: Finding[] = [...explainDeployment(facts), ...explainConnection(facts)];
  const canLaunch = facts.noConnection === undefined;
  if (toLaunch > 0 && canLaunch) {
    const backoff = explainBackoff(facts);
    found.push(...(backoff.length > 0 ? backoff : explainPlacement(facts)));
  }
  found.push(...explainSick(facts), ...explainUnreachable(facts), ...explainMoves(facts));
  if (facts.isRemoved === true) return [{ reason: "REMOVED" }, ...found];
  if (wanted === 0) found.push(scaledToZero(facts));
  const isFull = counts.ready >= wanted && wanted > 0;
  if (isFull && facts.deployment === undefined) found.unshift({ reason: "RUNNING" });
  if (found.every(({ reason }) => reason !== "BACKING_OFF") && wanted > 0) {
    found.push(...explainLastFailure(facts));
  }
  const { warnings = [] } = facts;
  const isSettled = isFull || found.length > 0 || wanted === 0;
  for (const detail of warnings.slice(0, warningsMax)) found.push({ reason: "NAMES", detail });
  if (warnings.length > warningsMax) {
    const more = String(warnings.length - warningsMax);
    found.push({
      reason: "NAMES",
      advice: `See ${more} more warnings with ./tutti app show ${id}.`,
    });
  }
  if (!isSettled) {
    found.push({
      reason: "SETTLING",
      detail: "Marathon is about to start the rest; ask again in a moment.",
    });
  }
  return found;
}

function scaledToZero({ id, counts }: AppFacts): Finding {
  const isQuiet = counts.ready + counts.notReady === 0;
  return {
    reason: "SCALED_TO_ZERO",
    ...(isQuiet ? { advice: `Start it with ./tutti app scale ${id} 1.` } : {}),
  };
}

function explainConnection({ noConnection, toLaunch }: AppFacts): readonly Finding[] {
  if (noConnection === undefined) return [];
  const so = toLaunch > 0 ? "; until then nothing can be started" : "; what runs goes on running";
  return [
    {
      reason: "NO_CONNECTION",
      detail: `Marathon has no connection to the master: ${quoted(noConnection)}${so}.`,
      advice: "See ./tutti status.",
    },
  ];
}

function explainDeployment({ id, deployment }: AppFacts): readonly Finding[] {
  if (deployment === undefined) return [];
  const { action, apps } = deployment;
  const others = apps.filter((app) => app !== id);
  if (action !== undefined || others.length === 0) return [{ reason: "DEPLOYING" }];
  return [
    {
      reason: "DEPLOYING",
      detail: `Its turn comes when ${namesOf(others)} ${others.length === 1 ? "is" : "are"} done.`,
    },
  ];
}

function summaryOf(facts: AppFacts): string {
  const { wanted, counts, deployment, isRemoved } = facts;
  const running = counts.ready + counts.notReady;
  if (isRemoved === true) {
    return running === 0
      ? "The app is being removed."
      : `The app is being removed; ${countOf(running, "instance")} still ${running === 1 ? "runs" : "run"}.`;
  }
  const under =
    deployment === undefined
      ? ""
      : `; a deployment is under way (step ${String(deployment.step)} of ${String(deployment.steps)})`;
  if (wanted === 0) {
    return running === 0
      ? `The app is scaled to 0: no instance is wanted${under}.`
      : `The app is scaled to 0; ${countOf(running, "instance")} still ${running === 1 ? "runs" : "run"}${under}.`;
  }
  if (running > wanted) {
    return `${countOf(running, "instance")} run${healthText(facts)}, ${String(wanted)} ${wanted === 1 ? "is" : "are"} wanted${under}.`;
  }
  const since = counts.ready >= wanted && deployment === undefined ? sinceText(facts) : "";
  return `${runningText(facts, running)}${healthText(facts)}${since}${under}.`;
}

function runningText({ wanted, counts }: AppFacts, running: number): string {
  if (wanted === 1)
    return running === 0 ? "Its only instance does not run" : "Its only instance runs";
  if (counts.ready >= wanted) return `All ${String(wanted)} instances run`;
  return `${String(running)} of ${String(wanted)} instances ${running === 1 ? "runs" : "run"}`;
}

function healthText({ check, counts }: AppFacts): string {
  const running = counts.ready + counts.notReady;
  if (check === undefined || running === 0) return "";
  if (running === 1 && counts.notReady === 1) return " but is not healthy";
  if (counts.notReady === 0) return running === 1 ? " and is healthy" : " and are healthy";
  return `, ${String(counts.ready)} of them healthy`;
}

function sinceText({ readySinceMs, nowMs }: AppFacts): string {
  if (readySinceMs === undefined) return "";
  const at = `${formatTimestamp(readySinceMs).slice(0, 19).replace("T", " ")} UTC`;
  return `, since ${at} (${durationOf(nowMs - readySinceMs)})`;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
