import type { SeedOptions } from "../../run-seed.ts";

/** A seed with names and virtual IPs that is short enough for many of them. */
export const shortNames: Partial<SeedOptions> = {
  activeMs: 240_000,
  actions: 60,
  faults: 10,
  apps: 12,
  agents: 6,
  names: true,
};
