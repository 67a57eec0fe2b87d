import { describeSignal } from "./signal-names.ts";
import type { TaskPolicy } from "./policy.ts";
import type { CommandExit, ExecutorState, StatusDraft } from "./types.ts";

/** The terminal update of a command that ended in `state`. Rules EXE4 to EXE8. */
export function describeExit(
  exit: CommandExit,
  state: ExecutorState,
  policy: TaskPolicy,
): StatusDraft {
  const message = describeEnd(exit);
  if (state.phase === "starting" && state.killed) {
    return {
      state: "TASK_KILLED",
      message: "Task killed before it was running",
      reason: "REASON_TASK_KILLED_DURING_LAUNCH",
      source: "SOURCE_EXECUTOR",
    };
  }
  if (state.phase === "killing") return describeKilled(state.cause, message);
  if (exit.exitCode === 0) return { state: "TASK_FINISHED", message, source: "SOURCE_EXECUTOR" };
  if (exit.oomKilled) return describeOutOfMemory(policy);
  if (exit.unknown === true) {
    return {
      state: "TASK_FAILED",
      message,
      reason: "REASON_COMMAND_EXECUTOR_FAILED",
      source: "SOURCE_EXECUTOR",
    };
  }
  return { state: "TASK_FAILED", message, source: "SOURCE_EXECUTOR" };
}

function describeKilled(
  cause: Extract<ExecutorState, { phase: "killing" }>["cause"],
  message: string,
): StatusDraft {
  const source = "SOURCE_EXECUTOR";
  switch (cause) {
    case "requested":
      return { state: "TASK_KILLED", message, source };
    case "health":
      return { state: "TASK_KILLED", message, source, healthy: false };
    case "maxCompletionTime":
      return {
        state: "TASK_FAILED",
        message,
        source,
        reason: "REASON_MAX_COMPLETION_TIME_REACHED",
      };
  }
}

function describeOutOfMemory(policy: TaskPolicy): StatusDraft {
  const megabytes = policy.memLimitMb;
  return {
    state: "TASK_FAILED",
    message:
      megabytes === undefined
        ? "Memory limit exceeded"
        : `Memory limit exceeded: Requested: ${megabytes}MB`,
    reason: "REASON_CONTAINER_LIMITATION_MEMORY",
    source: "SOURCE_AGENT",
    ...(megabytes === undefined
      ? {}
      : {
          limitation: {
            resources: [{ name: "mem", type: "SCALAR", scalar: { value: megabytes } }],
          },
        }),
  };
}

function describeEnd(exit: CommandExit): string {
  if (exit.exitCode !== undefined) return `Command exited with status ${exit.exitCode}`;
  if (exit.signal !== undefined)
    return `Command terminated with signal ${describeSignal(exit.signal)}`;
  return "Failed to get exit status for Command";
}
