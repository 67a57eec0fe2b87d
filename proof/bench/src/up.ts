import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tutti } from "@tutti/e2e";
import type { BenchReport } from "./measure.ts";
import { median, medianAndSpread } from "./medians.ts";

/** `./tutti up` on a prepared machine, from exec to the last line, five times. */
export async function benchUp(): Promise<BenchReport> {
  const seconds: number[] = [];
  for (let run = 0; run < 5; run++) {
    const dir = mkdtempSync(join(tmpdir(), "tutti-bench-"));
    const start = performance.now();
    const outcome = await tutti(["up", "--isolated", "--no-sample", "--json", "--dir", dir]);
    seconds.push((performance.now() - start) / 1000);
    await tutti(["down", "--dir", dir]);
    rmSync(dir, { recursive: true, force: true });
    if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
  }
  return {
    title: "`./tutti up`",
    method:
      "Prepared machine, `--no-sample --isolated`, 1 master, 2 private agents, 1 public agent; exec to last line; median and spread of five.",
    figures: [
      {
        name: "up",
        target: "≤ 15 s",
        measured: medianAndSpread(seconds, "s"),
        reached: median(seconds) <= 15,
      },
    ],
  };
}
