import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { healthLabels } from "@tutti/mesos-v1";
import type { CheckInfo, FrameworkInfo, HealthCheck, KillPolicy, TaskInfo } from "@tutti/mesos-v1";
import { drainOf } from "./drain.ts";
import { millisecondsOf, millisecondsOfSeconds } from "./durations.ts";
import { limits } from "./limits.ts";
import type { CheckPolicy, HealthPolicy, Probe, TaskPolicy } from "./policy.ts";

/**
 * Reads the policies of a command task; refuses (TASK_INVALID, in Mesos's words where it has some)
 * unusable checks and negative durations. Rule EXE1.
 */
export function readTaskPolicy(task: TaskInfo, framework: FrameworkInfo): Result<TaskPolicy> {
  const grace = readKillGraceMs(task.kill_policy);
  if (grace === undefined) {
    return refuse("TASK_INVALID", "Task's 'kill_policy.grace_period' must be non-negative");
  }
  const completionMsMax =
    task.max_completion_time === undefined ? undefined : millisecondsOf(task.max_completion_time);
  if (task.max_completion_time !== undefined && completionMsMax === undefined) {
    return refuse("TASK_INVALID", "Task's `max_completion_time` must be non-negative");
  }
  const health =
    task.health_check === undefined ? undefined : readHealthPolicy(task.health_check, task);
  if (health?.ok === false) return invalid("health check", health.error.message);
  const check = task.check === undefined ? undefined : readCheckPolicy(task.check);
  if (check?.ok === false) return invalid("check", check.error.message);
  const memLimitMb = memLimitMbOf(task);
  const drain = drainOf(task);
  return ok({
    killGraceMs: grace.graceMs ?? limits.killGraceMsDefault,
    killingState: (framework.capabilities ?? []).some(({ type }) => type === "TASK_KILLING_STATE"),
    ...(drain === undefined ? {} : { drain }),
    ...(completionMsMax === undefined ? {} : { completionMsMax }),
    ...(health === undefined ? {} : { health: health.value }),
    ...(check === undefined ? {} : { check: check.value }),
    ...(memLimitMb === undefined ? {} : { memLimitMb }),
  });
}

/**
 * The grace period of a kill policy within its bound, absent when the policy names none; undefined
 * when it is negative.
 */
export function readKillGraceMs(
  policy: KillPolicy | undefined,
): { readonly graceMs?: number } | undefined {
  if (policy?.grace_period === undefined) return {};
  const graceMs = millisecondsOf(policy.grace_period);
  return graceMs === undefined ? undefined : { graceMs: Math.min(graceMs, limits.killGraceMsMax) };
}

function invalid(what: string, why: string): Result<never> {
  return refuse("TASK_INVALID", `Task uses invalid ${what}: ${why}`);
}

function memLimitMbOf(task: TaskInfo): number | undefined {
  const limit = task.limits?.["mem"]?.value;
  if (limit !== undefined) return limit;
  const megabytes = (task.resources ?? [])
    .filter(({ name }) => name === "mem")
    .reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0);
  return megabytes > 0 ? megabytes : undefined;
}

interface Timing {
  readonly delay_seconds?: number;
  readonly interval_seconds?: number;
  readonly timeout_seconds?: number;
}

/** The times of a check with Mesos's defaults: 15 s, 10 s, 20 s. */
function readTiming(timing: Timing): Result<Omit<CheckPolicy, "probe">> {
  const msMax = limits.checkDurationMsMax;
  const delay = millisecondsOfSeconds(timing.delay_seconds ?? 15, "delay_seconds", msMax);
  if (!delay.ok) return delay;
  const interval = millisecondsOfSeconds(timing.interval_seconds ?? 10, "interval_seconds", msMax);
  if (!interval.ok) return interval;
  const timeout = millisecondsOfSeconds(timing.timeout_seconds ?? 20, "timeout_seconds", msMax);
  if (!timeout.ok) return timeout;
  return ok({
    delayMs: delay.value,
    intervalMs: Math.max(interval.value, limits.checkIntervalMsMin),
    timeoutMs:
      timeout.value === 0
        ? limits.checkTimeoutMsMax
        : Math.min(timeout.value, limits.checkTimeoutMsMax),
  });
}

