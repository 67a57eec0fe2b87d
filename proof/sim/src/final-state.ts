import { classOf, isReady } from "./instance-class.ts";
import { isTerminal } from "@tutti/mesos-v1";
import type { Watched } from "./checkers/checker.ts";
import type { AppUser } from "./scenario/app-user.ts";
import type { KnownContainer } from "./truth.ts";
import { demand } from "./violation.ts";

/** An app of which a user has a wish: its definition is the durable one, `isMixed` allows old versions. */
type Wanted = Pick<AppUser, "id" | "isMixed">;

/**
 * Why the cluster is not yet as its users want it, in one sentence; undefined when it is. The cheap
 * questions come first, for it is asked often.
 */
export function whyNotSettled(watched: Watched, users: readonly Wanted[]): string | undefined {
  return (
    whyMarathonNot(watched) ??
    whyAppsNot(watched, users) ??
    whyMasterNot(watched) ??
    whyAgentsNot(watched)
  );
}

/** Throws unless the same containers run as before. Rule SIM14. */
export function demandSame(before: readonly string[], after: readonly string[]): void {
  const isSame = before.length === after.length && before.every((id, at) => id === after[at]);
  demand(isSame, "SIM14", () => "tasks were replaced though nothing happened");
}

function whyMarathonNot({ cluster, durable }: Watched): string | undefined {
  const world = cluster.marathonWorld();
  if (world === undefined || !world.connection.connected) return "Marathon is not connected";
  const [deployment] = durable.deployments.values();
  if (deployment === undefined) return undefined;
  const apps = deployment.changes.map(({ app }) => app).join(", ");
  return `a deployment of ${apps} is at step ${deployment.currentStep + 1} of ${deployment.steps.length}`;
}

function whyAppsNot(watched: Watched, users: readonly Wanted[]): string | undefined {
  const { durable } = watched;
  const visible = new Set(users.map(({ id }) => id).filter((id) => durable.visible(id)));
  for (const id of durable.apps.keys())
    if (!visible.has(id)) return `${id} was deleted and is there`;
  const containers = new Map([...watched.truth.running.values()].map((one) => [one.taskId, one]));
  for (const { id, isMixed } of users) {
    if (!visible.has(id)) continue;
    const why = whyAppNot(watched, containers, id, isMixed);
    if (why !== undefined) return why;
  }
  return undefined;
}

function whyAppNot(
  { cluster, durable }: Watched,
  containers: ReadonlyMap<string, KnownContainer>,
  id: string,
  isMixed: boolean,
): string | undefined {
  const wanted = durable.visible(id);
  if (wanted === undefined) return `${id} is gone`;
  const instances = durable.instancesOf(id).filter((one) => classOf(one) !== "away");
  if (instances.length !== wanted.instances) {
    return `${id} has ${instances.length} instances, ${wanted.instances} are wanted`;
  }
  for (const instance of instances) {
    const name = cluster.nameOf(instance.taskId);
    if (!isReady(instance)) return `${name} is ${instance.condition} and not ready`;
    const container = containers.get(instance.taskId);
    if (container === undefined) return `${name} does not run`;
    if (container.node !== instance.host) return `${name} runs on ${container.node}`;
    const isOld = instance.configVersion !== wanted.versionInfo.lastConfigChangeAt;
    if (isOld && !isMixed) {
      return `${name} is of an old version`;
    }
  }
  return undefined;
}

function whyMasterNot({ cluster, truth }: Watched): string | undefined {
  const view = cluster.masterView();
  if (view === undefined) return "no master leads";
  for (const name of cluster.agents.keys()) {
    const agent = [...view.agents.values()].find(({ record }) => record.info.hostname === name);
    if (agent?.isConnected !== true) return `${name} is not connected to the master`;
  }
  const running = new Set([...truth.running.values()].map(({ taskId }) => taskId));
  let count = 0;
  for (const { active } of view.tasks.values()) {
    for (const { state, taskId } of active.values()) {
      const name = cluster.nameOf(taskId);
      if (isTerminal(state)) return `the master still holds ${name}, which has ended`;
      if (!running.has(taskId)) return `the master holds ${name}, which does not run`;
      count += 1;
    }
  }
  return count === running.size
    ? undefined
    : `the master holds ${count} tasks, ${running.size} run`;
}

function whyAgentsNot({ cluster, durable, truth }: Watched): string | undefined {
  for (const [name, agent] of cluster.agents) {
    const view = agent.view();
    if (view?.master === undefined) return `${name} has no session`;
    for (const { run, record, stage } of view.tasks) {
      const task = cluster.nameOf(record.taskId);
      if (run.pending.length > 0) return `${name} still waits for acknowledgements of ${task}`;
      const runs = truth.running.has(record.id);
      if (runs !== (stage === "running")) return `${name} believes that ${task} is ${stage}`;
    }
    for (const [containerId, container] of agent.machine.containers()) {
      const task = cluster.nameOf(container.taskId);
      if (container.exit !== undefined) return `the remains of ${task} are still on ${name}`;
      if (!truth.running.has(containerId)) return `${name} runs ${task}, which nobody has seen`;
      const instance = durable.byTask.get(container.taskId);
      if (instance === undefined || classOf(instance) !== "live") return `${task} is an orphan`;
    }
  }
  return undefined;
}
