import type { CheckInfo, HealthCheck } from "@tutti/mesos-v1";

/** What is wrong with a task's check; undefined when nothing is. Rule MST54. */
export function faultOfCheck(check: CheckInfo | undefined): string | undefined {
  const fault = check === undefined ? undefined : faultInCheck(check);
  return fault === undefined ? undefined : `Task uses invalid check: ${fault}`;
}

/** What is wrong with a task's health check; undefined when nothing is. Rule MST54. */
export function faultOfHealthCheck(check: HealthCheck | undefined): string | undefined {
  const fault = check === undefined ? undefined : faultInHealthCheck(check);
  return fault === undefined ? undefined : `Task uses invalid health check: ${fault}`;
}

function faultInCheck(check: CheckInfo): string | undefined {
  switch (check.type) {
    case undefined:
      return "CheckInfo must specify 'type'";
    case "UNKNOWN":
      return "'UNKNOWN' is not a valid check type";
    case "COMMAND":
      if (check.command === undefined) return "Expecting 'command' to be set for COMMAND check";
      if (hasNoCommand(check.command.command)) return "Command check must contain 'shell command'";
      break;
    case "HTTP":
      if (check.http === undefined) return "Expecting 'http' to be set for HTTP check";
      if (isBadPath(check.http.path)) {
        return `The path '${check.http.path}' of HTTP check must start with '/'`;
      }
      break;
    case "TCP":
      if (check.tcp === undefined) return "Expecting 'tcp' to be set for TCP check";
      break;
  }
  return faultOfSeconds(check, ["delay_seconds", "interval_seconds", "timeout_seconds"]);
}

function faultInHealthCheck(check: HealthCheck): string | undefined {
  switch (check.type) {
    case undefined:
      return "HealthCheck must specify 'type'";
    case "UNKNOWN":
      return "'UNKNOWN' is not a valid health check type";
    case "COMMAND":
      if (check.command === undefined)
        return "Expecting 'command' to be set for COMMAND health check";
      if (hasNoCommand(check.command)) return "Command health check must contain 'shell command'";
      break;
    case "HTTP":
      if (check.http === undefined) return "Expecting 'http' to be set for HTTP health check";
      if (!["http", "https", undefined].includes(check.http.scheme)) {
        return `Unsupported HTTP health check scheme: '${check.http.scheme}'`;
      }
      if (isBadPath(check.http.path)) {
        return `The path '${check.http.path}' of HTTP health check must start with '/'`;
      }
      break;
    case "TCP":
      if (check.tcp === undefined) return "Expecting 'tcp' to be set for TCP health check";
      break;
  }
  return faultOfSeconds(check, [
    "delay_seconds",
    "interval_seconds",
    "timeout_seconds",
    "grace_period_seconds",
  ]);
}

function hasNoCommand(command: { readonly shell?: boolean; readonly value?: string }): boolean {
  return command.value === undefined || command.value === "";
}

function isBadPath(path: string | undefined): boolean {
  return path !== undefined && !path.startsWith("/");
}

function faultOfSeconds(
  check: HealthCheck | CheckInfo,
  names: readonly (
    | "delay_seconds"
    | "interval_seconds"
    | "timeout_seconds"
    | "grace_period_seconds"
  )[],
): string | undefined {
  for (const name of names) {
    const seconds = (check as Partial<Record<typeof name, number>>)[name];
    if (seconds !== undefined && (seconds < 0 || Number.isNaN(seconds))) {
      return `Expecting '${name}' to be non-negative`;
    }
  }
  return undefined;
}
