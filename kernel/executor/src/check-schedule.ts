import type { CheckPolicy } from "./policy.ts";
import type { CheckPurpose, ExecutorAction } from "./types.ts";

/**
 * When the next check of one kind is due.
 *
 * Invariant: at most one check is under way; while it is, no next one is due.
 */
export class CheckSchedule {
  readonly #purpose: CheckPurpose;
  readonly #policy: CheckPolicy;
  #nextAtMonoMs: number | undefined;
  #attempt = 0;
  #underWay = false;

  constructor(purpose: CheckPurpose, policy: CheckPolicy) {
    this.#purpose = purpose;
    this.#policy = policy;
  }

  get nextAtMonoMs(): number | undefined {
    return this.#nextAtMonoMs;
  }

  arm(atMonoMs: number): void {
    this.#nextAtMonoMs = atMonoMs;
    this.#underWay = false;
  }

  /** No check is made any more; the result of one under way is not wanted. */
  disarm(): void {
    this.#nextAtMonoMs = undefined;
    this.#underWay = false;
  }

  /** The order for a check that is due. */
  takeDue(monoMs: number): ExecutorAction | undefined {
    if (this.#nextAtMonoMs === undefined || this.#nextAtMonoMs > monoMs) return undefined;
    this.#nextAtMonoMs = undefined;
    this.#attempt += 1;
    this.#underWay = true;
    return {
      type: "runCheck",
      purpose: this.#purpose,
      attempt: this.#attempt,
      probe: this.#policy.probe,
      timeoutMs: this.#policy.timeoutMs,
    };
  }

  /** The result of `attempt` has come: plans the next. False when it is not the one waited for. */
  finish(attempt: number, monoMs: number): boolean {
    if (!this.#underWay || attempt !== this.#attempt) return false;
    this.#underWay = false;
    this.#nextAtMonoMs = monoMs + this.#policy.intervalMs;
    return true;
  }
}
