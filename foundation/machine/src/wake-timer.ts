import type { Clock } from "@tutti/ports";

/** What a wake timer tells its loop. */
interface WakeListener {
  /** The deadline is due: hand the wake event in. */
  due(): void;
  /** The deadline was passed by more than the stall bound before anybody looked. */
  stalled(stalledMs: number): void;
}

/**
 * The one wake-up of a loop.
 *
 * Invariant: at most one timer of the clock is armed. A deadline that moves later keeps its timer,
 * which then re-arms itself; so a machine that moves its deadline with each step costs no timers.
 */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #listener: WakeListener;
  #wakeAtMonoMs: number | undefined;
  #timerAtMonoMs = 0;
  #cancelTimer: (() => void) | undefined;
  #stallTold = false;

  constructor(clock: Clock, stallMs: number, listener: WakeListener) {
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#listener = listener;
  }

  /** Replaces the deadline; undefined wants no wake-up. */
  set(wakeAtMonoMs: number | undefined): void {
    if (wakeAtMonoMs === this.#wakeAtMonoMs) return;
    this.#wakeAtMonoMs = wakeAtMonoMs;
    if (wakeAtMonoMs === undefined || wakeAtMonoMs > this.#clock.monoMs()) this.#stallTold = false;
    if (wakeAtMonoMs === undefined) this.#disarm();
    else if (this.#cancelTimer === undefined || wakeAtMonoMs < this.#timerAtMonoMs)
      this.#arm(wakeAtMonoMs);
  }

  cancel(): void {
    this.#wakeAtMonoMs = undefined;
    this.#disarm();
  }

  /** Tells of a stall when the deadline lies too far back; once until it is met or moved ahead. */
  checkStall(): void {
    if (this.#wakeAtMonoMs === undefined || this.#stallTold) return;
    const lateMs = this.#clock.monoMs() - this.#wakeAtMonoMs;
    if (lateMs <= this.#stallMs) return;
    this.#stallTold = true;
    this.#listener.stalled(lateMs);
  }

  #arm(atMonoMs: number): void {
    this.#disarm();
    this.#timerAtMonoMs = atMonoMs;
    const delayMs = Math.max(0, atMonoMs - this.#clock.monoMs());
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#fired());
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #fired(): void {
    this.#cancelTimer = undefined;
    const wakeAtMonoMs = this.#wakeAtMonoMs;
    if (wakeAtMonoMs === undefined) return;
    if (this.#clock.monoMs() < wakeAtMonoMs) {
      this.#arm(wakeAtMonoMs);
      return;
    }
    const toldBefore = this.#stallTold;
    this.checkStall();
    if (this.#wakeAtMonoMs === undefined) return;
    if (this.#stallTold && !toldBefore) {
      this.#arm(wakeAtMonoMs);
      return;
    }
    this.#stallTold = false;
    this.#wakeAtMonoMs = undefined;
    this.#listener.due();
  }
}
