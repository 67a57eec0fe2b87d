import { describe, expect, it } from "vitest";
import type { TaskInfo } from "@tutti/mesos-v1";
import { drainMsOf } from "./drain.ts";

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

describe("[EXE17] how long SIGTERM is held", () => {
  it.each([
    [{}, undefined],
    [{ task: { drainSeconds: "5" } }, undefined],
    [{ task: { VIP_0: "/web:80" } }, undefined],
    [{ port: { VIP_0: "/web:80" } }, 2_000],
    [{ port: { vip: "/web:80" } }, 2_000],
    [{ task: { VIP_PORT1: "/web:80" } }, 2_000],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "0.25" } }, 250],
    [{ port: { VIP_0: "/web:80", drainSeconds: "7" } }, 7_000],
    [{ port: { VIP_0: "/web:80", drainSeconds: "7" }, discovery: { drainSeconds: "3" } }, 3_000],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "0" } }, undefined],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "soon" } }, 2_000],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "-1" } }, 2_000],
    [{ port: { VIP_0: "/web:80" }, task: { drainSeconds: "86400" } }, 300_000],
  ])("%j: %s ms", (of, drainMs) => {
    expect(drainMsOf(taskWith(of))).toBe(drainMs);
  });
});
