import type { ProcessName } from "./config.ts";

/**
 * What Node itself is told for each process, before the program. An agent makes short-lived objects all the
 * time and keeps little: with a small nursery the collector works as much, and the agent needs 15 MB less. The
 * others answer many at once, and keep Node's own sizes.
 */
export const nodeOptions: Readonly<Record<ProcessName, readonly string[]>> = {
  master: [],
  agent: ["--max-semi-space-size=1"],
  services: [],
  node: [],
};
