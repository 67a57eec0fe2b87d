import { healthLabels } from "@tutti/mesos-v1";
import { assert, present } from "@tutti/base";
import {
  checkStatusOf,
  describeSickness,
  emptyCheckStatus,
  sameCheckStatus,
} from "./check-status.ts";
import { CheckSchedule } from "./check-schedule.ts";
import type { Drain } from "./drain.ts";
import { describeExit } from "./exit-status.ts";
import type { TaskPolicy } from "./policy.ts";
import { signals } from "./signal-names.ts";
import type {
  CheckPurpose,
  CommandExit,
  ExecutorAction,
  ExecutorClock,
  ExecutorState,
  HealthState,
  KillCause,
  Outcome,
  ProbeResult,
  StatusDraft,
} from "./types.ts";

const nothing: Outcome = { updates: [], actions: [], changed: false };

/**
 * How one command task lives and dies: a state machine without input or output, driven by the agent.
 *
 * Invariant: at most one terminal update, and nothing after it. `state` changes only in a method that
 * returns `changed: true`. With a `state` read back from the disk and `resume` (or the method for what
 * happened meanwhile) it goes on where it was.
 */
export class CommandExecutor {
  readonly #policy: TaskPolicy;
  #state: ExecutorState;
  /** When SIGTERM, which is held, is due; before it, nothing else of a kill is. */
  #releaseAtMonoMs: number | undefined;
  #killAtMonoMs: number | undefined;
  #completeAtMonoMs: number | undefined;
  /** Failures of the health check count from here on; before, only after a first success. */
  #graceOverAtMonoMs = 0;
  readonly #health: CheckSchedule | undefined;
  readonly #check: CheckSchedule | undefined;

  constructor(policy: TaskPolicy, state: ExecutorState = { phase: "starting", killed: false }) {
    this.#policy = policy;
    this.#state = state;
    this.#health =
      policy.health === undefined ? undefined : new CheckSchedule("health", policy.health);
    this.#check = policy.check === undefined ? undefined : new CheckSchedule("check", policy.check);
  }

  get state(): ExecutorState {
    return this.#state;
  }

  /** The earliest moment at which `wake` has something to do. */
  get wakeAtMonoMs(): number | undefined {
    let earliest = Infinity;
    for (const at of [
      this.#releaseAtMonoMs,
      this.#killAtMonoMs,
      this.#completeAtMonoMs,
      this.#health?.nextAtMonoMs,
      this.#check?.nextAtMonoMs,
    ]) {
      if (at !== undefined && at < earliest) earliest = at;
    }
    return earliest === Infinity ? undefined : earliest;
  }

