/** What an explanation is about, for programs. */
export type ExplanationReason =
  | "RUNNING"
  | "SCALED_TO_ZERO"
  | "REMOVED"
  | "DEPLOYING"
  | "NO_CONNECTION"
  | "BACKING_OFF"
  | "FAILED_LATELY"
  | "UNHEALTHY"
  | "STARTING"
  | "STOPPING"
  | "OUTDATED"
  | "UNREACHABLE"
  /** No machine is large enough even when nothing runs on it. */
  | "TOO_LARGE"
  | "INSUFFICIENT_CPUS"
  | "INSUFFICIENT_MEMORY"
  | "INSUFFICIENT_DISK"
  | "INSUFFICIENT_GPUS"
  | "INSUFFICIENT_PORTS"
  /** Ports that must be these and that machines never offer. */
  | "PORTS_NOT_OFFERED"
  | "PORTS_TAKEN"
  | "UNFULFILLED_CONSTRAINT"
  | "UNFULFILLED_ROLE"
  | "MAINTENANCE"
  | "NO_MACHINES"
  | "MACHINES_AWAY"
  | "WAITING_FOR_OFFER"
  /** The limit of its role, or of one above it, is reached. */
  | "QUOTA_LIMIT"
  /** What is free is held for roles whose guarantees are not used yet. */
  | "QUOTA_PROMISED"
  | "SETTLING"
  /** Its names or virtual IPs are not what its definition seems to want. */
  | "NAMES"
  /** Of a task: it is no more. */
  | "ENDED";

/**
 * Why an app runs as it does, for people who do not know what an offer is.
 *
 * Invariant: summary, details and advice are at most ten lines together.
 */
export interface Explanation {
  /** How many run, in a sentence. */
  readonly summary: string;
  readonly reasons: readonly ExplanationReason[];
  /** Why not more, a sentence or two each. */
  readonly details: readonly string[];
  /** What would help, a sentence each. */
  readonly advice: readonly string[];
}
