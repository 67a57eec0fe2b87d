import { assert } from "@tutti/base";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import type { Random } from "@tutti/ports";
import { AgentMachine } from "../agent-machine.ts";
import type { AgentConfig } from "../config.ts";
import type { AgentEffect } from "../effects.ts";
import type { AgentEvent } from "../events.ts";
import { AgentJournal } from "../records.ts";
import type { AgentDurable } from "../records.ts";
import { SimulatedMachine } from "./simulated-machine.ts";
import { SimulatedMaster } from "./simulated-master.ts";

export const agentId = "m1-S0";

/** The configuration the tests begin with. */
export const testConfig: AgentConfig = {
  info: {
    hostname: "host",
    port: 5051,
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 4 } },
      { name: "mem", type: "SCALAR", scalar: { value: 4096 } },
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31000, end: 32000 }] } },
    ],
  },
  ip: "10.0.0.2",
  port: 5051,
  release: "0.1.0",
  bootId: "boot-1",
  masters: ["http://10.0.0.1:5050"],
  workDir: "/var/lib/agent",
  users: { defaultUser: "nobody", switching: true, rootAllowed: false },
  cpuQuota: true,
  sandboxKeptMs: 3_600_000,
};

/** Numbers that look like chance and are the same in each run (xorshift). */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  }

  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  uuid(): string {
    const digits = Array.from({ length: 32 }, () => this.below(16).toString(16)).join("");
    return [
      [0, 8],
      [8, 12],
      [12, 16],
      [16, 20],
      [20, 32],
    ]
      .map(([from, to]) => digits.slice(from, to))
      .join("-");
  }
}

interface Timer {
  readonly atMonoMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * One agent (the real core in the real loop), its disk, its machine and its master on a simulated
 * clock. The agent can be killed at any point between two things it does.
 */
export class SimulatedWorld {
  readonly machine = new SimulatedMachine();
  readonly master: SimulatedMaster;
  readonly logs: string[] = [];
  readonly effects: AgentEffect["type"][] = [];
  /** How soon discovery says that a task is drained; undefined: nobody answers. */
  drainedAfterMs: number | undefined;
  /** What the master's network does: `up`, or refuses every dial and post. */
  networkUp = true;
  gaveUp = false;
  config: AgentConfig;
  /** Counts what the agent did: the beginning and the end of each persist and each effect is a deed. */
  deeds = 0;
  /** The agent is killed after this many deeds and started again at once. */
  dieAfterDeeds = Infinity;
  monoMs = 5_000;
  wallMs = 1_700_000_000_000;
  agent: AgentMachine;
  #journal = new AgentJournal();
  readonly #random: SeededRandom;
  #timers: Timer[] = [];
  #order = 0;
  #life = 0;
  #crashes: number[] = [];
  #loop: MachineLoop<AgentEvent, AgentDurable> | undefined;

  constructor(seed = 1, config: AgentConfig = testConfig) {
    this.config = config;
    this.#random = new SeededRandom(seed);
    this.agent = new AgentMachine(config);
    this.master = new SimulatedMaster(agentId, (dial, envelope) => {
      this.#post({ type: "masterMessage", dial, envelope });
    });
  }

