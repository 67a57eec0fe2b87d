import { assertNever } from "@tutti/base";
import type { Env, Machine, Ready } from "@tutti/machine";
import { Agent } from "./agent.ts";
import { diskMeasured } from "./complete-task.ts";
import type { AgentConfig } from "./config.ts";
import {
  checkFinished,
  containerDestroyed,
  containerDestroyFailed,
  containerExited,
  containerLaunched,
  containerLaunchFailed,
  containersRecovered,
  sandboxRemovalFailed,
  sandboxRemoved,
  taskDrained,
} from "./containers.ts";
import { dial, dialFailed, dialNext, dialRedirected, masterClosed } from "./dial.ts";
import type { AgentEffect } from "./effects.ts";
import type { AgentEvent } from "./events.ts";
import { masterMessage } from "./master-message.ts";
import { flush, postAnswered, postFailed } from "./post.ts";
import { recover } from "./recover.ts";
import type { AgentDurable, AgentEntry } from "./records.ts";
import { giveUpIfEmpty } from "./refused.ts";
import { viewOf } from "./view.ts";
import type { AgentView } from "./view.ts";
import { stalled, wake } from "./wake.ts";

/**
 * The agent: decides what runs on its machine, and tells the master what became of it.
 *
 * Invariants: a launch is durable before the runtime is called; an update is durable before it is
 * sent, and sent until it is acknowledged; of one task at most one update is under way; nothing of a
 * leader older than the newest seen is obeyed.
 */
export class AgentMachine implements Machine<AgentEvent, AgentEntry, AgentEffect, AgentDurable> {
  readonly #agent: Agent;

  constructor(config: AgentConfig) {
    this.#agent = new Agent(config);
  }

  recover(durable: AgentDurable, env: Env): Ready<AgentEntry, AgentEffect> {
    recover(this.#agent, durable, env);
    return this.#agent.takeReady();
  }

  step(event: AgentEvent, env: Env): Ready<AgentEntry, AgentEffect> {
    this.#handle(event, env);
    this.#agent.endDrainIfEmpty();
    giveUpIfEmpty(this.#agent);
    flush(this.#agent);
    return this.#agent.takeReady();
  }

  /** What may be shown. Read it when the loop says that all of it is durable. */
  view(): AgentView {
    return viewOf(this.#agent);
  }

  #handle(event: AgentEvent, env: Env): void {
    const agent = this.#agent;
    switch (event.type) {
      case "wake":
        wake(agent, env);
        return;
      case "stalled":
        stalled(agent, event.stalledMs, env);
        return;
      case "containersRecovered":
        containersRecovered(agent, event, env);
        if (agent.session.phase === "recovering") dial(agent, dialNext(agent), 0, env);
        return;
      case "containerLaunched":
        containerLaunched(agent, event, env);
        return;
      case "containerLaunchFailed":
        containerLaunchFailed(agent, event, env);
        return;
      case "containerExited":
        containerExited(agent, event, env);
        return;
      case "containerDestroyed":
        containerDestroyed(agent, event, env);
        return;
      case "containerDestroyFailed":
        containerDestroyFailed(agent, event, env);
        return;
      case "checkFinished":
        checkFinished(agent, event, env);
        return;
      case "taskDrained":
        taskDrained(agent, event, env);
        return;
      case "sandboxRemoved":
        sandboxRemoved(agent, event);
        return;
      case "sandboxRemovalFailed":
        sandboxRemovalFailed(agent, event, env);
        return;
      case "diskMeasured":
        diskMeasured(agent, event.usedFraction, env);
        return;
      case "dialRedirected":
        if (this.#isCurrent(event.dial)) dialRedirected(agent, event.url, env);
        return;
      case "dialFailed":
        if (this.#isCurrent(event.dial)) dialFailed(agent, event.message, env);
        return;
      case "masterClosed":
        if (this.#isCurrent(event.dial)) masterClosed(agent, event.message, env);
        return;
      case "masterMessage":
        if (this.#isCurrent(event.dial)) masterMessage(agent, event.envelope, env);
        return;
      case "postAnswered":
        postAnswered(agent, event, env);
        return;
      case "postFailed":
        postFailed(agent, event, env);
        return;
      default:
        assertNever(event);
    }
  }

  /** Whether an event belongs to the dial whose stream is wanted. */
  #isCurrent(dialNumber: number): boolean {
    const { session } = this.#agent;
    return (
      (session.phase === "dialling" || session.phase === "joined") && session.dial === dialNumber
    );
  }
}
