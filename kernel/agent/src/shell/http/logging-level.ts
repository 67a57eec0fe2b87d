import { textReply } from "@tutti/http";
import type { HttpReply, HttpRequest } from "@tutti/http";
import type { Log } from "../log.ts";
import { durationMsOf } from "./duration.ts";

/** What `/logging/toggle` needs. */
export interface LoggingPorts {
  readonly log: Pick<Log, "raise" | "verbosity">;
  /** Whether the request may change something. */
  readonly mayWrite: (request: HttpRequest) => boolean;
  /** The refusal of one that may not. */
  readonly refuse: () => HttpReply;
}

/** Mesos's level of logging, for a while; then it is 0 again. Rule AGT34. */
export function setLoggingLevel(
  log: LoggingPorts["log"],
  level: number,
  durationMs: number,
): HttpReply {
  if (!Number.isInteger(level) || level < 0) return textReply(400, `Invalid level '${level}'.\n`);
  log.raise(level, Math.max(0, durationMs));
  return { status: 200 };
}

/** `/logging/toggle`: shows the level, or sets it by `level` and `duration`, which needs the secret. */
export function toggleLogging(ports: LoggingPorts, request: HttpRequest): HttpReply {
  const level = request.query.get("level");
  const duration = request.query.get("duration");
  if (level === null && duration === null) return textReply(200, `${ports.log.verbosity()}\n`);
  if (!ports.mayWrite(request)) return ports.refuse();
  if (duration === null) return textReply(400, "Expecting 'duration=value' in query.\n");
  if (level === null) return textReply(400, "Expecting 'level=value' in query.\n");
  const durationMs = durationMsOf(duration);
  if (durationMs === undefined) return textReply(400, `Invalid duration '${duration}'.\n`);
  return setLoggingLevel(ports.log, level === "" ? Number.NaN : Number(level), durationMs);
}
