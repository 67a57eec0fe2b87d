import type { ExplanationReason } from "./explanation.ts";

/** One thing worth telling, and what would help. */
export interface Finding {
  readonly reason: ExplanationReason;
  /** A sentence or two; absent: the summary says it already. */
  readonly detail?: string;
  readonly advice?: string;
}
