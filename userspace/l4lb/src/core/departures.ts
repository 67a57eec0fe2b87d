import type { Fact, VipFact } from "@tutti/discovery-v1";
import { factKey } from "@tutti/discovery-v1";
import { BoundedMap } from "@tutti/base";
import { limits } from "./limits.ts";
import type { TaskBehind, Vip } from "./vip.ts";

/** Connections through a VIP to one backend. */
export interface Flow {
  readonly vip: Pick<Vip, "id" | "family" | "address" | "protocol" | "port">;
  /** `10.0.0.2 . 8080`. */
  readonly backend: string;
}

interface Departed extends Flow {
  readonly taskKey: string;
}

/**
 * Backends that left their VIP while their task may still serve the connections it has.
 *
 * A backend that is drained, unhealthy or being killed keeps its TCP connections as long as its task is known; when
 * the task is gone too, nobody will ever answer them and they are cut. UDP knows no connections: a client that goes
 * on sending must reach another backend at once.
 */
export class Departures {
  readonly #tasks = new Set<string>();
  readonly #behind = new Map<string, readonly TaskBehind[]>();
  readonly #departed = new Map<string, Departed>();
  readonly #byTask = new Map<string, Set<string>>();
  /** Bounded: while VIPs are unavailable nobody takes them. */
  readonly #cuts = new BoundedMap<string, Flow>(limits.cutsWaitingMax);
  #lostCount = 0;

  /** How many backends are being waited for. */
  get size(): number {
    return this.#departed.size;
  }

  /** How many flows wait to be cut. */
  get cutCount(): number {
    return this.#cuts.size;
  }

  /** How many flows will not be cut, because too many waited: their connections end by themselves. */
  get lostCount(): number {
    return this.#lostCount;
  }

  taskKnown(taskKey: string): void {
    this.#tasks.add(taskKey);
  }

  taskGone(taskKey: string): void {
    this.#tasks.delete(taskKey);
    for (const id of this.#byTask.get(taskKey) ?? []) {
      const departed = this.#departed.get(id);
      if (departed !== undefined) this.#cutLater(departed);
      this.#departed.delete(id);
    }
    this.#byTask.delete(taskKey);
  }

  /** The VIP has these backends now (none when it was removed). Tasks of the same change come first. */
  vipChanged(vip: Vip, behind: readonly TaskBehind[]): void {
    const now = new Set(behind.map((task) => task.backend));
    for (const backend of now) this.#cameBack(flowId(vip, backend));
    for (const { backend, taskKey } of this.#behind.get(vip.id) ?? []) {
      if (now.has(backend)) continue;
      const flow = { vip, backend, taskKey };
      if (vip.protocol === "udp" || !this.#tasks.has(taskKey)) this.#cutLater(flow);
      else this.#departs(flow);
    }
    if (behind.length === 0) this.#behind.delete(vip.id);
    else this.#behind.set(vip.id, behind);
  }

  /** What is to be cut once the kernel has the change: the oldest `countMax`. */
  takeCuts(countMax: number): readonly Flow[] {
    const cuts = [...this.#cuts.values()].slice(0, Math.max(0, countMax));
    for (const { vip, backend } of cuts) this.#cuts.delete(flowId(vip, backend));
    return cuts;
  }

  /** Takes back what could not be cut. Backends that came back meanwhile keep their connections. */
  giveBack(cuts: readonly Flow[], isBackend: (flow: Flow) => boolean): void {
    for (const flow of cuts) if (!isBackend(flow)) this.#cutLater(flow);
  }

  #cutLater(flow: Flow): void {
    if (this.#cuts.set(flowId(flow.vip, flow.backend), flow) !== undefined) this.#lostCount += 1;
  }

  #departs(flow: Departed): void {
    const id = flowId(flow.vip, flow.backend);
    this.#departed.set(id, flow);
    const ids = this.#byTask.get(flow.taskKey) ?? new Set();
    ids.add(id);
    this.#byTask.set(flow.taskKey, ids);
  }

  #cameBack(id: string): void {
    this.#cuts.delete(id);
    const departed = this.#departed.get(id);
    if (departed === undefined) return;
    this.#departed.delete(id);
    const ids = this.#byTask.get(departed.taskKey);
    ids?.delete(id);
    if (ids?.size === 0) this.#byTask.delete(departed.taskKey);
  }
}

/** What tells flows apart. */
export function flowId(vip: Pick<Vip, "address" | "protocol" | "port">, backend: string): string {
  return `${vip.protocol} ${vip.address} ${vip.port} ${backend}`;
}

/** Whether the fact is a VIP; a task is noted in passing. */
export function isVip(fact: Fact, departures: Departures): fact is VipFact {
  if (fact.kind === "task") departures.taskKnown(factKey(fact));
  return fact.kind === "vip";
}
