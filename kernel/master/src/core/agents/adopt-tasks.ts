import { parseFrameworkId, parseTaskId } from "@tutti/ids";
import type { FrameworkId } from "@tutti/ids";
import type { FrameworkInfo, Task } from "@tutti/mesos-v1";
import { Resources } from "@tutti/resources";
import { subtractCharge } from "../charge.ts";
import type { Framework, Session } from "../entities.ts";
import { frameworkOfUnknown, recoverFramework } from "../frameworks/recover-framework.ts";
import {
  sendStatus,
  sendToAgent,
  statusOfMaster,
  tellOperators,
  tellTaskUpdated,
} from "../send.ts";
import { MasterTask } from "../tasks/master-task.ts";
import type { TaskKey } from "../tasks/master-task.ts";
import { chargeTask, isEnded } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";
import { log } from "../turn.ts";
import type { Adoption } from "./adoption.ts";
import { reconcileMissingTasks } from "./reconcile-missing.ts";

/**
 * Brings the master's books in line with what the agent holds. The agent is the truth about its tasks;
 * nothing is killed because the master does not know it. Rules MST16 to MST19.
 */
export function adoptTasks(turn: Turn, adoption: Adoption): void {
  const { session, hello } = adoption;
  const infos = new Map(hello.frameworks.map((info) => [info.id?.value ?? "", info]));
  const held = new Map<FrameworkId, Set<string>>();
  const ended = new Set<FrameworkId>();
  for (const wire of hello.tasks) {
    const key = keyOf(wire);
    if (key === undefined) continue;
    if (turn.state.completedFrameworks.has(key.frameworkId)) {
      ended.add(key.frameworkId);
      continue;
    }
    const framework = frameworkFor(turn, key.frameworkId, infos);
    const taskIds = held.get(key.frameworkId) ?? new Set();
    held.set(key.frameworkId, taskIds.add(key.taskId));
    adoptTask(turn, adoption, framework, key, wire);
  }
  for (const frameworkId of ended) {
    sendToAgent(turn, session, { type: "shutdownFramework", frameworkId });
  }
  reconcileMissingTasks(turn, adoption, held);
}

function keyOf(wire: Task): TaskKey | undefined {
  const frameworkId = parseFrameworkId(wire.framework_id.value);
  const taskId = parseTaskId(wire.task_id.value);
  if (!frameworkId.ok || !taskId.ok) return undefined;
  return { frameworkId: frameworkId.value, taskId: taskId.value };
}

function frameworkFor(
  turn: Turn,
  id: FrameworkId,
  infos: ReadonlyMap<string, FrameworkInfo>,
): Framework {
  const known = turn.state.frameworks.get(id);
  return known ?? recoverFramework(turn, id, infos.get(id) ?? frameworkOfUnknown(id));
}

function adoptTask(
  turn: Turn,
  { session, wasUnreachable }: Adoption,
  framework: Framework,
  key: TaskKey,
  wire: Task,
): void {
  const known = turn.state.task(key);
  if (known === undefined) {
    addTask(turn, session, framework, key, wire);
    if (wasUnreachable) sendReturned(turn, framework, session, wire);
  } else if (known.agentId === session.agentId) {
    updateTask(turn, session, known, wire);
  } else {
    // The framework has started this id again elsewhere while the agent was away: the newer one stays.
    log(turn, {
      what: "taskDoubled",
      ...key,
      agentId: session.agentId,
      runsOn: known.agentId,
    });
    sendToAgent(turn, session, { type: "killTask", ...key });
  }
}

function addTask(
  turn: Turn,
  session: Session,
  framework: Framework,
  key: TaskKey,
  wire: Task,
): void {
  turn.state.tasksOf(framework.id).unreachable.delete(key.taskId);
  const resources = resourcesOfTask(framework, wire);
  const origin = { ...key, agentId: session.agentId, task: wire, resources };
  const task = MasterTask.of(origin, turn.state.shared);
  turn.state.putTask(task);
  chargeTask(turn, task);
  tellOperators(turn, () => ({ type: "TASK_ADDED", task_added: { task: wire } }));
}

/** What a task's record says it holds; a missing allocation is the framework's first role. */
function resourcesOfTask(framework: Framework, wire: Task): Resources {
  const parsed = Resources.parse(wire.resources ?? []);
  if (!parsed.ok) return Resources.empty;
  if (parsed.value.byAllocation().size > 0) return parsed.value;
  return parsed.value.allocate(framework.roles[0] ?? "*");
}

/** The agent has it, so its launch has arrived; a kill that was asked for is asked for again. */
function updateTask(turn: Turn, session: Session, known: MasterTask, wire: Task): void {
  const task = isEnded(known) ? known.withoutLaunch() : known.asTold(wire, turn.state.shared);
  if (isEnded(task) && !isEnded(known)) subtractCharge(turn, "used", task, task.resources);
  turn.state.putTask(task);
  if (!isEnded(known)) tellMissed(turn, known, task);
  if (task.kill !== undefined && !isEnded(task)) {
    sendToAgent(turn, session, {
      type: "killTask",
      frameworkId: task.frameworkId,
      taskId: task.taskId,
      ...(task.kill.policy === undefined ? {} : { killPolicy: task.kill.policy }),
    });
  }
}

/**
 * Operators hear of what happened to a task while its agent was away now: the update that the agent
 * will send again is none that is new to the books.
 */
function tellMissed(turn: Turn, before: MasterTask, now: MasterTask): void {
  const latest = now.task.statuses?.at(-1);
  if (latest === undefined || latest.uuid === before.updateUuid) return;
  if (latest.uuid === undefined && now.state === before.state) return;
  tellTaskUpdated(turn, now, latest, now.state);
}

function sendReturned(turn: Turn, framework: Framework, session: Session, wire: Task): void {
  const container = wire.statuses?.at(-1)?.container_status;
  const status = statusOfMaster(turn, {
    taskId: wire.task_id.value,
    agentId: session.agentId,
    state: wire.state,
    reason: "REASON_AGENT_REREGISTERED",
    message: "Unreachable agent re-reregistered",
  });
  sendStatus(
    turn,
    framework,
    container === undefined ? status : { ...status, container_status: container },
  );
}
