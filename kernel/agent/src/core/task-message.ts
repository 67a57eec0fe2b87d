import type { Task } from "@tutti/mesos-v1";
import type { TaskRecord, TaskRun } from "./records.ts";

/** A task as the API and the master see it; undefined for one the agent was only asked about. */
export function taskMessageOf(record: TaskRecord, run: TaskRun): Task | undefined {
  const { info } = record;
  if (info === undefined) return undefined;
  const [first] = run.pending;
  const update =
    first?.uuid === undefined ? run.acknowledged : { state: first.state, uuid: first.uuid };
  return {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: record.frameworkId },
    agent_id: info.agent_id,
    state: run.state,
    ...(info.resources === undefined ? {} : { resources: info.resources }),
    statuses: run.statuses,
    ...(update === undefined
      ? {}
      : { status_update_state: update.state, status_update_uuid: update.uuid }),
    ...(info.labels === undefined ? {} : { labels: info.labels }),
    ...(info.discovery === undefined ? {} : { discovery: info.discovery }),
    ...(info.container === undefined ? {} : { container: info.container }),
    ...(info.health_check === undefined ? {} : { health_check: info.health_check }),
    ...(info.kill_policy === undefined ? {} : { kill_policy: info.kill_policy }),
    ...(info.command?.user === undefined ? {} : { user: info.command.user }),
    ...(info.limits === undefined ? {} : { limits: info.limits }),
  };
}
