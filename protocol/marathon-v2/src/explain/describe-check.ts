import type { AppHealthCheck } from "../app.ts";

/** A health check in words: `the HTTP check of /health`. */
export function describeCheck(check: AppHealthCheck): string {
  const protocol = check.protocol.replace(/^MESOS_/, "");
  if (protocol === "COMMAND") return "the health check command";
  if (protocol === "TCP") return "the TCP check";
  return `the ${protocol} check of ${check.path ?? "/"}`;
}
