import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, upgradeBounds } from "./decide.ts";
import type { Target } from "./decide.ts";
import { Tally } from "./tally.ts";

function tally(counts: Partial<Tally>): Tally {
  return Object.assign(new Tally(), counts);
}

const full = { minimumHealthCapacity: 1, maximumOverCapacity: 1 };

describe("upgrade bounds", () => {
  const cases = [
    { instances: 4, min: 1, over: 1, readyMin: 4, occupiedMax: 8 },
    { instances: 4, min: 0.5, over: 0, readyMin: 2, occupiedMax: 4 },
    { instances: 3, min: 0.5, over: 0.5, readyMin: 2, occupiedMax: 4 },
    { instances: 10, min: 0.25, over: 0.1, readyMin: 3, occupiedMax: 11 },
    { instances: 1, min: 1, over: 0, readyMin: 1, occupiedMax: 2 },
    { instances: 0, min: 1, over: 1, readyMin: 0, occupiedMax: 1 },
  ];
  for (const { instances, min, over, readyMin, occupiedMax } of cases) {
    it(`[MAR20] of ${instances} with ${min}/${over}`, () => {
      const strategy = { minimumHealthCapacity: min, maximumOverCapacity: over };
      expect(upgradeBounds(instances, strategy)).toEqual({ readyMin, occupiedMax });
    });
  }
});

describe("decide", () => {
  const steady = { instances: 3, rolling: false, upgradeStrategy: full };
  const rolling = { instances: 3, rolling: true, upgradeStrategy: full };
  const nothing = { launch: 0, killOutdatedUnready: 0, killOutdatedReady: 0, killSurplus: 0 };
  const cases: readonly {
    readonly name: string;
    readonly target: Target;
    readonly counts: Partial<Tally>;
    readonly decision: Partial<typeof nothing>;
  }[] = [
    { name: "at rest", target: steady, counts: { current: 3, currentReady: 3 }, decision: {} },
    { name: "one missing", target: steady, counts: { current: 2 }, decision: { launch: 1 } },
    {
      name: "waits for what is being killed",
      target: steady,
      counts: { current: 2, killing: 1 },
      decision: {},
    },
    { name: "too many", target: steady, counts: { current: 5 }, decision: { killSurplus: 2 } },
    {
      name: "outdated ones are good enough when no upgrade runs",
      target: steady,
      counts: { outdated: 3, outdatedReady: 3 },
      decision: {},
    },
    {
      name: "begins a rolling upgrade",
      target: rolling,
      counts: { outdated: 3, outdatedReady: 3 },
      decision: { launch: 3 },
    },
    {
      name: "replaces as new ones become ready",
      target: rolling,
      counts: { outdated: 3, outdatedReady: 3, current: 3, currentReady: 2 },
      decision: { killOutdatedReady: 2 },
    },
    {
      name: "outdated ones that are not ready cost nothing",
      target: rolling,
      counts: { outdated: 3, outdatedReady: 1 },
      decision: { launch: 3, killOutdatedUnready: 2 },
    },
  ];
  for (const { name, target, counts, decision } of cases) {
    it(`[MAR18] ${name}`, () => {
      expect(decide(target, tally(counts))).toEqual({ ...nothing, ...decision });
    });
  }

  it("[MAR21] never launches beyond its bound and never kills below the capacity it must keep", () => {
    const capacity = fc.double({ min: 0, max: 1, noNaN: true });
    const counts = fc.record({
      current: fc.nat(20),
      currentReady: fc.nat(20),
      outdated: fc.nat(20),
      outdatedReady: fc.nat(20),
      killing: fc.nat(10),
    });
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.boolean(),
        capacity,
        capacity,
        counts,
        (instances, isRolling, minimumHealthCapacity, maximumOverCapacity, raw) => {
          const upgradeStrategy = { minimumHealthCapacity, maximumOverCapacity };
          const state = tally({
            ...raw,
            currentReady: Math.min(raw.current, raw.currentReady),
            outdatedReady: Math.min(raw.outdated, raw.outdatedReady),
          });
          const decision = decide({ instances, rolling: isRolling, upgradeStrategy }, state);
          const { readyMin, occupiedMax } = upgradeBounds(instances, upgradeStrategy);
          const bound = isRolling ? occupiedMax : instances;
          if (decision.launch > 0) {
            expect(state.occupied + decision.launch).toBeLessThanOrEqual(bound);
          }
          expect(state.live - decision.killSurplus).toBeGreaterThanOrEqual(
            Math.min(instances, state.live),
          );
          if (decision.killOutdatedReady > 0) {
            expect(state.ready - decision.killOutdatedReady).toBeGreaterThanOrEqual(readyMin);
          }
        },
      ),
    );
  });
});
