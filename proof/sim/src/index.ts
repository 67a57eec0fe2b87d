export { runSeed } from "./run-seed.ts";
export type { SeedReport } from "./run-seed.ts";
export { scaleUp } from "./scenario/scale-up.ts";
export type { ScaleUpReport, ScaleUpSize } from "./scenario/scale-up.ts";