function readHealthPolicy(check: HealthCheck, task: TaskInfo): Result<HealthPolicy> {
  const probe = readHealthProbe(check);
  if (!probe.ok) return probe;
  const timing = readTiming(check);
  if (!timing.ok) return timing;
  const gracePeriod = millisecondsOfSeconds(
    check.grace_period_seconds ?? 10,
    "grace_period_seconds",
    limits.checkDurationMsMax,
  );
  if (!gracePeriod.ok) return gracePeriod;
  const reportOnly = (task.labels?.labels ?? []).some(
    ({ key, value }) => key === healthLabels.reportOnly && value === "true",
  );
  return ok({
    ...timing.value,
    probe: probe.value,
    gracePeriodMs: gracePeriod.value,
    consecutiveFailures: check.consecutive_failures ?? 3,
    reportOnly,
  });
}

function readHealthProbe(check: HealthCheck): Result<Probe> {
  switch (check.type) {
    case "COMMAND":
      if (check.command === undefined) {
        return refuse("TASK_INVALID", "Expecting 'command' to be set for COMMAND health check");
      }
      return commandProbe(check.command);
    case "HTTP": {
      if (check.http === undefined) {
        return refuse("TASK_INVALID", "Expecting 'http' to be set for HTTP health check");
      }
      const { scheme = "http", protocol = "IPv4", port, path } = check.http;
      return httpProbe({ scheme, protocol, port, path });
    }
    case "TCP":
      if (check.tcp === undefined) {
        return refuse("TASK_INVALID", "Expecting 'tcp' to be set for TCP health check");
      }
      return tcpProbe(check.tcp.port, check.tcp.protocol === "IPv6" ? "IPv6" : "IPv4");
    case "UNKNOWN":
      return refuse("TASK_INVALID", "'UNKNOWN' is not a valid health check type");
    case undefined:
    default:
      return refuse("TASK_INVALID", "HealthCheck must specify 'type'");
  }
}

function readCheckPolicy(check: CheckInfo): Result<CheckPolicy> {
  const probe = readCheckProbe(check);
  if (!probe.ok) return probe;
  const timing = readTiming(check);
  return timing.ok ? ok({ ...timing.value, probe: probe.value }) : timing;
}

function readCheckProbe(check: CheckInfo): Result<Probe> {
  switch (check.type) {
    case "COMMAND":
      if (check.command === undefined) {
        return refuse("TASK_INVALID", "Expecting 'command' to be set for COMMAND check");
      }
      return commandProbe(check.command.command);
    case "HTTP":
      if (check.http === undefined) {
        return refuse("TASK_INVALID", "Expecting 'http' to be set for HTTP check");
      }
      return httpProbe({
        scheme: "http",
        protocol: "IPv4",
        port: check.http.port,
        path: check.http.path,
      });
    case "TCP":
      if (check.tcp === undefined) {
        return refuse("TASK_INVALID", "Expecting 'tcp' to be set for TCP check");
      }
      return tcpProbe(check.tcp.port, "IPv4");
    case "UNKNOWN":
      return refuse("TASK_INVALID", "'UNKNOWN' is not a valid check type");
    case undefined:
    default:
      return refuse("TASK_INVALID", "CheckInfo must specify 'type'");
  }
}

function commandProbe(command: Extract<Probe, { type: "command" }>["command"]): Result<Probe> {
  if (command.value === undefined) {
    const kind = command.shell === false ? "Executable path" : "Shell command";
    return refuse("TASK_INVALID", `${kind} must be specified`);
  }
  return ok({ type: "command", command });
}

function httpProbe(http: {
  readonly scheme: string;
  readonly protocol: string;
  readonly port: number;
  readonly path: string | undefined;
}): Result<Probe> {
  if (http.scheme !== "http" && http.scheme !== "https") {
    return refuse("TASK_INVALID", `Unsupported HTTP health check scheme: '${http.scheme}'`);
  }
  const path = http.path ?? "";
  if (path !== "" && !path.startsWith("/")) {
    return refuse("TASK_INVALID", `The path '${path}' of HTTP health check must start with '/'`);
  }
  if (!isPort(http.port)) return refuse("TASK_INVALID", `'${http.port}' is not a valid port`);
  const family = http.protocol === "IPv6" ? "IPv6" : "IPv4";
  return ok({ type: "http", scheme: http.scheme, family, port: http.port, path });
}

function tcpProbe(port: number, family: "IPv4" | "IPv6"): Result<Probe> {
  if (!isPort(port)) return refuse("TASK_INVALID", `'${port}' is not a valid port`);
  return ok({ type: "tcp", family, port });
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
