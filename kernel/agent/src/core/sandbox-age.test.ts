import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { sandboxAgeMsMax } from "./sandbox-age.ts";

const week = 7 * 86_400_000;

describe("[AGT27] how long sandboxes are kept", () => {
  it.each([
    [0, 0.9 * week],
    [0.4, 0.5 * week],
    [0.9, 60_000],
    [1, 60_000],
    [7, 60_000],
    [-1, 0.9 * week],
  ])("with %d of the disk in use", (used, kept) => {
    expect(sandboxAgeMsMax(week, used)).toBeCloseTo(kept, 3);
  });

  it("is never longer than asked for, never longer on a fuller disk, and a minute where so much was asked for", () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.nat({ max: week }), fraction, fraction, (kept, one, other) => {
        const age = sandboxAgeMsMax(kept, Math.max(one, other));
        expect(age).toBeLessThanOrEqual(sandboxAgeMsMax(kept, Math.min(one, other)));
        expect(age).toBeLessThanOrEqual(kept);
        expect(age).toBeGreaterThanOrEqual(Math.min(kept, limits.sandboxKeptMsMin));
      }),
    );
  });
});
