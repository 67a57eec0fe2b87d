import { nanosecondsOf } from "@tutti/mesos-v1";
import type {
  AgentResponseGetAgent,
  AgentResponseGetExecutors,
  AgentResponseGetFrameworks,
  AgentResponseGetState,
  AgentResponseGetTasks,
  DrainConfig,
  Task,
} from "@tutti/mesos-v1";
import type { DrainOrder } from "../records.ts";
import { taskMessageOf } from "../task-message.ts";
import type { AgentView, TaskView } from "../view.ts";
import { executorInfoOf, splitFrameworks } from "./executors.ts";

/** GET_AGENT; while it is drained, how. */
export function getAgent({ config, agentId, drain }: AgentView): AgentResponseGetAgent {
  return {
    agent_info: agentId === undefined ? config.info : { ...config.info, id: { value: agentId } },
    ...(drain === undefined
      ? {}
      : {
          drain_config: drainConfigOf(drain),
          estimated_drain_start_time: {
            nanoseconds: nanosecondsOf(Math.floor(drain.sinceWallMs / 1000) * 1000),
          },
        }),
  };
}

/** What was asked for with a drain. */
export function drainConfigOf({ maxGraceMs, markGone }: DrainOrder): DrainConfig {
  return {
    ...(maxGraceMs === undefined
      ? {}
      : { max_grace_period: { nanoseconds: nanosecondsOf(maxGraceMs) } }),
    mark_gone: markGone,
  };
}

/** GET_TASKS: alive, over but not acknowledged, and completed. */
export function getTasks({ tasks }: AgentView): AgentResponseGetTasks {
  const messages = (stage: TaskView["stage"]): readonly Task[] =>
    tasks.flatMap((task) => {
      const message = task.stage === stage ? taskMessageOf(task.record, task.run) : undefined;
      return message === undefined ? [] : [message];
    });
  return {
    pending_tasks: [],
    queued_tasks: [],
    launched_tasks: messages("running"),
    terminated_tasks: messages("terminated"),
    completed_tasks: messages("completed"),
  };
}

/** GET_FRAMEWORKS. */
export function getFrameworks(view: AgentView): AgentResponseGetFrameworks {
  const { active, completed } = splitFrameworks(view);
  return {
    frameworks: active.map((info) => ({ framework_info: info })),
    completed_frameworks: completed.map((info) => ({ framework_info: info })),
  };
}

/** GET_EXECUTORS: command tasks, each as an executor. */
export function getExecutors({ tasks }: AgentView): AgentResponseGetExecutors {
  const infos = (completed: boolean): AgentResponseGetExecutors["executors"] =>
    tasks.flatMap((task) => {
      const info = (task.stage === "completed") === completed ? executorInfoOf(task) : undefined;
      return info === undefined ? [] : [{ executor_info: info }];
    });
  return { executors: infos(false) ?? [], completed_executors: infos(true) ?? [] };
}

/** GET_STATE. */
export function getState(view: AgentView): AgentResponseGetState {
  return {
    get_tasks: getTasks(view),
    get_executors: getExecutors(view),
    get_frameworks: getFrameworks(view),
  };
}
