import type { MarathonRefusal } from "@tutti/marathon-v2";
import type { ApiReply } from "../types.ts";

/** The reply that refuses. */
export function refused(refusal: MarathonRefusal): ApiReply {
  return { type: "refused", refusal };
}
