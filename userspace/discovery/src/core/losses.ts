import type { HeldWithdrawal } from "@tutti/discovery-v1";
import { limits } from "./limits.ts";
import type { TaskKey } from "./task-keys.ts";

/** How much a task is. */
interface Weight {
  readonly backends: number;
  readonly tasks: number;
}

interface Doubt extends Weight {
  readonly reason: string;
}

interface Now {
  readonly monoMs: number;
  readonly wallMs: number;
}

/**
 * Tasks that a master says are lost. They stay until it is clear how many there are: a few are withdrawn, more
 * than a fifth of all are held.
 */
export class Losses {
  readonly #doubts = new Map<TaskKey, Doubt>();
  #weight: Weight = { backends: 0, tasks: 0 };
  #settleAtMonoMs: number | undefined;
  #heldSince: Now | undefined;
  /** What was withdrawn lately. */
  #recent: (Weight & { readonly monoMs: number })[] = [];

  has(key: TaskKey): boolean {
    return this.#doubts.has(key);
  }

  get keys(): readonly TaskKey[] {
    return [...this.#doubts.keys()];
  }

  get isHeld(): boolean {
    return this.#heldSince !== undefined;
  }

  /** Whether what is held is old enough for a snapshot to confirm it. */
  canConfirm(nowMonoMs: number): boolean {
    return nowMonoMs >= this.confirmAtMonoMs;
  }

  get confirmAtMonoMs(): number {
    return (this.#heldSince?.monoMs ?? Infinity) + limits.heldConfirmMs;
  }

  get settleAtMonoMs(): number | undefined {
    return this.isHeld ? undefined : this.#settleAtMonoMs;
  }

  add(key: TaskKey, doubt: Doubt, nowMonoMs: number): void {
    if (this.#doubts.has(key)) return;
    this.#doubts.set(key, doubt);
    this.#weight = plus(this.#weight, doubt, 1);
    this.#settleAtMonoMs ??= nowMonoMs + limits.lossSettleMs;
  }

  /** It is alive, or has ended in a way that is believed. */
  delete(key: TaskKey): void {
    if (this.#doubts.size === 0) return;
    const doubt = this.#doubts.get(key);
    if (doubt === undefined) return;
    this.#doubts.delete(key);
    this.#weight = plus(this.#weight, doubt, -1);
    if (this.#doubts.size > 0) return;
    this.#settleAtMonoMs = undefined;
    this.#heldSince = undefined;
  }

  /** Notes that a loss was withdrawn. */
  withdrawn(key: TaskKey, nowMonoMs: number): void {
    const doubt = this.#doubts.get(key);
    if (doubt === undefined) return;
    const { backends, tasks } = doubt;
    this.#recent.push({ backends, tasks, monoMs: nowMonoMs });
    this.delete(key);
  }

  /** Which tasks are to be withdrawn now: all that are doubted, or none. `all` counts those too. */
  settle(all: Weight, now: Now): readonly TaskKey[] {
    if (this.#doubts.size === 0) return [];
    if (!this.isHeld && now.monoMs < (this.#settleAtMonoMs ?? 0)) return [];
    this.#recent = this.#recent.filter(({ monoMs }) => monoMs > now.monoMs - limits.lossWindowMs);
    const recent = this.#recent.reduce<Weight>((sum, one) => plus(sum, one, 1), {
      backends: 0,
      tasks: 0,
    });
    const lost = plus(this.#weight, recent, 1);
    if (isTooMuch(lost, plus(all, recent, 1))) {
      this.#heldSince ??= now;
      return [];
    }
    return this.keys;
  }

  /** An operator, or a master that says it again, is believed: it does not count against what comes later. */
  forgetRecent(): void {
    this.#recent = [];
  }

  held(all: Weight): HeldWithdrawal | undefined {
    if (this.#heldSince === undefined) return undefined;
    const reasons = new Set([...this.#doubts.values()].map(({ reason }) => reason));
    return {
      backends: this.#weight.backends,
      ofBackends: all.backends,
      tasks: this.#weight.tasks,
      ofTasks: all.tasks,
      sinceWallMs: this.#heldSince.wallMs,
      reason: [...reasons].join("; "),
    };
  }
}

function isTooMuch(lost: Weight, all: Weight): boolean {
  return (["backends", "tasks"] as const).some(
    (kind) => lost[kind] >= limits.heldCountMin && lost[kind] * limits.heldPart > all[kind],
  );
}

function plus(left: Weight, right: Weight, sign: 1 | -1): Weight {
  return {
    backends: left.backends + sign * right.backends,
    tasks: left.tasks + sign * right.tasks,
  };
}
