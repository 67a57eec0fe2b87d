import type { Refusal } from "@tutti/base";

/** Every reason for which the master does not do what a request asks. */
export type MasterRefusalCode =
  | "INVALID_CALL"
  | "UNAUTHORISED"
  | "FRAMEWORK_UNKNOWN"
  | "FRAMEWORK_NOT_SUBSCRIBED"
  | "STREAM_ID_UNEXPECTED"
  | "STREAM_ID_MISSING"
  | "STREAM_ID_MISMATCH"
  | "UPDATE_INVALID"
  | "WEIGHTS_INVALID"
  | "QUOTA_INVALID"
  | "QUOTA_OVERCOMMITS"
  | "AGENT_UNKNOWN"
  | "AGENT_STATE_WRONG"
  | "NOT_SUPPORTED";

/** A refusal of the master; the shell has one table from code to status. */
export type MasterRefusal = Refusal<MasterRefusalCode>;
