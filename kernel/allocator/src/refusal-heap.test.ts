import fc from "fast-check";
import { expect, it } from "vitest";
import { type RefusalEntry, RefusalHeap } from "./refusal-heap.ts";

function entryOf(deadlineMs: number, refused: number): RefusalEntry {
  return {
    deadlineMs,
    refused,
    refusedLife: refused + 1,
    client: refused + 2,
    clientLife: refused + 3,
  };
}

it("[ALC20] the heap answers as a sorted list does, also after some entries were dropped", () => {
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.record({ push: fc.nat(50) }) },
    { weight: 2, arbitrary: fc.constant("pop" as const) },
    { weight: 1, arbitrary: fc.record({ keepModulo: fc.integer({ min: 2, max: 4 }) }) },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200, size: "max" }), (operations) => {
      const heap = new RefusalHeap();
      let model: RefusalEntry[] = [];
      let count = 0;
      for (const step of operations) {
        if (step === "pop") {
          if (model.length === 0) continue;
          const entry = heap.pop();
          expect(entry.deadlineMs).toBe(Math.min(...model.map((each) => each.deadlineMs)));
          expect(model).toContainEqual(entry);
          model = model.filter((each) => each.refused !== entry.refused);
        } else if ("push" in step) {
          const entry = entryOf(step.push, count++);
          heap.push(entry);
          model.push(entry);
        } else {
          const keeps = (entry: RefusalEntry) => entry.refused % step.keepModulo !== 0;
          heap.retain(keeps);
          model = model.filter(keeps);
        }
        expect(heap.size).toBe(model.length);
        expect(heap.nextDeadlineMs).toBe(
          model.length === 0 ? undefined : Math.min(...model.map((each) => each.deadlineMs)),
        );
      }
    }),
  );
});
