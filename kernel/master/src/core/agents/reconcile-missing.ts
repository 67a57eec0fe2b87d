import type { FrameworkId } from "@tutti/ids";
import type { Framework, Session } from "../entities.ts";
import { sendStatus, stateFor, statusOfMaster, tellTaskUpdated } from "../send.ts";
import type { MasterStatus } from "../send.ts";
import { subtractCharge } from "../charge.ts";
import type { MasterTask } from "../tasks/master-task.ts";
import { sendLaunch } from "../tasks/send-launch.ts";
import { countTerminal, isEnded } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";
import { log } from "../turn.ts";
import type { Adoption } from "./adoption.ts";

/**
 * Settles every task the master has on this agent and the agent does not hold: launched and never
 * acknowledged, it is launched again, unless a kill was asked for or the agent is drained; ended, its end was
 * acknowledged; else the agent has lost it.
 * Rules MST17, MST18, MST19, MST114.
 */
export function reconcileMissingTasks(
  turn: Turn,
  { session, wasUnreachable }: Adoption,
  held: ReadonlyMap<FrameworkId, ReadonlySet<string>>,
): void {
  const isDraining = turn.state.agents.get(session.agentId)?.record.drain !== undefined;
  for (const task of turn.state.tasksOfAgent(session.agentId)) {
    if (held.get(task.frameworkId)?.has(task.taskId) === true) continue;
    const framework = turn.state.frameworks.get(task.frameworkId);
    if (isEnded(task)) turn.state.completeTask(task);
    else if (task.launch === undefined) loseTask(turn, framework, task, forgotten);
    else if (task.kill !== undefined) loseTask(turn, framework, task, killed);
    else if (isDraining) loseTask(turn, framework, task, drained);
    else sendLaunch(turn, session, task);
  }
  if (wasUnreachable) settleUnreachable(turn, session);
}

type Loss = Pick<MasterStatus, "state" | "reason" | "message">;

/** The agent does not know a task it once acknowledged. */
const forgotten: Loss = {
  state: "TASK_DROPPED",
  reason: "REASON_RECONCILIATION",
  message: "Reconciliation: task unknown to the agent",
};

/** Its launch has not reached the agent, and now the agent is drained. */
const drained: Loss = {
  state: "TASK_DROPPED",
  reason: "REASON_AGENT_DRAINING",
  message: "The agent is being drained",
};

/** Its launch has not reached the agent, and now it is not wanted any more. */
const killed: Loss = {
  state: "TASK_KILLED",
  reason: "REASON_TASK_KILLED_DURING_LAUNCH",
  message: "Killed before its launch had reached the agent",
};

function loseTask(
  turn: Turn,
  framework: Framework | undefined,
  task: MasterTask,
  loss: Loss,
): void {
  if (framework === undefined) return;
  if (loss !== killed) logLoss(turn, task);
  const status = statusOfMaster(turn, {
    taskId: task.taskId,
    agentId: task.agentId,
    ...loss,
    state: stateFor(framework, loss.state),
  });
  subtractCharge(turn, "used", task, task.resources);
  countTerminal(turn, task, status.state);
  const lost = task.withStatus(status, status.state, turn.state.shared);
  turn.state.putTask(lost);
  turn.state.completeTask(lost);
  sendStatus(turn, framework, status);
  tellTaskUpdated(turn, task, status, status.state);
}

function logLoss(turn: Turn, { frameworkId, taskId, agentId }: MasterTask): void {
  log(turn, { what: "taskLost", frameworkId, taskId, agentId });
}

/** Tasks that were unreachable with this agent and have not come back with it are gone. */
function settleUnreachable(turn: Turn, session: Session): void {
  for (const [frameworkId, tasks] of turn.state.tasks) {
    const framework = turn.state.frameworks.get(frameworkId);
    if (framework === undefined) continue;
    const gone = [...tasks.unreachable.values()].filter((task) => task.agentId === session.agentId);
    for (const task of gone) {
      tasks.unreachable.delete(task.taskId);
      logLoss(turn, task);
      const status = statusOfMaster(turn, {
        taskId: task.taskId,
        agentId: task.agentId,
        state: stateFor(framework, "TASK_GONE"),
        reason: "REASON_RECONCILIATION",
        message: "Reconciliation: Task is unknown to the agent",
      });
      tasks.completedCount += 1;
      const lost = task.withStatus(status, status.state, turn.state.shared);
      tasks.completed.set(tasks.completedCount, lost.task);
      countTerminal(turn, task, status.state);
      sendStatus(turn, framework, status);
      tellTaskUpdated(turn, task, status, status.state);
    }
  }
}
