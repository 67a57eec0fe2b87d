import { shortSeed } from "../../run-seed.ts";
import type { SeedOptions } from "../../run-seed.ts";

/** A seed with names and virtual IPs that is short enough for many of them. */
export const shortNames: Partial<SeedOptions> = { ...shortSeed, names: true };
