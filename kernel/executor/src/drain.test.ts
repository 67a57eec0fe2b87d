import { describe, expect, it } from "vitest";
import type { TaskInfo } from "@tutti/mesos-v1";
import { drainOf } from "./drain.ts";

type Labels = Readonly<Record<string, string>>;

const labelsOf = (labels: Labels): NonNullable<TaskInfo["labels"]> => ({
  labels: Object.entries(labels).map(([key, value]) => ({ key, value })),
});

function taskWith(of: { task?: Labels; discovery?: Labels; port?: Labels }): TaskInfo {
  return {
    name: "t",
    task_id: { value: "t" },
    agent_id: { value: "a" },
    ...(of.task === undefined ? {} : { labels: labelsOf(of.task) }),
    discovery: {
      visibility: "FRAMEWORK",
      ...(of.discovery === undefined ? {} : { labels: labelsOf(of.discovery) }),
      ports: {
        ports: [
          { number: 1 },
          { number: 2, ...(of.port === undefined ? {} : { labels: labelsOf(of.port) }) },
        ],
      },
    },
  };
}

/** Long enough for a failover of those who take a task out; two seconds for its connections. */
const withoutLabel = { drainMs: 10_000, connectionsMs: 2_000 };

describe("[EXE17] how long SIGTERM is held", () => {
  it.each([
    [{}, undefined],
    [{ task: { drainSeconds: "5" } }, undefined],
    [{ task: { VIP_0: "/web:80" } }, undefined],
    [{ port: { VIP_0: "/web:80" } }, withoutLabel],
    [{ port: { vip: "/web:80" } }, withoutLabel],
    [{ task: { VIP_PORT1: "/web:80" } }, withoutLabel],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "0.25" } }, { drainMs: 250 }],
    [{ port: { VIP_0: "/web:80", drainSeconds: "7" } }, { drainMs: 7_000 }],
    [
      { port: { VIP_0: "/web:80", drainSeconds: "7" }, discovery: { drainSeconds: "3" } },
      { drainMs: 3_000 },
    ],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "0" } }, undefined],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "soon" } }, withoutLabel],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "-1" } }, withoutLabel],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "86400" } }, { drainMs: 300_000 }],
  ])("%j: %j", (of, drain) => {
    expect(drainOf(taskWith(of))).toEqual(drain);
  });
});