  /** The launch is about to become durable: TASK_STARTING. Rule EXE2. */
  begin(): Outcome {
    assert(this.#state.phase === "starting", "a task begins once");
    return { updates: [this.#draft("TASK_STARTING")], actions: [], changed: true };
  }

  /** The command runs: TASK_RUNNING, or its end when it was killed meanwhile. Rules EXE2, EXE6. */
  launched(clock: ExecutorClock): Outcome {
    if (this.#state.phase !== "starting") return nothing;
    if (this.#state.killed) return { updates: [], actions: [{ type: "destroy" }], changed: false };
    this.#state = {
      phase: "running",
      sinceWallMs: clock.wallMs,
      health: { everHealthy: false, consecutiveFailures: 0 },
    };
    this.#arm(clock, 0);
    return { updates: [this.#draft("TASK_RUNNING")], actions: [], changed: true };
  }

  /** The command could not be started; `message` names the step and the cause. Rule EXE3. */
  launchFailed(message: string): Outcome {
    if (this.#state.phase !== "starting") return nothing;
    if (this.#state.killed)
      return this.#end(describeExit({ oomKilled: false }, this.#state, this.#policy));
    return this.#end({
      state: "TASK_FAILED",
      message: `Failed to launch container: ${message}`,
      reason: "REASON_CONTAINER_LAUNCH_FAILED",
      source: "SOURCE_AGENT",
    });
  }

  /** The command ended. Rules EXE4 to EXE8. */
  exited(exit: CommandExit): Outcome {
    if (this.#state.phase === "ended") return nothing;
    const running =
      this.#state.phase === "starting" && !this.#state.killed ? [this.#draft("TASK_RUNNING")] : [];
    return this.#end(this.#withCheckStatus(describeExit(exit, this.#state, this.#policy)), running);
  }

  /** The task cannot be alive any more; `draft` is the terminal update that says why. Rule EXE9. */
  lost(draft: StatusDraft): Outcome {
    return this.#state.phase === "ended" ? nothing : this.#end(draft);
  }

  /**
   * Ends the task; `graceMs` replaces that of its kill policy and never prolongs. SIGTERM to a task that serves
   * behind a virtual IP is held for a while. Rules EXE5, EXE6, EXE17.
   */
  kill(clock: ExecutorClock, graceMs: number = this.#policy.killGraceMs): Outcome {
    switch (this.#state.phase) {
      case "starting": {
        const changed = !this.#state.killed;
        this.#state = { phase: "starting", killed: true };
        return { updates: [], actions: [{ type: "destroy" }], changed };
      }
      case "running":
        return this.#drains(this.#state.health)
          ? this.#beginHold(graceMs, clock)
          : this.#beginKill("requested", graceMs, clock);
      case "killing":
        return this.#shortenGrace(graceMs, clock);
      case "ended":
        return nothing;
    }
  }

  /** As `kill`, with the grace of the kill policy or `graceMsMax`, whichever is shorter. Rule EXE21. */
  killWithin(clock: ExecutorClock, graceMsMax = Infinity): Outcome {
    return this.kill(clock, Math.min(this.#policy.killGraceMs, graceMsMax));
  }

  /** How SIGTERM is still held, `drainMs` being what is left; undefined when it is not. */
  heldFor(clock: ExecutorClock): Drain | undefined {
    if (this.#releaseAtMonoMs === undefined) return undefined;
    const drainMs = Math.max(0, this.#releaseAtMonoMs - clock.monoMs);
    return { ...this.#policy.drain, drainMs };
  }

  /** Nobody is led to the task any more: a hold in progress ends. Rule EXE20. */
  drained(clock: ExecutorClock): Outcome {
    return this.#releaseAtMonoMs === undefined ? nothing : this.#release(clock);
  }

  /** Ends the task of a framework that is gone: as `kill`, but nothing is held. Rules AGT12, EXE18. */
  shutDown(clock: ExecutorClock): Outcome {
    if (this.#state.phase === "running")
      return this.#beginKill("requested", this.#policy.killGraceMs, clock);
    return this.#releaseAtMonoMs === undefined ? this.kill(clock) : this.#release(clock);
  }

  /** Does what is due. */
  wake(clock: ExecutorClock): Outcome {
    if (this.#releaseAtMonoMs !== undefined && this.#releaseAtMonoMs <= clock.monoMs)
      return this.#release(clock);
    if (this.#killAtMonoMs !== undefined && this.#killAtMonoMs <= clock.monoMs) {
      this.#killAtMonoMs = undefined;
      return { updates: [], actions: [{ type: "destroy" }], changed: false };
    }
    if (this.#completeAtMonoMs !== undefined && this.#completeAtMonoMs <= clock.monoMs) {
      return this.#beginKill("maxCompletionTime", 0, clock);
    }
    const actions: ExecutorAction[] = [];
    for (const schedule of [this.#health, this.#check]) {
      const action = schedule?.takeDue(clock.monoMs);
      if (action !== undefined) actions.push(action);
    }
    return actions.length === 0 ? nothing : { updates: [], actions, changed: false };
  }

  /** The result of a check ordered with `runCheck`. Rules EXE10 to EXE14. */
  checkResult(
    purpose: CheckPurpose,
    attempt: number,
    result: ProbeResult,
    clock: ExecutorClock,
  ): Outcome {
    const schedule = purpose === "health" ? this.#health : this.#check;
    if (this.#state.phase !== "running" || schedule === undefined) return nothing;
    if (!schedule.finish(attempt, clock.monoMs) || result.type === "skipped") return nothing;
    return purpose === "health" ? this.#healthResult(result, clock) : this.#checked(result);
  }

  /** After a restart of the agent the command was found running. Rule EXE15. */
  resume(clock: ExecutorClock): Outcome {
    switch (this.#state.phase) {
      case "starting":
        return this.launched(clock);
      case "running":
        this.#arm(clock, elapsedMs(this.#state.sinceWallMs, clock));
        return nothing;
      case "killing": {
        if (this.#state.heldMs !== undefined) return this.#resumeHold(clock);
        const leftMs = this.#state.graceMs - elapsedMs(this.#state.sinceWallMs, clock);
        this.#killAtMonoMs = clock.monoMs + Math.max(0, leftMs);
        return { updates: [], actions: [terminate], changed: false };
      }
      case "ended":
        return nothing;
    }
  }

  /** Sets the timers of a task that has been running for `runMs`. */
  #arm(clock: ExecutorClock, runMs: number): void {
    const { completionMsMax, health, check } = this.#policy;
    const from = clock.monoMs - runMs;
    if (completionMsMax !== undefined) {
      this.#completeAtMonoMs = Math.max(clock.monoMs, from + completionMsMax);
    }
    if (health !== undefined) {
      this.#graceOverAtMonoMs = from + health.gracePeriodMs;
      this.#health?.arm(Math.max(clock.monoMs, from + health.delayMs));
    }
    if (check !== undefined) this.#check?.arm(Math.max(clock.monoMs, from + check.delayMs));
  }

  /** Whether somebody may be served by the task and learns of TASK_KILLING before it ends. */
  #drains({ healthy }: HealthState): boolean {
    const { drain, killingState, health } = this.#policy;
    return drain !== undefined && killingState && (health === undefined || healthy === true);
  }

  #beginHold(graceMs: number, clock: ExecutorClock): Outcome {
    const heldMs = present(this.#policy.drain?.drainMs, "how long a task that drains is held");
    this.#disarm();
    const sinceWallMs = clock.wallMs;
    this.#state = { phase: "killing", cause: "requested", sinceWallMs, graceMs, heldMs };
    this.#releaseAtMonoMs = clock.monoMs + heldMs;
    return { updates: [this.#draft("TASK_KILLING")], actions: [], changed: true };
  }

  /** What is left of a hold counts from its beginning by the wall clock, and never exceeds the whole. */
  #resumeHold(clock: ExecutorClock): Outcome {
    assert(this.#state.phase === "killing", "only a kill is held");
    const leftMs = (this.#state.heldMs ?? 0) - elapsedMs(this.#state.sinceWallMs, clock);
    this.#releaseAtMonoMs = clock.monoMs + Math.max(0, leftMs);
    return nothing;
  }

  /** The hold is over: SIGTERM, and from here on the whole grace. */
  #release(clock: ExecutorClock): Outcome {
    assert(this.#state.phase === "killing", "only a kill is held");
    const { cause, graceMs } = this.#state;
    this.#releaseAtMonoMs = undefined;
    this.#state = { phase: "killing", cause, sinceWallMs: clock.wallMs, graceMs };
    this.#killAtMonoMs = clock.monoMs + graceMs;
    return { updates: [], actions: [terminate], changed: true };
  }

  #beginKill(cause: KillCause, graceMs: number, clock: ExecutorClock): Outcome {
    this.#disarm();
    this.#state = { phase: "killing", cause, sinceWallMs: clock.wallMs, graceMs };
    this.#killAtMonoMs = clock.monoMs + graceMs;
    const killing = this.#policy.killingState && cause !== "maxCompletionTime";
    const updates = killing ? [this.#draft("TASK_KILLING")] : [];
    return { updates, actions: [terminate], changed: true };
  }

  /** A second kill may only hasten the first. */
  #shortenGrace(graceMs: number, clock: ExecutorClock): Outcome {
    assert(this.#state.phase === "killing", "only a kill in progress is hastened");
    if (graceMs >= this.#state.graceMs) return nothing;
    if (this.#releaseAtMonoMs !== undefined) {
      this.#state = { ...this.#state, graceMs };
      return { updates: [], actions: [], changed: true };
    }
    if (this.#killAtMonoMs === undefined) return nothing;
    const leftMs = Math.max(0, graceMs - elapsedMs(this.#state.sinceWallMs, clock));
    this.#killAtMonoMs = Math.min(this.#killAtMonoMs, clock.monoMs + leftMs);
    this.#state = { ...this.#state, graceMs };
    return { updates: [], actions: [], changed: true };
  }

  #healthResult(result: ProbeResult, clock: ExecutorClock): Outcome {
    const { health } = this.#policy;
    assert(
      this.#state.phase === "running" && health !== undefined,
      "a health check of a running task",
    );
    const before = this.#state.health;
    const sickness = describeSickness(health.probe, result);
    if (sickness === undefined) {
      if (before.healthy === true && before.consecutiveFailures === 0) return nothing;
      this.#state = {
        ...this.#state,
        health: { everHealthy: true, healthy: true, consecutiveFailures: 0 },
      };
      return { updates: [this.#healthDraft({})], actions: [], changed: true };
    }
    const inGrace = !before.everHealthy && health.gracePeriodMs > 0;
    if (inGrace && clock.monoMs <= this.#graceOverAtMonoMs) return nothing;
    const consecutiveFailures = before.consecutiveFailures + 1;
    this.#state = {
      ...this.#state,
      health: { everHealthy: before.everHealthy, healthy: false, consecutiveFailures },
    };
    const update = this.#healthDraft({
      message: sickness,
      ...(health.reportOnly ? { labels: failuresLabels(consecutiveFailures) } : {}),
    });
    if (health.reportOnly || consecutiveFailures < health.consecutiveFailures) {
      return { updates: [update], actions: [], changed: true };
    }
    const kill = this.#beginKill("health", this.#policy.killGraceMs, clock);
    return { ...kill, updates: [update, ...kill.updates] };
  }

  #checked(result: ProbeResult): Outcome {
    const { check } = this.#policy;
    assert(this.#state.phase === "running" && check !== undefined, "a check of a running task");
    const checkStatus = checkStatusOf(check, result);
    const before = this.#state.checkStatus ?? emptyCheckStatus(check);
    if (sameCheckStatus(before, checkStatus)) return nothing;
    this.#state = { ...this.#state, checkStatus };
    const update = this.#runningDraft("REASON_TASK_CHECK_STATUS_UPDATED", {});
    return { updates: [update], actions: [], changed: true };
  }

  #healthDraft(extra: Pick<StatusDraft, "message" | "labels">): StatusDraft {
    return this.#runningDraft("REASON_TASK_HEALTH_CHECK_STATUS_UPDATED", extra);
  }

  /** TASK_RUNNING again, with all that is known of the task's checks. */
  #runningDraft(
    reason: NonNullable<StatusDraft["reason"]>,
    extra: Pick<StatusDraft, "message" | "labels">,
  ): StatusDraft {
    assert(this.#state.phase === "running", "only a running task is checked");
    const { health, checkStatus } = this.#state;
    return {
      ...this.#draft("TASK_RUNNING"),
      reason,
      ...extra,
      ...(health.healthy === undefined ? {} : { healthy: health.healthy }),
      ...(checkStatus === undefined ? {} : { check_status: checkStatus }),
    };
  }

  #draft(state: StatusDraft["state"]): StatusDraft {
    return this.#withCheckStatus({ state, source: "SOURCE_EXECUTOR" });
  }

  #withCheckStatus(draft: StatusDraft): StatusDraft {
    const { check } = this.#policy;
    return check === undefined ? draft : { ...draft, check_status: emptyCheckStatus(check) };
  }

  #end(draft: StatusDraft, before: readonly StatusDraft[] = []): Outcome {
    this.#disarm();
    this.#state = { phase: "ended" };
    return { updates: [...before, draft], actions: [], changed: true };
  }

  #disarm(): void {
    this.#releaseAtMonoMs = undefined;
    this.#killAtMonoMs = undefined;
    this.#completeAtMonoMs = undefined;
    this.#health?.disarm();
    this.#check?.disarm();
  }
}

const terminate: ExecutorAction = { type: "signal", signal: signals.terminate };

/** Wall-clock time since `sinceWallMs`, at least 0: that clock may have been set back. */
function elapsedMs(sinceWallMs: number, clock: ExecutorClock): number {
  return Math.max(0, clock.wallMs - sinceWallMs);
}

function failuresLabels(count: number): NonNullable<StatusDraft["labels"]> {
  return { labels: [{ key: healthLabels.consecutiveFailures, value: String(count) }] };
}
