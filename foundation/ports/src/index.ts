export type { Clock } from "./clock.ts";
export type { ProcessRunner, RunOptions, RunOutcome } from "./process-runner.ts";
export type { Random } from "./random.ts";