  /** Starts the agent from what is durable. */
  start(): this {
    this.#life += 1;
    const life = this.#life;
    this.agent = new AgentMachine(this.config);
    const loop = createMachineLoop(this.agent, {
      clock: {
        monoMs: () => this.monoMs,
        wallMs: () => this.wallMs,
        after: (delayMs, fire) => this.#after(delayMs, () => life === this.#life && fire()),
      },
      random: this.#random,
      wake: { type: "wake" } as AgentEvent,
      persist: (entries, done) => {
        if (life !== this.#life || !this.#deed()) return;
        for (const entry of entries) this.#journal.apply(entry);
        if (!this.#deed()) return;
        done();
      },
      perform: (effect) => {
        if (life === this.#life) this.#perform(effect);
      },
      fatal: (error) => {
        throw error;
      },
    });
    this.#loop = loop;
    loop.start(this.#journal.durable());
    return this;
  }

  /** Kills the agent: everything in memory and on its way to it is lost. */
  kill(): this {
    this.#life += 1;
    this.#loop?.stop();
    this.#loop = undefined;
    this.master.close();
    return this;
  }

  /** Loses the stream to the master. */
  disconnect(): this {
    this.master.close();
    const dial = this.#dial;
    if (dial !== undefined) this.#post({ type: "masterClosed", dial, message: "reset" });
    return this;
  }

  /** Lets time pass, doing all that becomes due in its order. */
  pass(ms: number): this {
    const until = this.monoMs + ms;
    for (let count = 0; ; count += 1) {
      assert(count < 200_000, "the world does not come to rest");
      const next = this.#timers.reduce<Timer | undefined>(
        (first, timer) =>
          first === undefined ||
          timer.atMonoMs < first.atMonoMs ||
          (timer.atMonoMs === first.atMonoMs && timer.order < first.order)
            ? timer
            : first,
        undefined,
      );
      if (next === undefined || next.atMonoMs > until) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#moveTo(Math.max(this.monoMs, next.atMonoMs));
      next.fire();
    }
    this.#moveTo(until);
    return this;
  }

  /** A command ends by itself. */
  exit(
    containerId: string,
    exit: Partial<{ exitCode: number; signal: number; oomKilled: boolean }>,
  ): this {
    const ended = this.machine.end(containerId, { oomKilled: false, ...exit });
    if (ended !== undefined) this.#post({ type: "containerExited", containerId, exit: ended });
    return this;
  }

  /** Hands the agent an event directly. */
  event(event: AgentEvent): this {
    this.#loop?.post(event);
    return this;
  }

  durable(): AgentDurable {
    return this.#journal.durable();
  }

  get dialNumber(): number {
    return this.#dial ?? 0;
  }

  #dial: number | undefined;

  #moveTo(monoMs: number): void {
    this.wallMs += monoMs - this.monoMs;
    this.monoMs = monoMs;
  }

  #after(delayMs: number, fire: () => void): () => void {
    this.#order += 1;
    const timer = { atMonoMs: this.monoMs + delayMs, order: this.#order, fire };
    this.#timers.push(timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  /** An event on its way to the agent; lost when the agent dies before it arrives. */
  #post(event: AgentEvent, delayMs = 1): void {
    const life = this.#life;
    this.#after(delayMs, () => {
      if (life === this.#life) this.#loop?.post(event);
    });
  }

  /** Counts a deed; false when it was the agent's last. */
  #deed(): boolean {
    this.deeds += 1;
    if (this.deeds !== this.dieAfterDeeds) return true;
    this.dieAfterDeeds = this.deeds + (this.#crashes.shift() ?? Infinity);
    this.kill();
    this.#after(10, () => this.start());
    return false;
  }

  /** The agent is killed again and again, each time after so many deeds. */
  planCrashes(deeds: readonly number[]): void {
    const [first = Infinity, ...rest] = deeds;
    this.dieAfterDeeds = this.deeds + first;
    this.#crashes = [...rest];
  }

  #perform(effect: AgentEffect): void {
    if (effect.type === "log") {
      this.logs.push(effect.message);
      return;
    }
    this.effects.push(effect.type);
    this.#act(effect);
    this.#deed();
  }

  #act(effect: Exclude<AgentEffect, { type: "log" }>): void {
    switch (effect.type) {
      case "recoverContainers": {
        const ids = new Set([...effect.containerIds, ...this.machine.present()]);
        const containers = [...ids].map((id) => [id, this.machine.stateOf(id)] as const);
        this.#post({ type: "containersRecovered", containers });
        return;
      }
      case "launchContainer":
        this.#launch(effect.spec.containerId);
        return;
      case "signalContainer": {
        const { containerId } = effect;
        const exit = this.machine.signal(containerId, effect.signal);
        if (exit !== undefined) this.#post({ type: "containerExited", containerId, exit }, 5);
        return;
      }
      case "destroyContainer": {
        const { containerId } = effect;
        const exit = this.machine.destroy(containerId);
        if (exit !== undefined) this.#post({ type: "containerExited", containerId, exit }, 5);
        this.#post({ type: "containerDestroyed", containerId }, 5);
        return;
      }
      case "runCheck": {
        const { containerId, purpose, attempt } = effect;
        const result = { type: "tcp", succeeded: true } as const;
        this.#post({ type: "checkFinished", containerId, purpose, attempt, result }, 2);
        return;
      }
      case "awaitDrained": {
        const { containerId, waitMs } = effect;
        const { drainedAfterMs } = this;
        if (drainedAfterMs !== undefined && drainedAfterMs < waitMs)
          this.#post({ type: "taskDrained", containerId }, drainedAfterMs);
        return;
      }
      case "removeSandbox":
        this.machine.sandboxesRemoved.push(effect.dir);
        this.#post({ type: "sandboxRemoved", id: effect.id });
        return;
      case "dial":
        this.#openStream(effect.dial, effect);
        return;
      case "hangUp":
        this.master.close();
        return;
      case "post": {
        const { dial, post } = effect;
        if (!this.networkUp) {
          this.#post({ type: "postFailed", dial, post, message: "unreachable" });
          return;
        }
        const status = this.master.post(effect.sessionId, effect.body);
        this.#post({ type: "postAnswered", dial, post, status });
        return;
      }
      case "giveUp":
        this.gaveUp = true;
    }
  }

  #launch(containerId: string): void {
    const fault = this.machine.launchFault;
    if (fault !== undefined) {
      this.#post({ type: "containerLaunchFailed", containerId, message: fault }, 3);
      return;
    }
    const pid = this.machine.launch(containerId);
    this.#post({ type: "containerLaunched", containerId, pid }, 3);
  }

  #openStream(dial: number, effect: Extract<AgentEffect, { type: "dial" }>): void {
    this.#dial = dial;
    if (this.networkUp) this.master.open(dial, effect.hello);
    else this.#post({ type: "dialFailed", dial, message: "unreachable" });
  }
}
