import { parseArgs } from "node:util";
import { describeFailure, describeSeed, describeTotal } from "./report.ts";
import { runSeed } from "./run-seed.ts";
import type { SeedReport } from "./run-seed.ts";

const usage = `usage: tutti sim --seed N [--verbose]         one seed, exactly as always
       tutti sim --seeds N [--from M]         N seeds from M on (1 by default)
       options: --masters N  --codec SHARE    share of messages through their JSON, 0 to 1
                                              (as it is: all of them in every eighth seed)`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string", default: "1" },
    masters: { type: "string", default: "1" },
    codec: { type: "string" },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

process.exitCode = main();

function main(): number {
  if (values.help || (values.seed === undefined) === (values.seeds === undefined)) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  const first = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  const options = {
    masters: Number(values.masters),
    ...(values.codec === undefined ? {} : { codecShare: Number(values.codec) }),
  };
  const reports: SeedReport[] = [];
  const begunMs = performance.now();
  const begun = process.cpuUsage();
  for (let seed = first; seed < first + count; seed += 1) {
    const seedBegunMs = performance.now();
    const report = runSeed(seed, options, values.verbose ? 1_000_000 : undefined);
    reports.push(report);
    if (values.verbose) console.log(report.narrative.join("\n"));
    console.log(describeSeed(report, performance.now() - seedBegunMs));
    if (report.failure !== undefined) console.log(describeFailure(report));
  }
  const { user, system } = process.cpuUsage(begun);
  const cpuMs = (user + system) / 1_000;
  console.log(describeTotal(reports, { realMs: performance.now() - begunMs, cpuMs }));
  return reports.some(({ failure }) => failure !== undefined) ? 1 : 0;
}
