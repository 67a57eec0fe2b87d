import type { Cluster } from "@tutti/simulator";
import type { DurableModel } from "../durable-model.ts";
import type { Truth } from "../truth.ts";

/** What every checker looks at. */
export interface Watched {
  readonly cluster: Cluster;
  /** Marathon's durable records. */
  readonly durable: DurableModel;
  /** What really happened on the machines. */
  readonly truth: Truth;
}
