import { assertNever } from "@tutti/base";
import type { CheckStatusInfo } from "@tutti/mesos-v1";
import { describeSignal } from "./signal-names.ts";
import type { CheckPolicy, Probe } from "./policy.ts";
import type { ProbeResult } from "./types.ts";

/** The status of a check that has not found anything: `{"type": "COMMAND", "command": {}}`. */
export function emptyCheckStatus(policy: CheckPolicy): CheckStatusInfo {
  switch (policy.probe.type) {
    case "command":
      return { type: "COMMAND", command: {} };
    case "http":
      return { type: "HTTP", http: {} };
    case "tcp":
      return { type: "TCP", tcp: {} };
  }
}

/** What a result says in the words of the API; one that failed says as much as none. */
export function checkStatusOf(policy: CheckPolicy, result: ProbeResult): CheckStatusInfo {
  switch (result.type) {
    case "command":
      return result.exitCode === undefined
        ? emptyCheckStatus(policy)
        : { type: "COMMAND", command: { exit_code: result.exitCode } };
    case "http":
      return { type: "HTTP", http: { status_code: result.statusCode } };
    case "tcp":
      return { type: "TCP", tcp: { succeeded: result.succeeded } };
    case "failed":
    case "skipped":
      return emptyCheckStatus(policy);
    default:
      return assertNever(result);
  }
}

/** Whether two statuses say the same. */
export function sameCheckStatus(left: CheckStatusInfo, right: CheckStatusInfo): boolean {
  return (
    left.type === right.type &&
    left.command?.exit_code === right.command?.exit_code &&
    left.http?.status_code === right.http?.status_code &&
    left.tcp?.succeeded === right.tcp?.succeeded
  );
}

/** Why a result means "not healthy"; undefined when it means "healthy". Rule EXE12. */
export function describeSickness(probe: Probe, result: ProbeResult): string | undefined {
  const reason = sicknessOf(result);
  return reason === undefined ? undefined : `${kindOf(probe)} health check failed: ${reason}`;
}

function kindOf(probe: Probe): string {
  return probe.type === "http" ? probe.scheme.toUpperCase() : probe.type.toUpperCase();
}

function sicknessOf(result: ProbeResult): string | undefined {
  switch (result.type) {
    case "command":
      if (result.exitCode === 0) return undefined;
      return result.exitCode === undefined
        ? `Command terminated with signal ${describeSignal(result.signal ?? 0)}`
        : `Command exited with status ${result.exitCode}`;
    case "http":
      return result.statusCode >= 200 && result.statusCode < 400
        ? undefined
        : `Unexpected HTTP response code: ${result.statusCode}`;
    case "tcp":
      return result.succeeded ? undefined : "Connection failed";
    case "failed":
      return result.message;
    case "skipped":
      return undefined;
    default:
      return assertNever(result);
  }
}
