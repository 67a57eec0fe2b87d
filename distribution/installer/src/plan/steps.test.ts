import { describe, expect, it } from "vitest";
import { runSteps, StepFailed, type Step, type StepReport } from "./steps.ts";

/** Steps that write down what happens to them. */
function recorded(
  names: readonly string[],
  failing?: string,
): { steps: Step[]; log: string[]; report: StepReport } {
  const log: string[] = [];
  const steps = names.map((name): Step => ({
    name,
    run: async () => {
      log.push(`do ${name}`);
      await Promise.resolve();
      if (name === failing) throw new Error("no");
    },
    undo: async () => {
      log.push(`undo ${name}`);
      await Promise.resolve();
      if (name === "stubborn") throw new Error("stays");
    },
  }));
  const report: StepReport = {
    begin: () => undefined,
    end: () => undefined,
    failed: () => log.push("failed"),
    undoFailed: (name) => log.push(`cannot undo ${name}`),
  };
  return { steps, log, report };
}

const never = new AbortController().signal;

describe("the steps of a start", () => {
  it("[MAC3] are done in order, and nothing is taken back", async () => {
    const { steps, log, report } = recorded(["a", "b"]);
    await runSteps(steps, never, report);
    expect(log).toEqual(["do a", "do b"]);
  });

  it("[MAC3] a failure takes back the failed one and all before it, last first", async () => {
    const { steps, log, report } = recorded(["a", "stubborn", "b", "c"], "b");
    await expect(runSteps(steps, never, report)).rejects.toThrow(
      new StepFailed("b", new Error("no")),
    );
    expect(log).toEqual([
      "do a",
      "do stubborn",
      "do b",
      "failed",
      "undo b",
      "undo stubborn",
      "cannot undo stubborn",
      "undo a",
    ]);
  });

  it("[MAC3] an interrupt is a failure of the step that was being done", async () => {
    const { steps, log, report } = recorded(["a", "b", "c"]);
    const abort = new AbortController();
    const interrupting: Step = {
      name: "b",
      run: async () => {
        await Promise.resolve();
        abort.abort();
      },
    };
    const all = steps.map((step) => (step.name === "b" ? interrupting : step));
    await expect(runSteps(all, abort.signal, report)).rejects.toMatchObject({ step: "b" });
    expect(log).toEqual(["do a", "failed", "undo a"]);
  });
});
