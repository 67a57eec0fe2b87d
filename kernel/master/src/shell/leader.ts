import { createAllocator } from "@tutti/allocator";
import type { Allocator } from "@tutti/allocator";
import type { Coordination } from "@tutti/coordination";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import type { Clock, Random } from "@tutti/ports";
import type { MasterConfig } from "../core/config.ts";
import type { MasterDurable, MasterEntry, MasterEvent } from "../core/events.ts";
import { Master } from "../core/master.ts";
import type { HostMetrics } from "../core/read/metrics-snapshot.ts";
import { Timing } from "../core/timing.ts";
import type { MasterView } from "../core/view.ts";
import { AnswerCache } from "./answer-cache.ts";
import { Connections } from "./connections.ts";
import { readHostMetrics, timeAllocations } from "./host-metrics.ts";
import type { MasterLog } from "./log.ts";
import { electionName } from "./registry.ts";
import type { Registry } from "./registry.ts";

/** What one leadership needs from its process. */
export interface LeaderPorts {
  readonly coordination: Coordination;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: MasterLog;
  /** Another master leads: this leadership is over. */
  readonly fenced: () => void;
  /** A bug or a broken disk: the process has to end. */
  readonly fatal: (error: Error) => void;
}

/** One leadership: the core, its loop, and the connections it speaks through. */
export class Leader {
  readonly config: MasterConfig;
  readonly answers = new AnswerCache();
  readonly connections: Connections;
  readonly #registry: Registry;
  readonly #measured: { readonly allocator: Allocator; readonly allocations: Timing };
  readonly #master: Master;
  readonly #loop: MachineLoop<MasterEvent, MasterDurable>;

  constructor(config: MasterConfig, ports: LeaderPorts) {
    this.config = config;
    this.#registry = ports.registry;
    const allocations = new Timing();
    const allocator = timeAllocations(createAllocator(), ports.clock, allocations);
    this.#measured = { allocator, allocations };
    this.#master = new Master(config, allocator);
    this.connections = new Connections((event) => this.#loop.post(event), {
      log: ports.log,
      doubt: () => this.#checkLeadership(ports),
    });
    this.#loop = createMachineLoop(this.#master, {
      clock: ports.clock,
      random: ports.random,
      persist: (entries, done) => void this.#persist(ports, entries, done),
      perform: (effect) => this.connections.perform(effect),
      wake: { type: "wake" },
      fatal: ports.fatal,
      stallMs: config.agentPingTimeoutMs,
      onStall: (stalledMs) => this.#loop.post({ type: "stalled", stalledMs }),
    });
  }

  /** Events that wait for the core. */
  get queueLength(): number {
    return this.#loop.queueLength();
  }

  start(durable: MasterDurable): void {
    this.#loop.start(durable);
  }

  /** Ends everything that hangs on this leadership. */
  stop(): void {
    this.#loop.stop();
    this.connections.endAll();
  }

  /** What is measured around the core. */
  hostMetrics(wallMs: number): HostMetrics {
    const registry = this.#registry;
    return readHostMetrics({ registry, ...this.#measured }, wallMs);
  }

  /** Reads the state at a moment when all of it is durable. */
  read<T>(render: (view: MasterView) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#loop.read(() => {
        try {
          resolve(render(this.#master.view));
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** Fenced, nothing is done any more: `done` is never called, the loop is stopped. */
  async #persist(
    { registry, fenced }: LeaderPorts,
    entries: readonly MasterEntry[],
    done: (error?: Error) => void,
  ): Promise<void> {
    try {
      const outcome = await registry.write(entries);
      if (outcome === "written") done();
      else fenced();
    } catch (error) {
      done(error as Error);
    }
  }

  #checkLeadership({ coordination, fenced, fatal }: LeaderPorts): void {
    coordination.leader(electionName).then((leader) => {
      if (leader !== undefined && leader.epoch > this.config.epoch) fenced();
    }, fatal);
  }
}
