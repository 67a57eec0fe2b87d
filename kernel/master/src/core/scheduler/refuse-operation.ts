import type { OfferOperation, TaskInfo } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import { sendStatus, sendToFramework, statusOfMaster } from "../send.ts";
import type { Turn } from "../turn.ts";
import { logRefusedLaunch } from "./launch.ts";

/**
 * Operations on reservations, volumes and disks are not part of this release: whoever gave the
 * operation an id is told; without one Mesos has no way to say it either. Rule MST49.
 */
export function refuseOperation(
  turn: Turn,
  framework: Framework,
  operation: OfferOperation,
  type: string,
): void {
  turn.state.metrics.count(`operations/${type.toLowerCase()}/error`);
  if (operation.id === undefined) return;
  sendToFramework(turn, framework, {
    type: "UPDATE_OPERATION_STATUS",
    update_operation_status: {
      status: {
        operation_id: operation.id,
        state: "OPERATION_ERROR",
        message: `The operation ${type} is not supported by this release; nothing was changed`,
      },
    },
  });
}

/** Task groups are not part of this release: each task of one is told so, none is launched. Rule MST49. */
export function refuseTaskGroup(
  turn: Turn,
  framework: Framework,
  tasks: readonly TaskInfo[],
): void {
  for (const task of tasks) {
    logRefusedLaunch(turn, framework, task, "task groups are not supported by this release");
    turn.state.metrics.count("tasks_error");
    turn.state.metrics.countOf(framework.id, "tasks/terminal/task_error");
    sendStatus(
      turn,
      framework,
      statusOfMaster(turn, {
        taskId: task.task_id.value,
        agentId: task.agent_id.value,
        state: "TASK_ERROR",
        reason: "REASON_TASK_GROUP_INVALID",
        message:
          "Task groups (LAUNCH_GROUP) are not supported by this release; launch each task by itself with LAUNCH",
      }),
    );
  }
}
