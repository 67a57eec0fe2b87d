import { describe, expect, it } from "vitest";
import type { Offer } from "@tutti/mesos-v1";
import { Batch, commandsOf } from "./batch.ts";

const options = { cpus: 1, memMb: 100, parallel: 3, attempts: 2 };

function offer(cpus: number, mem: number): Offer {
  const role = { role: "*" };
  return {
    id: { value: "o" },
    framework_id: { value: "f" },
    agent_id: { value: "agent-1" },
    hostname: "h",
    allocation_info: role,
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: cpus }, allocation_info: role },
      { name: "mem", type: "SCALAR", scalar: { value: mem }, allocation_info: role },
    ],
  };
}

function launched(batch: Batch, cpus = 10, mem = 10_000): readonly string[] {
  return batch.place(offer(cpus, mem)).placement.tasks.map((task) => task.task_id.value);
}

describe("the batch of the example", () => {
  it("[SDK11] reads a command from each line that is neither empty nor a comment", () => {
    expect(commandsOf("a\n\n# no\n  b  \n")).toEqual(["a", "b"]);
  });

  it("[SDK11] launches what fits on the offer, and no more at once than it may", () => {
    const batch = new Batch(["a", "b", "c", "d"], options);
    expect(launched(batch, 2.5)).toEqual(["line-1-attempt-1", "line-2-attempt-1"]);
    expect(launched(batch, 10, 99)).toEqual([]);
    expect(launched(batch)).toEqual(["line-3-attempt-1"]);
    expect(batch.wantsOffers).toBe(false);
    expect(batch.status("line-1-attempt-1", "TASK_FINISHED")).toMatchObject({ finished: true });
    expect(launched(batch)).toEqual(["line-4-attempt-1"]);
  });

  it("[SDK11] tries a failed command again, as often as it may, and only then gives it up", () => {
    const batch = new Batch(["a"], options);
    launched(batch);
    batch.status("line-1-attempt-1", "TASK_FAILED");
    expect(launched(batch)).toEqual(["line-1-attempt-2"]);
    // A repetition of an old status means nothing.
    expect(batch.status("line-1-attempt-1", "TASK_FAILED")).toBeUndefined();
    expect(batch.isDone).toBe(false);
    batch.status("line-1-attempt-2", "TASK_LOST");
    expect(batch.isDone).toBe(true);
    expect(batch.count("failed")).toBe(1);
  });

  it("[SDK11] waits for a task whose agent cannot be reached", () => {
    const batch = new Batch(["a"], options);
    launched(batch);
    expect(batch.status("line-1-attempt-1", "TASK_UNREACHABLE")).toBeUndefined();
    expect(batch.live).toEqual([{ taskId: "line-1-attempt-1", agentId: "agent-1" }]);
  });

  it("[SDK11] taken up from its journal it is where it was", () => {
    const first = new Batch(["a", "b"], options);
    const { entries } = first.place(offer(10, 10_000));
    const ended = first.status("line-2-attempt-1", "TASK_FINISHED");
    const second = new Batch(["a", "b"], options);
    second.replay(ended === undefined ? entries : [...entries, ended]);
    expect(second.live).toEqual(first.live);
    expect(second.count("finished")).toBe(1);
    expect(launched(second)).toEqual([]);
    second.allDead();
    expect(launched(second)).toEqual(["line-1-attempt-2"]);
  });
});
