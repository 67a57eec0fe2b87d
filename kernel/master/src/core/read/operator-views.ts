import type {
  MasterResponseGetAgents,
  MasterResponseGetFrameworks,
  MasterResponseGetRoles,
  MasterResponseGetState,
  MasterResponseGetTasks,
  MasterResponseGetWeights,
  Task,
} from "@tutti/mesos-v1";
import type { Resources } from "@tutti/resources";
import type { MasterView } from "../view.ts";
import { agentView } from "./agent-view.ts";
import { completedFrameworkView, frameworkView } from "./framework-view.ts";
import { roleSummaries } from "./roles.ts";

/** GET_STATE, and the snapshot of a new operator stream. */
export function getState(view: MasterView): MasterResponseGetState {
  return {
    get_tasks: getTasks(view),
    get_executors: { executors: [] },
    get_frameworks: getFrameworks(view),
    get_agents: getAgents(view),
  };
}

/** GET_TASKS */
export function getTasks(view: MasterView): MasterResponseGetTasks {
  const tasks: Task[] = [];
  const unreachable: Task[] = [];
  const completed: Task[] = [];
  const ended = [...view.completedFrameworks.values()].map((framework) => framework.tasks);
  for (const some of [...view.tasks.values(), ...ended]) {
    for (const task of some.active.values()) tasks.push(task.task);
    for (const task of some.unreachable.values()) unreachable.push(task.task);
    completed.push(...some.completed.values());
  }
  return { tasks, unreachable_tasks: unreachable, completed_tasks: completed };
}

/** GET_FRAMEWORKS */
export function getFrameworks(view: MasterView): MasterResponseGetFrameworks {
  return {
    frameworks: [...view.frameworks.values()].map((framework) => frameworkView(view, framework)),
    completed_frameworks: [...view.completedFrameworks.values()].map(completedFrameworkView),
  };
}

/** GET_AGENTS */
export function getAgents(view: MasterView): MasterResponseGetAgents {
  return {
    agents: [...view.agents.values()].map(agentView),
    recovered_agents: [...view.recoveredAgents.values()].map((record) => record.info),
  };
}

/** GET_ROLES: every role that has a framework, a weight or a reservation, by name. */
export function getRoles(view: MasterView): MasterResponseGetRoles {
  return {
    roles: roleSummaries(view).map((role) => ({
      name: role.name,
      weight: role.weight,
      frameworks: role.frameworkIds.map((value) => ({ value })),
      resources: [...scalarsOf(role.used.add(role.offered))],
    })),
  };
}

/** Scalars by name, to whomever they belong. */
function scalarsOf(resources: Resources): NonNullable<Task["resources"]> {
  return resources
    .quantities()
    .entries()
    .map(([name, amount]) => ({ name, type: "SCALAR", scalar: { value: amount / 1000 } }));
}

/** GET_WEIGHTS: undefined when there are none, as Mesos leaves the whole field out. */
export function getWeights(view: MasterView): MasterResponseGetWeights | undefined {
  if (view.weights.size === 0) return undefined;
  return { weight_infos: [...view.weights].map(([role, weight]) => ({ weight, role })) };
}
