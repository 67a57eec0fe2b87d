import { assertNever } from "@tutti/base";
import { taskKeyOf } from "./task-keys.ts";
import type { TaskKey } from "./task-keys.ts";
import { standingOf } from "./task-states.ts";
import type { ClusterEvent, ClusterSnapshot, TaskUpdate } from "./types.ts";
import type { World } from "./world.ts";

interface Now {
  readonly monoMs: number;
  readonly wallMs: number;
}

/** A wish for a snapshot: the master speaks of something that is not known here. */
export type SnapshotWish = "soon" | undefined;

/** Carries out what one event of the master means, snapshots aside. */
export function takeMasterEvent(
  world: World,
  event: Exclude<ClusterEvent, ClusterSnapshot>,
  now: Now,
): SnapshotWish {
  switch (event.type) {
    case "taskAdded":
      world.takeTask(taskKeyOf(event.task), event.task, now);
      return undefined;
    case "taskUpdated":
      return takeUpdate(world, event, now);
    case "agentAdded":
      world.putAgent(event.agent, "registered");
      return hasUnconfirmed(world, event.agent.id) ? "soon" : undefined;
    case "agentRemoved":
      world.dropAgent(event.agentId, "the master removed its agent", now);
      return undefined;
    case "frameworkPut":
      world.putFramework(event.framework);
      return undefined;
    case "frameworkRemoved":
      world.removeFramework(event.frameworkId);
      return undefined;
    case "heartbeat":
      return undefined;
    default:
      return assertNever(event);
  }
}

function takeUpdate(world: World, update: TaskUpdate, now: Now): SnapshotWish {
  const key = taskKeyOf(update);
  const known = world.cluster.tasks.get(key)?.task;
  const isAlive = standingOf(update.state) === "alive";
  if (known === undefined) return isAlive ? "soon" : undefined;
  const wasUnconfirmed = world.cluster.unconfirmed.has(key);
  world.takeTask(
    key,
    {
      ...known,
      state: update.state,
      healthy: update.healthy ?? known.healthy,
      addresses: update.addresses ?? known.addresses,
    },
    now,
  );
  if (!wasUnconfirmed || !isAlive) return undefined;
  // A status says nothing of labels, and the kept table only those of tasks that served.
  world.cluster.unconfirmed.add(key);
  return "soon";
}

function hasUnconfirmed({ cluster }: World, agentId: string): boolean {
  for (const { key } of cluster.tasksOfAgent(agentId))
    if (cluster.unconfirmed.has(key)) return true;
  return false;
}

/**
 * Carries out what a snapshot means. What it does not show is removed only where the master can know: an agent that
 * is registered has told it all its tasks. Returns the losses that it states: those of which it speaks, tasks that
 * their registered agent has no more, and doubted ones whose agent it does not show at all.
 */
export function takeSnapshot(
  world: World,
  snapshot: ClusterSnapshot,
  now: Now,
): ReadonlySet<TaskKey> {
  takeFrameworks(world, snapshot, now);
  takeAgents(world, snapshot, now);
  // What is known and has not been shown yet.
  const missing = new Set(world.cluster.tasks.keys());
  for (const task of snapshot.tasks) {
    const key = taskKeyOf(task);
    if (missing.size > 0) missing.delete(key);
    world.takeTask(key, task, now);
  }
  const stated = new Set<TaskKey>();
  for (const ended of snapshot.ended) {
    const key = taskKeyOf(ended);
    if (!missing.delete(key)) continue;
    if (standingOf(ended.state) !== "lost") world.endTask(key);
    else {
      stated.add(key);
      world.loseTask(key, `the master says ${ended.state}`, now);
    }
  }
  for (const key of missing) missTask(world, key, { stated, now });
  return stated;
}

function missTask(
  world: World,
  key: TaskKey,
  { stated, now }: { readonly stated: Set<TaskKey>; readonly now: Now },
): void {
  const task = world.cluster.tasks.get(key)?.task;
  if (task === undefined) return;
  const standing = world.cluster.agents.get(task.agentId)?.standing ?? "absent";
  if (standingOf(task.state) === "lost") {
    if (!world.losses.has(key)) world.endTask(key);
  } else if (standing === "registered") {
    stated.add(key);
    world.loseTask(key, "its agent has it no more", now);
  } else {
    // A master that fails over never knew the tasks of agents that it gives up: that it has none of them is all it says.
    if (standing === "absent" && world.losses.has(key)) stated.add(key);
    world.cluster.unconfirmed.add(key);
  }
}

function takeFrameworks(world: World, { frameworks }: ClusterSnapshot, now: Now): void {
  const shown = new Set(frameworks.map(({ id }) => id));
  for (const framework of frameworks) world.putFramework(framework);
  for (const id of world.cluster.frameworks.keys())
    if (!shown.has(id)) world.missFramework(id, now.monoMs);
}

function takeAgents(world: World, snapshot: ClusterSnapshot, now: Now): void {
  const { agents, recoveredAgents } = snapshot;
  const shown = new Set([...agents, ...recoveredAgents].map(({ id }) => id));
  for (const agent of recoveredAgents) world.putAgent(agent, "recovered");
  for (const agent of agents) world.putAgent(agent, "registered");
  for (const id of world.cluster.agents.keys()) if (!shown.has(id)) world.missAgent(id, now.monoMs);
}
