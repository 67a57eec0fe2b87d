import { createAllocator } from "@tutti/allocator";
import type { Allocator } from "@tutti/allocator";
import { assertNever } from "@tutti/base";
import type { Env, Machine, Ready } from "@tutti/machine";
import { disconnectAgent } from "./agents/disconnect.ts";
import { welcomeAgent } from "./agents/hello.ts";
import { forgivePings } from "./agents/ping.ts";
import { takeAgentPost } from "./agents/post.ts";
import { settleDrains } from "./agents/settle-drains.ts";
import type { MasterConfig } from "./config.ts";
import type { MasterDurable, MasterEffect, MasterEntry, MasterEvent } from "./events.ts";
import { disconnectScheduler } from "./frameworks/disconnect-scheduler.ts";
import { subscribeOperator, unsubscribeOperator } from "./operator/subscribers.ts";
import { takeOperatorCall } from "./operator/take-operator-call.ts";
import { recoverDurable } from "./recover.ts";
import { takeSchedulerCall } from "./scheduler/take-call.ts";
import { MasterState } from "./state.ts";
import type { Turn } from "./turn.ts";
import { log } from "./turn.ts";
import type { MasterView } from "./view.ts";
import { nextWakeMonoMs, wakeUp } from "./wake.ts";

/**
 * The kernel master: agents, frameworks, offers and tasks. It knows nothing of HTTP and nothing of
 * Marathon; one instance lives as long as one leadership.
 */
export class Master implements Machine<MasterEvent, MasterEntry, MasterEffect, MasterDurable> {
  readonly #config: MasterConfig;
  readonly #state = new MasterState();
  readonly #allocator: Allocator;

  constructor(config: MasterConfig, allocator: Allocator = createAllocator()) {
    this.#config = config;
    this.#allocator = allocator;
  }

  /** What readers may see; valid until the next step. */
  get view(): MasterView {
    return this.#state;
  }

  recover(durable: MasterDurable, env: Env): Ready<MasterEntry, MasterEffect> {
    return this.#run(env, (turn) => {
      recoverDurable(turn, durable);
    });
  }

  step(event: MasterEvent, env: Env): Ready<MasterEntry, MasterEffect> {
    return this.#run(env, (turn) => {
      handle(turn, event);
    });
  }

  #run(env: Env, work: (turn: Turn) => void): Ready<MasterEntry, MasterEffect> {
    const turn: Turn = {
      config: this.#config,
      env,
      state: this.#state,
      allocator: this.#allocator,
      persist: [],
      effects: [],
    };
    work(turn);
    settleDrains(turn);
    const wakeAtMonoMs = nextWakeMonoMs(turn);
    const { persist, effects: afterPersist } = turn;
    return wakeAtMonoMs === undefined
      ? { persist, afterPersist }
      : { persist, afterPersist, wakeAtMonoMs };
  }
}

function handle(turn: Turn, event: MasterEvent): void {
  switch (event.type) {
    case "schedulerCall":
      return takeSchedulerCall(turn, event);
    case "schedulerStreamClosed":
      return disconnectScheduler(turn, event.streamId);
    case "agentHello":
      return welcomeAgent(turn, event);
    case "agentPost":
      return takeAgentPost(turn, event);
    case "agentDisconnected":
      return disconnectAgent(turn, event.connectionId);
    case "operatorCall":
      return takeOperatorCall(turn, event);
    case "operatorSubscribed":
      return subscribeOperator(turn, event.subscriberId);
    case "operatorUnsubscribed":
      return unsubscribeOperator(turn, event.subscriberId);
    case "stalled":
      log(turn, { what: "stalled", stalledMs: event.stalledMs });
      return forgivePings(turn);
    case "wake":
      return wakeUp(turn);
    default:
      assertNever(event);
  }
}
