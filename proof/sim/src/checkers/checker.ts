import type { Cluster } from "@tutti/simulator";
import type { RecordModel } from "../record-model.ts";
import type { Truth } from "../truth.ts";

/** What every checker looks at. */
export interface Watched {
  readonly cluster: Cluster;
  /** Marathon's durable records. */
  readonly durable: RecordModel;
  /** What Marathon has decided, step by step. */
  readonly decided: RecordModel;
  /** What really happened on the machines. */
  readonly truth: Truth;
}
