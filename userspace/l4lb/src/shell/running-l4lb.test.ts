import { Fault } from "@tutti/base";
import { describe, expect, it } from "vitest";
import { parsePrefix } from "../core/index.ts";
import { vipFact } from "../testing/facts.ts";
import type { Commands } from "./commands.ts";
import { RunningL4lb } from "./running-l4lb.ts";

/** Timers that keep this process alive. */
function timerCount(): number {
  return process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;
}

function l4lbOn(commands: Commands): RunningL4lb {
  const prefix = parsePrefix("11.0.0.0/8");
  if (prefix === undefined) throw new Error("no range");
  const ranges = [{ text: "11.0.0.0/8", prefix }];
  return new RunningL4lb({
    config: { families: [4], ranges, onLink: [], taken: [] },
    ...{ commands, tableName: "tutti_close", sources: { 4: "10.97.0.1" } },
    ...{ compareMs: 1, report: () => undefined },
  });
}

describe("the load balancer, closed", () => {
  it("[LB20] does not look again, although it cannot serve since its last change", async () => {
    const asked: (() => void)[] = [];
    const l4lb = l4lbOn({
      prefix: ["/no/such/prefix"],
      // As nft answers: at first that there is no such table, and when the right is gone that it may not.
      run: async () => {
        const isFirst = asked.length === 0;
        await new Promise<void>((resolve) => {
          asked.push(resolve);
          if (isFirst) resolve();
        });
        const said = isFirst ? "No such file" : "Operation not permitted";
        throw new Fault("FAILED", said, { retryable: true });
      },
    });
    await l4lb.probe();
    void l4lb.apply({ remove: [], put: [vipFact("11.0.0.1", 80, [["10.97.0.2", 9000]])] });
    await expect.poll(() => asked.length, { timeout: 10_000 }).toBe(2);
    const timers = timerCount();
    const closed = l4lb.close();
    asked[1]?.();
    await closed;
    expect(timerCount()).toBeLessThanOrEqual(timers);
  });
});
