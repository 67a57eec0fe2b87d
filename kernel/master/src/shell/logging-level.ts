import { textReply, unauthorizedReply } from "@tutti/http";
import type { HttpReply, HttpRequest } from "@tutti/http";
import type { MasterLog } from "./log.ts";
import { durationMsOf } from "./query.ts";
import { principalOf } from "./site.ts";
import type { MasterSite } from "./site.ts";

/** Mesos's level of logging, for a while; then it is 0 again. Rule MST101. */
export function setLoggingLevel(log: MasterLog, level: number, durationMs: number): HttpReply {
  if (!Number.isInteger(level) || level < 0) return textReply(400, `Invalid level '${level}'.\n`);
  log.raise(level, Math.max(0, durationMs));
  return { status: 200 };
}

/** `/logging/toggle`: shows the level, or sets it by `level` and `duration`, which needs the secret. */
export function toggleLogging(site: MasterSite, request: HttpRequest): HttpReply {
  const level = request.query.get("level");
  const duration = request.query.get("duration");
  if (level === null && duration === null) return textReply(200, `${site.log.verbosity}\n`);
  if (principalOf(site, request).type !== "trusted") return unauthorizedReply();
  if (duration === null) return textReply(400, "Expecting 'duration=value' in query.\n");
  if (level === null) return textReply(400, "Expecting 'level=value' in query.\n");
  const durationMs = durationMsOf(duration);
  if (durationMs === undefined) return textReply(400, `Invalid duration '${duration}'.\n`);
  return setLoggingLevel(site.log, level === "" ? Number.NaN : Number(level), durationMs);
}
