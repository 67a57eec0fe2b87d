import { describe, expect, it } from "vitest";
import type { TaskInfo } from "@tutti/mesos-v1";
import { readTaskPolicy } from "./read-policy.ts";

function read(extra: Partial<TaskInfo>): unknown {
  const result = readTaskPolicy(
    { name: "t", task_id: { value: "t" }, agent_id: { value: "a" }, ...extra },
    { user: "nobody", name: "f" },
  );
  return result.ok ? result.value : result.error.message;
}

describe("the policies of a task", () => {
  it("[EXE1] have Mesos's defaults", () => {
    expect(read({})).toEqual({ killGraceMs: 3_000, killingState: false });
    expect(read({ health_check: { type: "HTTP", http: { port: 80 } } })).toMatchObject({
      health: {
        probe: { type: "http", scheme: "http", family: "IPv4", port: 80, path: "" },
        delayMs: 15_000,
        intervalMs: 10_000,
        timeoutMs: 20_000,
        gracePeriodMs: 10_000,
        consecutiveFailures: 3,
        reportOnly: false,
      },
    });
  });

  it("[EXE1] are bounded: no endless timeout, no interval of nothing, no grace of weeks", () => {
    expect(
      read({
        kill_policy: { grace_period: { nanoseconds: 10n ** 18n } },
        check: { type: "TCP", tcp: { port: 1 }, timeout_seconds: 0, interval_seconds: 0 },
      }),
    ).toMatchObject({
      killGraceMs: 86_400_000,
      check: { timeoutMs: 600_000, intervalMs: 100 },
    });
  });

  it.each([
    [
      { kill_policy: { grace_period: { nanoseconds: -5 } } },
      "Task's 'kill_policy.grace_period' must be non-negative",
    ],
    [
      { max_completion_time: { nanoseconds: -5 } },
      "Task's `max_completion_time` must be non-negative",
    ],
    [{ health_check: {} }, "Task uses invalid health check: HealthCheck must specify 'type'"],
    [
      { health_check: { type: "UNKNOWN" } },
      "Task uses invalid health check: 'UNKNOWN' is not a valid health check type",
    ],
    [
      { health_check: { type: "HTTP" } },
      "Task uses invalid health check: Expecting 'http' to be set for HTTP health check",
    ],
    [
      { health_check: { type: "TCP", tcp: { port: 0 } } },
      "Task uses invalid health check: '0' is not a valid port",
    ],
    [
      { health_check: { type: "COMMAND", command: {} } },
      "Task uses invalid health check: Shell command must be specified",
    ],
    [
      { health_check: { type: "HTTP", http: { port: 1, scheme: "ftp" } } },
      "Task uses invalid health check: Unsupported HTTP health check scheme: 'ftp'",
    ],
    [
      { health_check: { type: "HTTP", http: { port: 1, path: "x" } } },
      "Task uses invalid health check: The path 'x' of HTTP health check must start with '/'",
    ],
    [
      { health_check: { type: "TCP", tcp: { port: 1 }, delay_seconds: -1 } },
      "Task uses invalid health check: Expecting 'delay_seconds' to be non-negative",
    ],
    [{ check: {} }, "Task uses invalid check: CheckInfo must specify 'type'"],
    [
      { check: { type: "COMMAND" } },
      "Task uses invalid check: Expecting 'command' to be set for COMMAND check",
    ],
  ] as const)("[EXE1] %j is refused", (extra, message) => {
    expect(read(extra)).toBe(message);
  });
});
