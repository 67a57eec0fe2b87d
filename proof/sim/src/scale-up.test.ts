import { describe, expect, it } from "vitest";
import { scaleUp } from "./scenario/scale-up.ts";

const instances = 5_000;

describe("one app is scaled to thousands of instances", () => {
  it("[SIM54] and no instance is ever killed", () => {
    const report = scaleUp({ agents: 50, instances, deaths: [] });
    expect(report).toMatchObject({ started: instances, killed: 0, decommissioned: 0 });
  });

  it("[SIM54] nor when Marathon, the master and an agent die on the way", () => {
    const deaths = [
      { node: "marathon", atInstances: 1_000 },
      { node: "agent7", atInstances: 2_000 },
      { node: "master1", atInstances: 3_000 },
    ];
    const report = scaleUp({ agents: 50, instances, deaths });
    expect(report).toMatchObject({ started: instances, killed: 0, decommissioned: 0 });
    expect(report.struckAt).toEqual([1_000, 2_000, 3_000]);
  });
});
