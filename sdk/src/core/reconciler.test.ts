import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { Reconciler } from "./reconciler.ts";

const tasks = [{ taskId: "a", agentId: "x" }, { taskId: "b" }];

function asked(reconciler: Reconciler, monoMs: number): readonly string[] {
  return reconciler
    .takeCalls(monoMs)
    .flatMap(({ reconcile }) => (reconcile?.tasks ?? []).map(({ task_id: id }) => id.value));
}

describe("Reconciler", () => {
  it("[SDK10] asks at once, then ever more slowly, until every task is answered", () => {
    const reconciler = new Reconciler();
    reconciler.ask(tasks, 0);
    expect(asked(reconciler, 0)).toEqual(["a", "b"]);
    expect(asked(reconciler, 999)).toEqual([]);
    reconciler.answered("a");
    expect(asked(reconciler, 1000)).toEqual(["b"]);
    expect(asked(reconciler, 2999)).toEqual([]);
    expect(asked(reconciler, 3000)).toEqual(["b"]);
    reconciler.answered("b");
    expect(reconciler.nextMonoMs).toBeUndefined();
  });

  it("[SDK10] asks in calls of bounded size", () => {
    const reconciler = new Reconciler();
    const many = Array.from({ length: limits.reconcileTasksMax + 1 }, (_, index) => ({
      taskId: `t${index}`,
    }));
    reconciler.ask(many, 0);
    expect(reconciler.takeCalls(0)).toHaveLength(2);
  });

  it("[SDK10] has nothing to ask about no tasks", () => {
    const reconciler = new Reconciler();
    reconciler.ask([], 0);
    expect(reconciler.nextMonoMs).toBeUndefined();
  });
});
