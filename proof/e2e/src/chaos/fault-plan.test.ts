import { createSeededRandom } from "@tutti/testkit";
import { describe, expect, it } from "vitest";
import { candidateAt, FaultPlan, type PlannedFault, type PlannedStep } from "./fault-plan.ts";

const bounds = { stoppedMsMax: 20_000, cutMsMax: 25_000 };

function stepsOf(seed: number, count: number): readonly PlannedStep[] {
  const plan = new FaultPlan(createSeededRandom(seed), bounds);
  return Array.from({ length: count }, () => plan.next());
}

/** How long a fault lasts; 0 for what cannot be undone. */
function lasting(fault: PlannedFault): number {
  return "forMs" in fault ? fault.forMs : 0;
}

describe("the plan of faults", () => {
  it("[GF12] has every kind, tasks that stand still among them, in the share that is meant", () => {
    const counts = new Map<string, number>();
    for (const { fault } of stepsOf(1, 12_000))
      counts.set(fault.type, (counts.get(fault.type) ?? 0) + 1);
    const thousands = [...counts].map(([type, count]) => [type, Math.round(count / 1_000)]);
    expect(Object.fromEntries(thousands)).toEqual({
      killProcess: 3,
      stopProcess: 3,
      cutMachine: 2,
      killTask: 2,
      stopTask: 2,
    });
  });

  it("[GF12] stops tasks for a moment and for long enough to be given up", () => {
    const stops = stepsOf(2, 2_000).filter(({ fault }) => fault.type === "stopTask");
    const times = stops.map(({ fault }) => lasting(fault));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(500);
    expect(Math.min(...times)).toBeLessThan(2_000);
    expect(Math.max(...times)).toBeGreaterThan(20_000);
    expect(Math.max(...times)).toBeLessThan(25_000);
  });

  it("[GF12] keeps processes and machines within the bounds that it was given", () => {
    const longest = { stopProcess: 0, cutMachine: 0 };
    for (const { fault } of stepsOf(3, 2_000))
      if (fault.type === "stopProcess" || fault.type === "cutMachine")
        longest[fault.type] = Math.max(longest[fault.type], lasting(fault));
    expect(longest.stopProcess).toBeGreaterThan(19_000);
    expect(longest.stopProcess).toBeLessThan(bounds.stoppedMsMax);
    expect(longest.cutMachine).toBeGreaterThan(24_000);
    expect(longest.cutMachine).toBeLessThan(bounds.cutMsMax);
  });

  it("[GF12] is the same for the same seed, and another for another one", () => {
    expect(stepsOf(4, 50)).toEqual(stepsOf(4, 50));
    expect(stepsOf(4, 50)).not.toEqual(stepsOf(5, 50));
  });

  it("meets one of the candidates, or none where there is none", () => {
    expect([0, 0.3, 0.5, 0.999].map((at) => candidateAt(["a", "b", "c"], at))).toEqual([
      "a",
      "a",
      "b",
      "c",
    ]);
    expect(candidateAt([], 0.5)).toBeUndefined();
  });
});
