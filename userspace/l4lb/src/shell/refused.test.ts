import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openL4lb } from "../index.ts";
import type { L4lb } from "../index.ts";
import { vipFact } from "../testing/facts.ts";
import { TestNetwork } from "../testing/namespaces.ts";
import type { TestMachine } from "../testing/namespaces.ts";

describe("where the kernel refuses virtual IPs", () => {
  let network: TestNetwork;
  let here: TestMachine;
  let l4lb: L4lb;
  const reports: string[] = [];

  beforeAll(async () => {
    network = new TestNetwork("ref");
    here = network.machine();
    l4lb = await openL4lb({
      machineAddress: here.address,
      commandPrefix: here.prefix,
      report: (line) => reports.push(line),
    });
  });

  afterAll(async () => {
    await l4lb?.close();
    network?.close();
  });

  it("[LB21] a change is not held, and it is told when it is", async () => {
    const change = (index: number) => ({
      remove: [],
      put: [vipFact(`11.0.0.${index}`, 80, [["10.97.0.2", 9000]])],
    });
    expect(await l4lb.apply(change(1))).toEqual({ held: true });
    // A table that belongs to another process can be changed by that one only.
    const [command, ...args] = [...here.prefix, "nft", "-i"];
    const owner = spawn(command, args, { stdio: ["pipe", "ignore", "ignore"] });
    const ended = new Promise((resolve) => owner.once("exit", resolve));
    try {
      owner.stdin.write("delete table ip tutti_vip; add table ip tutti_vip { flags owner; }\n");
      await expect.poll(() => reports.length, { timeout: 10_000 }).toBeGreaterThan(1);
      const outcome = await l4lb.apply(change(2));
      expect(outcome).toMatchObject({ held: false });
      expect(l4lb.status()).toMatchObject({ available: false });
      expect(l4lb.metrics()).toContain("l4lb_available 0\n");
      owner.stdin.end();
      await ended;
      await (outcome.held ? undefined : outcome.later);
    } finally {
      owner.kill();
      await ended;
    }
    expect(here.run(["nft", "list", "table", "ip", "tutti_vip"])).toContain("11.0.0.2");
    expect(l4lb.metrics()).toContain("l4lb_available 1\n");
    expect(l4lb.metrics()).toContain("l4lb_repairs_total 1\n");
    expect(reports.filter((line) => line.startsWith("Somebody else"))).toHaveLength(1);
  }, 30_000);
});
