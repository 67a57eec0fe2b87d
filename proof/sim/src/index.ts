export { describeFailure, describeSeed, describeTotal } from "./report.ts";
export { defaultSeedOptions, runSeed } from "./run-seed.ts";
export type { SeedOptions, SeedReport } from "./run-seed.ts";
export { Violation } from "./violation.ts";
