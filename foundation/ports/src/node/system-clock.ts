import type { Clock } from "../clock.ts";

/** The longest delay that a Node timer takes; longer ones would fire at once. */
const TIMER_DELAY_MS_MAX = 2 ** 31 - 1;

/** How the clock's timers relate to the life of the process. */
interface SystemClockOptions {
  /** Whether the process may end although timers are armed. Default false. */
  readonly unref?: boolean;
}

/**
 * The clocks of this machine. Timers never fire early, although Node's own may by a fraction of a
 * millisecond, and take delays of any length.
 */
export function createSystemClock(options: SystemClockOptions = {}): Clock {
  return {
    monoMs: () => performance.now(),
    wallMs: () => Date.now(),
    after(delayMs, fire) {
      const dueMonoMs = performance.now() + delayMs;
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const remainingMs = Math.max(0, Math.ceil(dueMonoMs - performance.now()));
        timer = setTimeout(check, Math.min(remainingMs, TIMER_DELAY_MS_MAX));
        if (options.unref === true) timer.unref();
      };
      const check = (): void => {
        if (performance.now() < dueMonoMs) arm();
        else fire();
      };
      arm();
      return () => clearTimeout(timer);
    },
  };
}

/** The clocks of this machine, with timers that keep the process alive. */
export const systemClock: Clock = createSystemClock();
