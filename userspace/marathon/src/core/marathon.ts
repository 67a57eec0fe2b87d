import { assertNever } from "@tutti/base";
import type { Env, Machine, Ready } from "@tutti/machine";
import type { SchedulerEvent } from "@tutti/mesos-v1";
import { handleRequest } from "./api/handle-request.ts";
import { isUnreachable } from "./instance.ts";
import { sendKill } from "./kill-instance.ts";
import { limits } from "./limits.ts";
import { handleOffers } from "./offers/handle-offers.ts";
import type { MarathonDurable, MarathonEntry } from "./records.ts";
import { publishMessage } from "./publish.ts";
import { recoverWorld } from "./recover.ts";
import { neededRoles, settle } from "./settle.ts";
import { statusUpdate } from "./status-update.ts";
import { handleTimers, reconcileAll } from "./timers.ts";
import type { MarathonEffect, MarathonEvent, MarathonOptions } from "./types.ts";
import { World } from "./world.ts";

/**
 * Marathon: keeps apps running. Told requests of users and events of the master, it says what to make
 * durable, what to call at the master, what to answer and what to publish.
 *
 * Invariant: for an app no more instances take a place than its target, or the bound of a rolling
 * upgrade, allows at the moment of launch.
 * Invariant: only decommissioned instances are ever killed.
 */
export class Marathon implements Machine<
  MarathonEvent,
  MarathonEntry,
  MarathonEffect,
  MarathonDurable
> {
  /** For the views; nobody outside changes it. */
  readonly world: World;

  constructor(options: MarathonOptions) {
    this.world = new World(options);
  }

  recover(durable: MarathonDurable, env: Env): Ready<MarathonEntry, MarathonEffect> {
    recoverWorld(this.world, env, durable);
    settle(this.world, env);
    return this.#ready();
  }

  step(event: MarathonEvent, env: Env): Ready<MarathonEntry, MarathonEffect> {
    switch (event.type) {
      case "wake":
        break;
      case "subscribed":
        subscribed(this.world, env, event);
        break;
      case "disconnected":
        disconnected(this.world, env, event.reason);
        break;
      case "schedulerEvent":
        schedulerEvent(this.world, env, event.event);
        break;
      case "apiRequest":
        handleRequest(this.world, env, event);
        break;
      default:
        assertNever(event);
    }
    handleTimers(this.world, env);
    settle(this.world, env);
    return this.#ready();
  }

  /** Roles that want no offers now, for SUBSCRIBE. */
  suppressedRoles(env: Env): readonly string[] {
    const needed = neededRoles(this.world, env);
    return this.world.options.roles.filter((role) => !needed.has(role));
  }

  #ready(): Ready<MarathonEntry, MarathonEffect> {
    const timer = this.world.timers.next();
    const reconciliation = this.world.reconciler.nextMonoMs;
    if (timer === undefined || reconciliation === undefined) {
      return this.world.take(timer ?? reconciliation);
    }
    return this.world.take(Math.min(timer, reconciliation));
  }
}

/** A new stream: the master is asked about everything, what was wanted of it is said again. */
function subscribed(
  world: World,
  env: Env,
  event: Extract<MarathonEvent, { readonly type: "subscribed" }>,
): void {
  const { frameworkId, masterUrl, isNew } = event;
  world.connection = { connected: true, frameworkId, masterUrl, reason: "" };
  world.demand.reset();
  if (isNew) world.publish(env, "scheduler_registered_event", { frameworkId, master: masterUrl });
  else world.publish(env, "scheduler_reregistered_event", { master: masterUrl });
  for (const app of world.apps.values()) {
    for (const instance of app.instances.values()) {
      if (instance.goal === "Running" || isUnreachable(instance)) continue;
      sendKill(world, env, instance, limits.killRetryFirstMs);
    }
  }
  reconcileAll(world, env);
}

function disconnected(world: World, env: Env, reason: string): void {
  const wasConnected = world.connection.connected;
  const { frameworkId } = world.connection;
  world.connection = {
    connected: false,
    reason,
    ...(frameworkId === undefined ? {} : { frameworkId }),
  };
  world.reconciler.stop();
  world.timers.delete("reconcile");
  world.timers.delete("revive");
  if (wasConnected) world.publish(env, "scheduler_disconnected_event", {});
}

/** Events of the master that need no answer (rescinded offers were answered already) are passed over. */
function schedulerEvent(world: World, env: Env, event: SchedulerEvent): void {
  switch (event.type) {
    case "OFFERS":
      handleOffers(world, env, event.offers?.offers ?? []);
      break;
    case "UPDATE":
      if (event.update !== undefined) statusUpdate(world, env, event.update.status);
      break;
    case "MESSAGE":
      if (event.message !== undefined) publishMessage(world, env, event.message);
      break;
    case "INVERSE_OFFERS":
    case "RESCIND":
    case "RESCIND_INVERSE_OFFER":
    case "UPDATE_OPERATION_STATUS":
    case "FAILURE":
    case "SUBSCRIBED":
    case "ERROR":
    case "HEARTBEAT":
    case "UNKNOWN":
    case undefined:
      break;
    default:
      assertNever(event.type);
  }
}
