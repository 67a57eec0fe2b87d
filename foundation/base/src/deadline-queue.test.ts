import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedMap, createCancellation, DeadlineQueue } from "./index.ts";

test("a deadline queue answers as a sorted list does, under any arming, re-arming and cancelling", () => {
  const operation = fc.oneof(
    fc.record({ type: fc.constant("set" as const), id: fc.nat(12), deadlineMs: fc.nat(20) }),
    fc.record({ type: fc.constant("delete" as const), id: fc.nat(12) }),
    fc.record({ type: fc.constant("takeDue" as const), nowMs: fc.nat(20) }),
    fc.constant({ type: "takeFirst" as const }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
      const queue = new DeadlineQueue<number>();
      let model: { id: number; deadlineMs: number; order: number }[] = [];
      let order = 0;
      for (const step of operations) {
        if (step.type === "set") {
          order += 1;
          queue.set(step.id, step.deadlineMs);
          model = model.filter((entry) => entry.id !== step.id);
          model.push({ id: step.id, deadlineMs: step.deadlineMs, order });
          model.sort((a, b) => a.deadlineMs - b.deadlineMs || a.order - b.order);
        } else if (step.type === "delete") {
          expect(queue.delete(step.id)).toBe(model.some((entry) => entry.id === step.id));
          model = model.filter((entry) => entry.id !== step.id);
        } else if (step.type === "takeFirst") {
          expect(queue.takeFirst()).toBe(model.shift()?.id);
        } else {
          const due = model
            .filter((entry) => entry.deadlineMs <= step.nowMs)
            .map((entry) => entry.id);
          expect(queue.takeDue(step.nowMs)).toEqual(due);
          model = model.filter((entry) => entry.deadlineMs > step.nowMs);
        }
        expect(queue.next()).toBe(model[0]?.deadlineMs);
        expect(queue.size).toBe(model.length);
        for (const entry of model) expect(queue.deadlineOf(entry.id)).toBe(entry.deadlineMs);
      }
    }),
  );
});

test("a bounded map keeps the newest keys in order of insertion and returns what it drops", () => {
  const map = new BoundedMap<string, number>(2);
  expect(map.set("a", 1)).toBeUndefined();
  expect(map.set("b", 2)).toBeUndefined();
  expect(map.set("a", 3)).toBeUndefined();
  expect(map.set("c", 4)).toEqual(["b", 2]);
  expect([...map.entries()]).toEqual([
    ["a", 3],
    ["c", 4],
  ]);
  expect(new BoundedMap<string, number>(0).set("x", 1)).toEqual(["x", 1]);
});

test("a cancellation tells each listener once, in order, and none that was removed", () => {
  const source = createCancellation();
  const told: string[] = [];
  const removed = () => told.push("removed");
  source.cancellation.addEventListener("abort", () => told.push("first"));
  source.cancellation.addEventListener("abort", removed);
  source.cancellation.addEventListener("abort", () => told.push("second"), { once: true });
  source.cancellation.removeEventListener("abort", removed);
  expect(source.cancellation.aborted).toBe(false);
  source.cancel();
  source.cancel();
  expect(source.cancellation.aborted).toBe(true);
  expect(told).toEqual(["first", "second"]);
});
