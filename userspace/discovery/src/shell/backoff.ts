import type { Clock, Random } from "@tutti/ports";
import { limits } from "./limits.ts";

/** Pauses between attempts: each twice the one before, up to a bound, with chance in it. */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: Random;
  #failures = 0;
  #wake: (() => void) | undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  reset(): void {
    this.#failures = 0;
  }

  async pause(): Promise<void> {
    const grown = limits.backoffMsMin * 2 ** Math.min(this.#failures, 20);
    const delayMs = Math.min(grown, limits.backoffMsMax) * (0.5 + this.#random.next() / 2);
    this.#failures += 1;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Ends a pause at once. */
  stop(): void {
    this.#wake?.();
  }
}
