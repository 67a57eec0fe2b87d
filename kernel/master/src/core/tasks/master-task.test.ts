import { known, parseAgentId, parseFrameworkId, parseTaskId } from "@tutti/ids";
import type { Task, TaskStatus } from "@tutti/mesos-v1";
import { Resources } from "@tutti/resources";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import { MasterTask } from "./master-task.ts";
import { SharedParts } from "./shared-parts.ts";

const key = {
  frameworkId: known(parseFrameworkId("f0")),
  taskId: known(parseTaskId("t0")),
  agentId: known(parseAgentId("a0")),
};

function scalar(name: string, value: number): NonNullable<Task["resources"]>[number] {
  return { name, type: "SCALAR", scalar: { value }, allocation_info: { role: "web" } };
}

const texts = fc.constantFrom<string>("one", "two", "drei 3", "");
const labels = fc.record({ labels: fc.array(fc.record({ key: texts, value: texts })) });
const statusesOf = fc.record(
  {
    state: fc.constantFrom("TASK_STARTING" as const, "TASK_RUNNING" as const),
    message: texts,
    source: fc.constantFrom("SOURCE_EXECUTOR" as const, "SOURCE_AGENT" as const),
    reason: fc.constant("REASON_RECONCILIATION" as const),
    timestamp: fc.nat(),
    uuid: texts,
    healthy: fc.boolean(),
    labels,
    unreachable_time: fc.record({ nanoseconds: fc.constantFrom(5, 5n) }),
    container_status: fc.record(
      {
        container_id: fc.record(
          { value: texts, parent: fc.record({ value: texts }) },
          { requiredKeys: ["value"] },
        ),
        executor_pid: fc.nat(),
        network_infos: fc.array(
          fc.record({ ip_addresses: fc.array(fc.record({ ip_address: texts })) }),
        ),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["state"] },
);
const tasks = fc.record(
  {
    name: texts,
    labels,
    user: texts,
    executor_id: fc.record({ value: texts }),
    kill_policy: fc.record({ grace_period: fc.record({ nanoseconds: fc.constantFrom(7, 7n) }) }),
    state: fc.constantFrom("TASK_STAGING" as const, "TASK_RUNNING" as const),
    resources: fc.array(
      fc.constantFrom<NonNullable<Task["resources"]>[number]>(
        scalar("cpus", 0.1),
        { ...scalar("cpus", 0.5), role: "*" },
        scalar("mem", 32.00049),
        { ...scalar("disk", 5), disk: { persistence: { id: "p" } } },
        {
          name: "ports",
          type: "RANGES",
          ranges: {
            range: [
              { begin: 5, end: 6 },
              { begin: 1, end: 2 },
            ],
          },
          allocation_info: { role: "web" },
        },
      ),
      { minLength: 1, maxLength: 4 },
    ),
    statuses: fc.array(statusesOf, { minLength: 1, maxLength: 4 }),
    status_update_state: fc.constant("TASK_RUNNING" as const),
    status_update_uuid: texts,
  },
  { requiredKeys: ["name", "state", "resources"] },
);

type Fields = Pick<Task, "name" | "state"> &
  Partial<Omit<Task, "statuses">> & {
    readonly statuses?: readonly Omit<TaskStatus, "task_id" | "agent_id">[];
  };

function held(fields: Fields, shared: SharedParts) {
  const ids = { task_id: { value: "t0" }, agent_id: { value: "a0" } };
  const { statuses, ...others } = fields;
  const told: Task = {
    ...others,
    ...ids,
    framework_id: { value: "f0" },
    ...(statuses === undefined
      ? {}
      : { statuses: statuses.map((status): TaskStatus => ({ ...status, ...ids })) }),
  };
  const parsed = Resources.parse(fields.resources ?? []);
  const resources = parsed.ok ? parsed.value : Resources.empty;
  return { told, task: MasterTask.of({ ...key, task: told, resources }, shared) };
}

describe("MasterTask", () => {
  it("[MST69] shows a task as it was told, whatever it shares with others", () => {
    const shared = new SharedParts();
    fc.assert(
      fc.property(tasks, (fields) => {
        const { told, task } = held(fields, shared);
        expect(task.task).toEqual(told);
        expect(task.withKill({}).withoutLaunch().task).toEqual(told);
      }),
    );
  });

  it("[MST69] what tasks have alike is one object for all, however it was told", () => {
    const shared = new SharedParts();
    const one = () => ({ labels: [{ key: "a", value: "b" }] });
    const tellOne = () => held({ name: "web", state: "TASK_STAGING", labels: one() }, shared).task;
    expect(tellOne().task.labels).toBe(tellOne().task.labels);
  });
});

describe("SharedParts", () => {
  it("[MST69] tells what looks alike apart", () => {
    const shared = new SharedParts();
    const values = [1, 1n, "1", [1], ["1"], { a: 1 }, { a: "1" }, ["ab", "c"], ["a", "bc"], true];
    const kept = values.map((value) => shared.value(value));
    expect(kept).toEqual(values);
  });

  it("[MST69] is bounded, and what is too large is not kept", () => {
    const shared = new SharedParts();
    const first = shared.value({ n: -1 });
    for (let n = 0; n <= limits.sharedPartsMax; n += 1) shared.value({ n });
    expect(shared.value({ n: -1 })).not.toBe(first);
    const large = { text: "x".repeat(limits.sharedValueCharsMax) };
    expect(shared.value({ ...large })).not.toBe(shared.value({ ...large }));
  });
});
