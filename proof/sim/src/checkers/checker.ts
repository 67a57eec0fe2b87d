import type { Cluster } from "@tutti/simulator";
import type { RecordModel } from "../record-model.ts";
import type { Truth } from "../truth.ts";

/** The part of a cluster that checkers look at while it runs. */
export type Observed = Pick<Cluster, "addObserver" | "nowMs" | "nameOf" | "wallMsOf">;

/** What every checker looks at. */
export interface Judged {
  readonly cluster: Observed;
  /** Marathon's durable records. */
  readonly durable: RecordModel;
  /** What Marathon has decided, step by step. */
  readonly decided: RecordModel;
  /** What really happened on the machines. */
  readonly truth: Truth;
}

/** What the last judgement looks at besides: the whole cluster. */
export interface Watched extends Judged {
  readonly cluster: Cluster;
}
