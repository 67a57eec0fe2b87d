import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignSlots, slotCountOf } from "./slots.ts";

const names = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_unused, index) => `10.0.0.${index + from} . 80`);

function sharesOf(slots: readonly string[]): readonly number[] {
  const shares = new Map<string, number>();
  for (const slot of slots) shares.set(slot, (shares.get(slot) ?? 0) + 1);
  return [...shares.values()];
}

describe("size classes", () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 16],
    [3, 24],
    [8, 64],
    [9, 72],
    [50, 100],
    [64, 128],
    [65, 2048],
    [1000, 32_768],
  ])("[LB1] %i backends have %i slots", (backends, slots) => {
    expect(slotCountOf(backends)).toBe(slots);
  });

  it.each([1, 2, 3, 7, 50, 64, 65, 100, 1000])(
    "[LB2] %i backends differ by no more than 5 %%",
    (count) => {
      const shares = sharesOf(assignSlots([], names(count)));
      expect(shares).toHaveLength(count);
      const mean = slotCountOf(count) / count;
      expect((Math.max(...shares) - Math.min(...shares)) / mean).toBeLessThanOrEqual(0.05);
    },
  );

  it.each([2, 3, 4, 5, 6, 8])(
    "[LB3] VIPs of one class used in turn by two or four see all of %i backends evenly",
    (count) => {
      const slots = assignSlots([], names(count));
      for (const stride of [2, 4]) {
        for (let start = 0; start < stride; start++) {
          const seen = slots.map((_, step) => slots[(start + step * stride) % slots.length] ?? "");
          const shares = sharesOf(seen);
          expect(shares).toHaveLength(count);
          expect(Math.max(...shares) / Math.min(...shares)).toBeLessThanOrEqual(1.5);
        }
      }
    },
  );

  it("[LB3] two backends behind two VIPs used in turn get half each", () => {
    const slots = assignSlots([], names(2));
    for (const start of [0, 1])
      expect(sharesOf(slots.filter((_, index) => index % 2 === start))).toEqual([4, 4]);
  });
});

describe("assignment", () => {
  const counts = fc.integer({ min: 1, max: 150 });

  it("[LB1] all slots are filled, with backends that are there, each with its share", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(counts, fc.nat(40)), { minLength: 1, maxLength: 8 }),
        (steps) => {
          let held: readonly string[] = [];
          for (const [count, from] of steps) {
            const backends = names(count, from);
            held = assignSlots(held, backends);
            expect(held).toHaveLength(slotCountOf(count));
            const shares = sharesOf(held);
            expect(shares).toHaveLength(count);
            expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
            expect(held.every((slot) => backends.includes(slot))).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("[LB4] replacing one backend changes only its slots", () => {
    fc.assert(
      fc.property(counts, fc.nat(149), (count, position) => {
        const before = names(count);
        const held = assignSlots([], before);
        const gone = before[position % count] ?? "";
        const after = before.filter((name) => name !== gone).concat("10.9.9.9 . 80");
        const now = assignSlots(held, after);
        expect(now.filter((slot, index) => slot !== held[index])).toHaveLength(
          held.filter((slot) => slot === gone).length,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("[LB4] among many, one that comes or goes moves no more than its share", () => {
    let held = assignSlots([], names(200));
    for (const count of [201, 202, 201, 200, 199, 204]) {
      const now = assignSlots(held, names(count));
      const moved = now.filter((slot, index) => slot !== held[index]).length;
      const perBackend = Math.ceil(held.length / Math.min(count, 199));
      expect(moved).toBeLessThanOrEqual(5 * (perBackend + 1));
      held = now;
    }
  });

  it("[LB30] there are never many size classes", () => {
    const classes = new Set(Array.from({ length: 20_000 }, (_u, index) => slotCountOf(index + 1)));
    expect(classes.size).toBeLessThanOrEqual(80);
  });
});
