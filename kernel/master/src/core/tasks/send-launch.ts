import { present } from "@tutti/base";
import type { Session } from "../entities.ts";
import { sendToAgent } from "../send.ts";
import type { Turn } from "../turn.ts";
import type { MasterTask } from "./master-task.ts";

/** Orders the agent to run a task that it has not acknowledged yet. */
export function sendLaunch(turn: Turn, session: Session, task: MasterTask): void {
  const framework = present(
    turn.state.frameworks.get(task.frameworkId),
    "a launched task's framework",
  );
  const launch = present(task.launch, "the launch of a task that was not acknowledged");
  const seq = sendToAgent(turn, session, {
    type: "launchTask",
    framework: framework.info,
    task: launch.info,
    principal: launch.principal,
  });
  session.unacknowledged.set(seq, { frameworkId: task.frameworkId, taskId: task.taskId });
}
