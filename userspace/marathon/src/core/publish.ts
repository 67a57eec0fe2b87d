import { formatTimestamp, present } from "@tutti/base";
import type { Env } from "@tutti/machine";
import type {
  CurrentStep,
  DeploymentPlan,
  DeploymentStep,
  MarathonRefusal,
  PlanGroup,
  VersionedApp,
} from "@tutti/marathon-v2";
import type { SchedulerEventMessage, TaskStatus } from "@tutti/mesos-v1";
import type { Instance } from "./instance.ts";
import type { Deployment } from "./records.ts";
import type { World } from "./world.ts";

/** `instance_changed_event`: its condition or its goal is another. */
export function publishInstanceChanged(world: World, env: Env, instance: Instance): void {
  world.publish(env, "instance_changed_event", {
    instanceId: instance.id,
    condition: instance.condition,
    goal: instance.goal,
    runSpecId: instance.appId,
    agentId: instance.agentId,
    host: instance.host,
    runSpecVersion: instance.version,
  });
}

/** `status_update_event`: what the master said of a task. */
export function publishStatus(
  world: World,
  env: Env,
  instance: Instance,
  status: TaskStatus,
): void {
  world.publish(env, "status_update_event", {
    slaveId: status.agent_id?.value ?? instance.agentId,
    taskId: instance.taskId,
    taskStatus: status.state,
    message: status.message ?? "",
    appId: instance.appId,
    host: instance.host,
    ipAddresses: instance.ipAddresses,
    ports: instance.hostPorts,
    version: instance.version,
  });
}

/** `framework_message_event`: what an executor says to Marathon; in Base64. */
export function publishMessage(world: World, env: Env, message: SchedulerEventMessage): void {
  world.publish(env, "framework_message_event", {
    slaveId: message.agent_id.value,
    executorId: message.executor_id.value,
    message: message.data,
  });
}

/** `group_change_failed`: a change of apps was refused as a whole. */
export function publishChangeFailed(
  world: World,
  env: Env,
  changes: readonly { readonly app: string }[],
  { message: reason }: MarathonRefusal,
): void {
  const version = formatTimestamp(env.wallMs);
  for (const groupId of new Set(changes.map(({ app }) => groupOf(app)))) {
    world.publish(env, "group_change_failed", { groupId, version, reason });
  }
}

/** The group that an app is in. */
export function groupOf(appId: string): string {
  return appId.slice(0, Math.max(1, appId.lastIndexOf("/")));
}

/** The plan of a deployment for its events: only the apps it touches, before and after. */
export function planOf(world: World, deployment: Deployment): DeploymentPlan {
  const group = (side: "original" | "target"): PlanGroup => ({
    id: "/",
    apps: deployment.changes.flatMap((change): readonly VersionedApp[] => {
      const version = change[side];
      const app = world.apps.get(change.app);
      const found = version === undefined ? undefined : app?.versions.get(version);
      return found === undefined ? [] : [found];
    }),
    dependencies: [],
    groups: [],
    pods: [],
    version: deployment.version,
  });
  return {
    id: deployment.id,
    original: group("original"),
    target: group("target"),
    steps: deployment.steps,
    version: deployment.version,
  };
}

/** The step at work, as events show it. */
export function currentStepOf(deployment: Deployment): CurrentStep {
  const step: DeploymentStep = present(
    deployment.steps[deployment.currentStep],
    "the current step",
  );
  return { actions: step.actions.map((action) => ({ ...action, type: action.action })) };
}
