import { parseCommand, usage } from "./options.ts";
import type { SimCommand } from "./options.ts";
import { describeFailure, describeSeed, describeTotal } from "./report.ts";
import { runSeed, shortSeed } from "./run-seed.ts";
import type { SeedReport } from "./run-seed.ts";

process.exitCode = main();

function main(): number {
  const command = parseCommand(process.argv.slice(2));
  switch (command.type) {
    case "help":
      console.log(usage);
      return 0;
    case "wrong":
      console.error(`tutti sim: ${command.message}`);
      return 2;
    case "run":
      return run(command);
  }
}

function run({ first, count, masters, short, codecShare, verbose, names }: SimCommand): number {
  const size = short ? shortSeed : {};
  const codec = codecShare === undefined ? {} : { codecShare };
  const options = { masters, names, ...size, ...codec };
  const reports: SeedReport[] = [];
  const begunMs = performance.now();
  const begun = process.cpuUsage();
  for (let seed = first; seed < first + count; seed += 1) {
    const seedBegunMs = performance.now();
    const report = runSeed(seed, options, verbose ? 1_000_000 : undefined);
    reports.push(report);
    if (verbose) console.log(report.narrative.join("\n"));
    console.log(describeSeed(report, performance.now() - seedBegunMs));
    if (report.failure !== undefined) console.log(describeFailure(report));
  }
  const { user, system } = process.cpuUsage(begun);
  const cpuMs = (user + system) / 1_000;
  console.log(describeTotal(reports, { realMs: performance.now() - begunMs, cpuMs }));
  return reports.some(({ failure }) => failure !== undefined) ? 1 : 0;
}
