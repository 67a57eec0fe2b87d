import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { EventQueue } from "./event-queue.ts";

describe("an event queue", () => {
  it("gives what was planned and not cancelled, by time, first planned first", () => {
    const plan = fc.array(
      fc.record({ atMs: fc.integer({ min: 0, max: 50 }), isCancelled: fc.boolean() }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(plan, (events) => {
        const queue = new EventQueue();
        const happened: number[] = [];
        const cancels = events.map(({ atMs }, index) =>
          queue.add(atMs, () => happened.push(index)),
        );
        for (const [index, { isCancelled }] of events.entries())
          if (isCancelled) cancels[index]?.();
        const wanted = events
          .map((event, index) => ({ ...event, index }))
          .filter(({ isCancelled }) => !isCancelled)
          .sort((one, other) => one.atMs - other.atMs || one.index - other.index);
        expect(queue.nextMs()).toBe(wanted[0]?.atMs);
        for (let fire = queue.take(); fire !== undefined; fire = queue.take()) fire();
        expect(happened).toEqual(wanted.map(({ index }) => index));
      }),
    );
  });

  it("forgets thousands of cancelled timeouts", () => {
    const queue = new EventQueue();
    const happened: string[] = [];
    queue.add(5, () => happened.push("first"));
    for (let count = 0; count < 5_000; count += 1) queue.add(10 + (count % 7), () => undefined)();
    queue.add(9, () => happened.push("second"));
    queue.take()?.();
    queue.take()?.();
    expect(happened).toEqual(["first", "second"]);
    expect(queue.take()).toBeUndefined();
    expect(queue.nextMs()).toBeUndefined();
  });

  it("lets an event that happens cancel itself", () => {
    const queue = new EventQueue();
    const cancel = queue.add(1, () => cancel());
    queue.add(2, () => undefined);
    queue.take()?.();
    expect(queue.nextMs()).toBe(2);
  });
});
