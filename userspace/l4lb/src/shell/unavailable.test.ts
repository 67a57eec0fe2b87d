import { describe, expect, it } from "vitest";
import { openL4lb } from "../index.ts";
import { vipFact } from "../testing/facts.ts";

describe("where virtual IPs cannot be", () => {
  it("[LB20] says why, once, and resolves", async () => {
    const reports: string[] = [];
    const l4lb = await openL4lb({
      machineAddress: "10.97.0.1",
      // A user without rights, as a machine without root has it.
      commandPrefix: ["setpriv", "--reuid=65534", "--clear-groups"],
      tableName: "tutti_none",
      report: (line) => reports.push(line),
    });
    const put = [vipFact("11.0.0.1", 80, [["10.97.0.2", 9000]])];
    expect(await l4lb.apply({ remove: [], put })).toMatchObject({ held: false });
    await l4lb.apply({ remove: [], put: [vipFact("11.0.0.2", 80, [["10.97.0.2", 9000]])] });
    expect(l4lb.status()).toMatchObject({ available: false });
    expect(l4lb.metrics()).toContain("l4lb_available 0\n");
    expect(reports).toEqual([
      expect.stringContaining("Virtual IPs are not served: this process may not"),
    ]);
    await l4lb.close();
  });
});
