import { describe, expect, test } from "vitest";
import {
  canTask,
  enums,
  isTerminal,
  isUnreachable,
  stateForPartitionUnaware,
  taskCan,
  taskReasons,
  terminalTaskStates,
} from "./index.ts";

describe("task states", () => {
  test("[TSK1] every state is active, unreachable or terminal, and the terminal ones use nothing", () => {
    for (const state of enums.TaskState.names) {
      const kinds = [isTerminal(state), isUnreachable(state), canTask("useResources", state)];
      expect([state, kinds.filter(Boolean)]).toEqual([state, [true]]);
    }
    expect(terminalTaskStates).toHaveLength(8);
  });

  test("[TSK2] nothing terminal can be killed", () => {
    expect(taskCan.kill.filter((state) => isTerminal(state))).toEqual([]);
  });

  test("[TSK3] a framework that is not partition aware sees only states it knows", () => {
    const told = new Set(enums.TaskState.names.map(stateForPartitionUnaware));
    for (const state of [
      "TASK_UNREACHABLE",
      "TASK_DROPPED",
      "TASK_GONE",
      "TASK_UNKNOWN",
    ] as const) {
      expect(told.has(state)).toBe(false);
    }
    expect(stateForPartitionUnaware("TASK_RUNNING")).toBe("TASK_RUNNING");
  });

  test("[TSK4] every reason stands in exactly one group", () => {
    expect(Object.values(taskReasons).flat().toSorted()).toEqual(
      enums.TaskStatusReason.names.toSorted(),
    );
  });
});
