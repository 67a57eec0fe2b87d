import { describe, expect, it } from "vitest";
import { UsageMeter } from "./usage-meter.ts";

function look(at: number, cpuSeconds: number, memMb = 64): Parameters<UsageMeter["take"]>[1] {
  return [
    {
      executor_id: "web.instance-1._app.1",
      framework_id: "F",
      statistics: {
        timestamp: at,
        cpus_user_time_secs: cpuSeconds - 1,
        cpus_system_time_secs: 1,
        mem_rss_bytes: memMb * 1024 * 1024,
      },
    },
  ];
}

describe("what is used", () => {
  it("[CLI51] cpus are known after the second look, memory after the first", () => {
    const meter = new UsageMeter();
    expect(meter.usageOf("S0")).toBeUndefined();
    meter.take("S0", look(100, 10));
    expect(meter.usageOf("S0")).toMatchObject([{ cpus: undefined, memMb: 64 }]);
    meter.take("S0", look(102, 11));
    expect(meter.usageOf("S0")).toMatchObject([{ cpus: 0.5, memMb: 64 }]);
  });

  it("[CLI51] the same look twice changes nothing; a container that began anew is unknown", () => {
    const meter = new UsageMeter();
    meter.take("S0", look(100, 10));
    meter.take("S0", look(102, 11));
    meter.take("S0", look(102, 11));
    expect(meter.usageOf("S0")).toMatchObject([{ cpus: 0.5 }]);
    meter.take("S0", look(104, 1));
    expect(meter.usageOf("S0")).toMatchObject([{ cpus: undefined }]);
  });

  it("[CLI51] containers and agents that are gone are forgotten", () => {
    const meter = new UsageMeter();
    meter.take("S0", look(100, 10));
    meter.take("S1", look(100, 10));
    meter.take("S0", []);
    expect(meter.usageOf("S0")).toEqual([]);
    meter.keepOnly(new Set(["S0"]));
    expect(meter.usageOf("S1")).toBeUndefined();
  });

  it("[CLI51] an agent that says nothing of cpus and memory counts as idle", () => {
    const meter = new UsageMeter();
    const silent = [{ executor_id: "e", framework_id: "F", statistics: {} }];
    meter.take("S0", silent);
    meter.take("S0", silent);
    expect(meter.usageOf("S0")).toMatchObject([{ cpus: undefined, memMb: 0 }]);
  });
});
