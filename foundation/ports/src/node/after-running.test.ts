import { expect, it } from "vitest";
import { afterRunning } from "./after-running.ts";

/** A clock whose timers fire when the test says so. */
class HandClock {
  nowMs = 0;
  #timer: { readonly dueMs: number; readonly fire: () => void } | undefined;

  monoMs(): number {
    return this.nowMs;
  }

  after(delayMs: number, fire: () => void): () => void {
    this.#timer = { dueMs: this.nowMs + delayMs, fire };
    return () => void (this.#timer = undefined);
  }

  /** The process runs: every timer fires when it is due. */
  run(untilMs: number): void {
    for (let due = this.#timer; due !== undefined && due.dueMs <= untilMs; due = this.#timer) {
      this.nowMs = due.dueMs;
      this.#timer = undefined;
      due.fire();
    }
    this.nowMs = untilMs;
  }

  /** It stands still, and timers are the first that it looks at afterwards. */
  stop(forMs: number): void {
    this.nowMs += forMs;
    const due = this.#timer;
    this.#timer = undefined;
    due?.fire();
  }
}

it("[MCH13] a deadline is acted on when its time is over, and not when it was cancelled", () => {
  const clock = new HandClock();
  const fired: number[] = [];
  afterRunning(1100, () => fired.push(clock.nowMs), clock);
  clock.run(5000);
  expect(fired).toEqual([1100]);
  const cancel = afterRunning(1100, () => fired.push(clock.nowMs), clock);
  clock.run(5900);
  cancel();
  clock.run(9000);
  expect(fired).toEqual([1100]);
});

it("[MCH13] time in which the process stood still does not count, and after it a second is left", () => {
  const clock = new HandClock();
  const fired: number[] = [];
  afterRunning(10_000, () => fired.push(clock.nowMs), clock);
  clock.run(4000);
  clock.stop(20_000);
  clock.run(40_000);
  expect(fired).toEqual([30_000]);
  afterRunning(500, () => fired.push(clock.nowMs), clock);
  clock.run(40_400);
  clock.stop(60_000);
  clock.run(110_000);
  expect(fired).toEqual([30_000, 101_400]);
});

it("[MCH13] of a process that always stands still it is acted on in the end", () => {
  const clock = new HandClock();
  let isFired = false;
  afterRunning(2000, () => (isFired = true), clock);
  for (let stop = 0; stop < 8; stop += 1) clock.stop(1500);
  expect(isFired).toBe(false);
  clock.stop(1500);
  expect(isFired).toBe(true);
});
