import { neverRan, ranOutOfMemory } from "./end-of-task.ts";
import type { AppFacts, SickFacts, UnreachableFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { countOf, durationOf, namesOf, numberOf, quoted } from "./words.ts";

/** A failure that is so recent is told even when everything runs. */
const recentMs = 600_000;

/** Why nothing is launched although something is wanted: the app failed. Rule WHY3. */
export function explainBackoff(facts: AppFacts): readonly Finding[] {
  const { backoff, lastFailure } = facts;
  if (backoff === undefined || facts.toLaunch === 0) return [];
  const { failures } = backoff;
  const failed = lastFailure !== undefined && neverRan(lastFailure) ? "failed" : "ended too soon";
  const often =
    failures === undefined
      ? `Its instances ${failed}`
      : failures === 1
        ? `An instance ${failed}`
        : `Its instances ${failed} ${String(failures)} times in a row`;
  const next = `${often}; the next try is in ${String(Math.max(1, Math.ceil(backoff.leftMs / 1000)))} s.`;
  const last = lastFailure === undefined ? "" : ` ${failureText(facts, lastFailure)}`;
  return [
    {
      reason: "BACKING_OFF",
      detail: next + last,
      ...(lastFailure === undefined ? {} : { advice: failureAdvice(facts, lastFailure) }),
    },
  ];
}

/** A failure of late, where nothing else speaks of it. */
export function explainLastFailure(facts: AppFacts): readonly Finding[] {
  const { lastFailure, nowMs } = facts;
  if (lastFailure === undefined || nowMs - lastFailure.atMs > recentMs) return [];
  return [
    {
      reason: "FAILED_LATELY",
      detail: failureText(facts, lastFailure),
      advice: failureAdvice(facts, lastFailure),
    },
  ];
}

type Failure = NonNullable<AppFacts["lastFailure"]>;

/** A task with TASK_ERROR never ran: master or agent refused what its definition asks for. */
function isRefused(failure: Failure | undefined): boolean {
  return failure?.state === "TASK_ERROR";
}

function failureAdvice({ id, deployment, needs }: AppFacts, failure: Failure): string {
  // A deployment that waits for the app holds it.
  const force = deployment === undefined ? "" : " --force";
  const update = (change: string): string => `./tutti app update ${id} ${change}${force}`;
  if (isRefused(failure)) {
    return `Change in its definition what the message names: ${update("NAME=VALUE")}`;
  }
  if (neverRan(failure)) {
    return `It never ran. Mend what the message names, on ${failure.host} or in its definition: ${update("NAME=VALUE")}`;
  }
  if (ranOutOfMemory(failure)) {
    return `It wanted more memory than its ${numberOf(needs.mem)} MB. Give it more: ${update(`mem=${numberOf(needs.mem * 2)}`)}`;
  }
  return `See what it printed: ${logCommand(failure.taskId)}`;
}

function failureText({ nowMs }: AppFacts, failure: Failure): string {
  const { state, message, host, atMs } = failure;
  const what = quoted(message);
  if (isRefused(failure)) {
    const said = what === "" ? "it did not say why" : what;
    return `The cluster refused to start the last one ${durationOf(nowMs - atMs)} ago on ${host}: ${said}.`;
  }
  const name = state.replace(/^TASK_/, "").toLowerCase();
  return `The last failure was ${durationOf(nowMs - atMs)} ago on ${host}: ${what === "" ? name : `${what} (${name})`}.`;
}

function logCommand(taskId: string): string {
  return `./tutti task log ${taskId} --stderr`;
}

/** Instances that run and are not healthy. Rule WHY9. */
export function explainSick(facts: AppFacts): readonly Finding[] {
  const { notReady } = facts.counts;
  if (notReady === 0) return [];
  const check = facts.check?.text ?? "its health check";
  const worst = facts.sick.toSorted((left, right) => right.failures - left.failures)[0];
  const subject = `${countOf(notReady, "instance")} ${notReady === 1 ? "runs but is" : "run but are"} not healthy`;
  if (worst === undefined || (worst.failures === 0 && worst.cause === undefined)) {
    return [
      {
        reason: "UNHEALTHY",
        detail: `${subject} yet: ${check} has not succeeded so far.`,
        ...(worst === undefined ? {} : { advice: sickAdvice(worst) }),
      },
    ];
  }
  return [
    { reason: "UNHEALTHY", detail: sickText(facts, subject, worst), advice: sickAdvice(worst) },
  ];
}

function sickText({ check }: AppFacts, subject: string, worst: SickFacts): string {
  const often = worst.failures > 1 ? `failed ${String(worst.failures)} times in a row` : "fails";
  const cause = worst.cause === undefined ? "" : `: ${quoted(worst.cause)}`;
  const max = check?.failuresMax ?? 0;
  const then = max > 0 ? ` After ${String(max)} in a row the instance is replaced.` : "";
  return `${subject}: ${check?.text ?? "the health check"} on ${worst.host} ${often}${cause}.${then}`;
}

function sickAdvice({ taskId }: SickFacts): string {
  return `See what it printed: ${logCommand(taskId)}`;
}

/** Instances on machines that cannot be reached. Rule WHY10. */
export function explainUnreachable(facts: AppFacts): readonly Finding[] {
  const { unreachable, replaced } = facts.counts;
  const findings: Finding[] = [];
  if (unreachable > 0) {
    const hosts = [...new Set(facts.unreachable.map(({ host }) => host))];
    const where = hosts.length === 0 ? "a machine" : namesOf(hosts);
    const since = sinceText(facts, facts.unreachable);
    findings.push({
      reason: "UNREACHABLE",
      detail: `${countOf(unreachable, "instance")} ${unreachable === 1 ? "is" : "are"} on ${where}, which cannot be reached${since}; ${replacementText(facts)}.`,
      advice: "See ./tutti node list and ./tutti status.",
    });
  }
  if (replaced > 0) {
    findings.push({
      reason: "UNREACHABLE",
      detail: `${countOf(replaced, "instance")} more on machines that cannot be reached ${replaced === 1 ? "has" : "have"} been replaced.`,
    });
  }
  return findings;
}

function sinceText({ nowMs }: AppFacts, away: readonly UnreachableFacts[]): string {
  const [first] = away;
  if (first?.sinceMs === undefined || away.length > 1) return "";
  return ` for ${durationOf(nowMs - first.sinceMs)}`;
}

/** A start that takes longer has met with something: mostly a machine that does not answer. */
const slowStartMs = 20_000;

function explainStarting({ counts, startingSince = [], nowMs }: AppFacts): Finding {
  const { starting } = counts;
  const detail = `${countOf(starting, "instance")} ${starting === 1 ? "is" : "are"} starting`;
  const slow = startingSince.filter(({ sinceMs }) => nowMs - sinceMs >= slowStartMs);
  const since = Math.min(...slow.map(({ sinceMs }) => sinceMs));
  if (slow.length === 0) return { reason: "STARTING", detail: `${detail}.` };
  const hosts = [...new Set(slow.map(({ host }) => host))];
  const said = `${namesOf(hosts)} ${hosts.length === 1 ? "has" : "have"} not said yet`;
  return {
    reason: "STARTING",
    detail: `${detail}, for ${durationOf(nowMs - since)} already: ${said} that ${slow.length === 1 ? "it runs" : "they run"}.`,
    advice: "See ./tutti node list and ./tutti status.",
  };
}

function replacementText({ counts, replacedAfterSeconds: after }: AppFacts): string {
  const it = counts.unreachable === 1 ? "it is" : "they are";
  if (after === undefined) return `${it} not replaced, as the app asks`;
  if (after === 0) return `${it} replaced at once`;
  return `${it} replaced after ${durationOf(after * 1000)}`;
}

/** Instances that come, go, or are to be replaced. */
export function explainMoves(facts: AppFacts): readonly Finding[] {
  const { counts, outdated, deployment } = facts;
  const { starting, stopping } = counts;
  const findings: Finding[] = [];
  if (starting > 0) findings.push(explainStarting(facts));
  if (stopping > 0) {
    const verb = stopping === 1 ? "is" : "are";
    findings.push({
      reason: "STOPPING",
      detail: `${countOf(stopping, "instance")} ${verb} being stopped.`,
    });
  }
  if (outdated > 0 && deployment !== undefined) {
    const verb = outdated === 1 ? "is" : "are";
    findings.push({
      reason: "OUTDATED",
      detail: `${countOf(outdated, "instance")} of the old version ${verb} still to be replaced.`,
    });
  }
  return findings;
}
