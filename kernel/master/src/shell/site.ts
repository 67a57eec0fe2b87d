import { hasBearer, textReply } from "@tutti/http";
import type { HttpReply, HttpRequest } from "@tutti/http";
import { anonymous } from "../core/principal.ts";
import type { Principal } from "../core/principal.ts";
import type { Leader } from "./leader.ts";
import { limits } from "./limits.ts";
import type { MasterLog } from "./log.ts";

/** What all endpoints of a master share. */
export interface MasterSite {
  readonly secret: string;
  readonly open: boolean;
  readonly log: MasterLog;
  /** The present leadership of this process, if any. */
  leader(): Leader | undefined;
  /** `ip:port` of the master that leads, if one is known and it is not this one. */
  otherLeader(): Promise<string | undefined>;
  wallMs(): number;
}

/** Who sends a request. */
export function principalOf(site: MasterSite, request: HttpRequest): Principal {
  if (hasBearer(request.headers, site.secret)) return { type: "trusted", name: "cluster" };
  return site.open ? { type: "trusted", name: "anyone" } : anonymous;
}

/** Answers with the leader; elsewhere the client is sent to it, or asked to wait. Rule MST90. */
export async function withLeader(
  site: MasterSite,
  request: HttpRequest,
  answer: (leader: Leader) => HttpReply | Promise<HttpReply>,
): Promise<HttpReply> {
  const leader = site.leader();
  if (leader === undefined) {
    const other = await site.otherLeader();
    if (other !== undefined) return redirectTo(other, request.path);
    return textReply(503, "503 Service Unavailable. No leader has been elected yet; try again.");
  }
  if (leader.queueLength > limits.queueLengthMax) {
    return textReply(503, "503 Service Unavailable. Too many calls are waiting; try again.");
  }
  return answer(leader);
}

/** 307 to another master. */
export function redirectTo(address: string, path: string): HttpReply {
  return { status: 307, headers: { Location: `//${address}${path}` } };
}
