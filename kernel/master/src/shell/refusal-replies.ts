import type { HttpReply } from "@tutti/http";
import { textReply, unauthorizedReply } from "@tutti/http";
import type { MasterRefusal, MasterRefusalCode } from "../core/refusal.ts";

/** Which status says what. The texts are the refusals' own. */
const statusOf = {
  INVALID_CALL: 400,
  UNAUTHORISED: 401,
  FRAMEWORK_UNKNOWN: 400,
  FRAMEWORK_NOT_SUBSCRIBED: 403,
  STREAM_ID_UNEXPECTED: 400,
  STREAM_ID_MISSING: 400,
  STREAM_ID_MISMATCH: 400,
  UPDATE_INVALID: 400,
  WEIGHTS_INVALID: 400,
  QUOTA_INVALID: 400,
  QUOTA_OVERCOMMITS: 409,
  AGENT_UNKNOWN: 400,
  AGENT_STATE_WRONG: 400,
  NOT_SUPPORTED: 501,
} as const satisfies Record<MasterRefusalCode, number>;

/** A refusal as an answer. */
export function refusalReply(refusal: MasterRefusal): HttpReply {
  if (refusal.code === "UNAUTHORISED") return unauthorizedReply();
  return textReply(statusOf[refusal.code], refusal.message);
}
