import type { WirePort } from "@tutti/dns";
import type { ClusterTask } from "./types.ts";

/** `DiscoveryInfo` of a task, as far as it matters here. */
export interface DiscoveryParts {
  readonly name: string;
  readonly visibility: string;
  readonly ports: readonly WirePort[];
  /** What follows from it alone, once somebody made it: tasks that share the parts share this. */
  made?: MadeOfDiscovery;
}

/** What a task has of its `DiscoveryInfo`. */
export type MadeOfDiscovery = Pick<ClusterTask, "discovery" | "claims" | "faults">;
