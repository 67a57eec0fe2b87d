import { assertNever } from "@tutti/base";
import type { Env } from "@tutti/machine";
import { reconcileCall } from "@tutti/sdk/core";
import { cancelDeployments } from "./advance-deployment.ts";
import { decommission, retryKill } from "./kill-instance.ts";
import { limits } from "./limits.ts";
import { armUnreachable, askForAway } from "./unreachable.ts";
import { whyDeploymentWaits } from "./views/why.ts";
import type { TimerId, World } from "./world.ts";

/** Acts on every deadline that has passed. */
export function handleTimers(world: World, env: Env): void {
  for (const id of world.timers.takeDue(env.monoMs)) handleTimer(world, env, id);
  for (const call of world.reconciler.takeCalls(env.monoMs)) world.call(call);
}

function handleTimer(world: World, env: Env, id: TimerId): void {
  const [kind, object] = splitTimer(id);
  switch (kind) {
    case "kill":
      retryKill(world, env, object);
      break;
    case "unreachable": {
      const known = world.instanceOfTask(object);
      if (known !== undefined) armUnreachable(world, env, known.app, known.instance);
      break;
    }
    case "launch":
      giveUpLaunch(world, env, object);
      break;
    case "delay": {
      const app = world.apps.get(object);
      if (app === undefined) break;
      world.demand.note(app.offerRoles());
      world.dirty.add(object);
      break;
    }
    case "deployment":
      endOverdueDeployment(world, env, object);
      break;
    case "revive":
      break;
    case "reconcile":
      reconcileAll(world, env);
      break;
    case "away":
      askForAway(world, env);
      break;
    default:
      assertNever(kind);
  }
}

type TimerKind =
  | "kill"
  | "unreachable"
  | "launch"
  | "delay"
  | "deployment"
  | "revive"
  | "reconcile"
  | "away";

/** The two parts of a timer's name. */
function splitTimer(id: TimerId): readonly [TimerKind, string] {
  const cut = id.indexOf(":");
  return cut < 0 ? [id as TimerKind, ""] : [id.slice(0, cut) as TimerKind, id.slice(cut + 1)];
}

/** Asks the master about every task, one by one and then as a whole: the agents are the truth. Rule MAR33. */
export function reconcileAll(world: World, env: Env): void {
  if (!world.connection.connected) return;
  world.reconciler.ask(world.tasksToReconcile(), env.monoMs);
  for (const call of world.reconciler.takeCalls(env.monoMs)) world.call(call);
  world.call(reconcileCall([]));
  world.timers.set("reconcile", env.monoMs + limits.reconcileIntervalMs);
}

/** The agent has said nothing about a launch for too long. */
function giveUpLaunch(world: World, env: Env, taskId: string): void {
  const known = world.instanceOfTask(taskId);
  if (known === undefined || known.instance.condition !== "Staging") return;
  decommission(world, env, known.app, known.instance);
}

function endOverdueDeployment(world: World, env: Env, id: string): void {
  const deployment = world.deployments.get(id);
  if (deployment === undefined) return;
  const why = whyDeploymentWaits(world, env, deployment);
  cancelDeployments(world, env, [id], `not finished in time: ${why}`);
}
