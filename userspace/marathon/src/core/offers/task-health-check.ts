import { assertNever } from "@tutti/base";
import type { AppHealthCheck } from "@tutti/marathon-v2";
import type { HealthCheck } from "@tutti/mesos-v1";
import type { HealthJudge } from "../instance.ts";

/** Failures that no check reaches: stands for "never". */
const never = 2_147_483_647;

/** Who acts on the failures of this check: Marathon for HTTP, HTTPS and TCP, else the executor. Rule MAR17. */
export function judgeOf(check: AppHealthCheck | undefined): HealthJudge {
  if (check === undefined) return "none";
  return check.protocol === "HTTP" || check.protocol === "HTTPS" || check.protocol === "TCP"
    ? "marathon"
    : "executor";
}

/** The check as the agent runs it. */
export function taskHealthCheck(check: AppHealthCheck, hostPorts: readonly number[]): HealthCheck {
  const timing = {
    delay_seconds: check.delaySeconds,
    grace_period_seconds: check.gracePeriodSeconds,
    interval_seconds: check.intervalSeconds,
    timeout_seconds: check.timeoutSeconds,
    consecutive_failures: check.maxConsecutiveFailures === 0 ? never : check.maxConsecutiveFailures,
  };
  const port = check.port ?? hostPorts[check.portIndex ?? 0] ?? 0;
  switch (check.protocol) {
    case "COMMAND":
      return {
        ...timing,
        type: "COMMAND",
        command: { shell: true, value: check.command?.value ?? "true" },
      };
    case "HTTP":
    case "MESOS_HTTP":
      return { ...timing, type: "HTTP", http: { scheme: "http", port, path: check.path ?? "/" } };
    case "HTTPS":
    case "MESOS_HTTPS":
      return { ...timing, type: "HTTP", http: { scheme: "https", port, path: check.path ?? "/" } };
    case "TCP":
    case "MESOS_TCP":
      return { ...timing, type: "TCP", tcp: { port } };
    default:
      return assertNever(check.protocol);
  }
}
