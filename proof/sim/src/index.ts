export { runSeed } from "./run-seed.ts";
export type { SeedReport } from "./run-seed.ts";
