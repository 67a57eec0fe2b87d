import type { Clock } from "../clock.ts";

/** The longest delay that a Node timer takes; longer ones would fire at once. */
const TIMER_DELAY_MS_MAX = 2 ** 31 - 1;

/**
 * The clocks of this machine. Timers never fire early, although Node's own may by a fraction of a
 * millisecond, take delays of any length, and keep the process alive.
 */
export const systemClock: Clock = {
  monoMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, fire) {
    const dueMonoMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const remainingMs = Math.max(0, Math.ceil(dueMonoMs - performance.now()));
      timer = setTimeout(check, Math.min(remainingMs, TIMER_DELAY_MS_MAX));
    };
    const check = (): void => {
      if (performance.now() < dueMonoMs) arm();
      else fire();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
