import type { TableVersion } from "@tutti/discovery-v1";
import type { Clock } from "@tutti/ports";
import { DrainBook } from "../core/index.ts";
import type { TaskKey } from "../core/index.ts";
import { limits } from "./limits.ts";

/** Who waits, and how long, until every machine has let go of a task's backends. */
export class Drains {
  readonly book: DrainBook;
  readonly #clock: Clock;
  readonly #waiting = new Set<(drained: boolean) => void>();

  /** `held`: the oldest version that some machine holds; undefined: one is missing. */
  constructor(clock: Clock, held: () => TableVersion | undefined) {
    this.#clock = clock;
    const { drainedMax: tasksMax, drainedWaitersMax: waitersMax } = limits;
    this.book = new DrainBook({ held, tasksMax, waitersMax });
  }

  /** Resolves with true when it is so, or with false after a while; `isBackend` as in the book. */
  drained(key: TaskKey, waitMs: number, isBackend: boolean): Promise<boolean> {
    if (this.book.isDrained(key, isBackend)) return Promise.resolve(true);
    if (waitMs === 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (drained: boolean): void => {
        cancel();
        leave?.();
        this.#waiting.delete(done);
        resolve(drained);
      };
      const cancel = this.#clock.after(Math.min(waitMs, limits.drainedWaitMsMax), () => {
        done(false);
      });
      const leave = this.book.wait(key, isBackend, () => done(true));
      this.#waiting.add(done);
      if (leave === undefined) done(false);
    });
  }

  stop(): void {
    for (const done of this.#waiting) done(false);
  }
}
