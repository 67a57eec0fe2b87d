import { compareText, DeadlineQueue } from "@tutti/base";
import { backendKey, factKey } from "@tutti/discovery-v1";
import type { Backend, VipFact } from "@tutti/discovery-v1";
import type { Contribution } from "./derive.ts";
import { limits } from "./limits.ts";
import { compareBackends } from "./table.ts";
import type { TaskKey } from "./task-keys.ts";

interface Vip {
  readonly address: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly members: Map<TaskKey, Contribution[]>;
  /** What its last fact said: a VIP whose tasks are all gone keeps its names for a while. */
  names: readonly string[];
}

/** A VIP that several definitions claim. */
export interface SharedVip {
  readonly vip: string;
  readonly owners: readonly string[];
  /** Names as labels have them. */
  readonly given: readonly string[];
}

/** What all tasks together make of VIPs. Whole facts are made of those that changed, when asked. */
export class VipBook {
  readonly #vips = new Map<string, Vip>();
  readonly #byTask = new Map<TaskKey, readonly Contribution[]>();
  readonly #byAddress = new Map<string, Set<string>>();
  readonly #dirty = new Set<string>();
  readonly #held = new DeadlineQueue<string>();
  #backends = 0;

  /** Backends of all tasks. */
  get backends(): number {
    return this.#backends;
  }

  get size(): number {
    return this.#vips.size;
  }

  /** How many backends a task is. */
  backendsOf(key: TaskKey): number {
    return countOf(this.#byTask.get(key) ?? []);
  }

  /** Replaces what a task adds. */
  set(key: TaskKey, contributions: readonly Contribution[]): void {
    const before = this.#byTask.get(key) ?? [];
    if (before.length === 0 && contributions.length === 0) return;
    for (const contribution of before) this.#leave(key, contribution);
    if (contributions.length === 0) this.#byTask.delete(key);
    else this.#byTask.set(key, contributions);
    for (const contribution of contributions) this.#join(key, contribution);
    this.#backends += countOf(contributions) - countOf(before);
  }

  /** Takes a VIP over that somebody knew before, with its tasks still to come. */
  restore(fact: VipFact, nowMonoMs: number): void {
    const key = factKey(fact);
    if (!this.#vips.has(key)) this.#open(key, fact).names = fact.names;
    this.#held.set(key, nowMonoMs + limits.vipHeldMs);
    this.#dirty.add(key);
  }

  /** Tasks that add to VIPs at an address. */
  tasksAt(address: string): readonly TaskKey[] {
    const keys = [...(this.#byAddress.get(address) ?? [])];
    return keys.flatMap((key) => [...(this.#vips.get(key)?.members.keys() ?? [])]);
  }

  /** Facts of the VIPs that changed since the last call; undefined: it is no more. */
  takeChanges(nowMonoMs: number): readonly (readonly [string, VipFact | undefined])[] {
    this.#expire(nowMonoMs);
    const changes = [...this.#dirty].map((key) => {
      const vip = this.#vips.get(key);
      return [key, vip === undefined ? undefined : this.#factOf(key, vip, nowMonoMs)] as const;
    });
    this.#dirty.clear();
    return changes;
  }

  /** When `takeChanges` has something to do by itself. */
  nextDeadlineMs(): number | undefined {
    return this.#held.next();
  }

  /**
   * The VIPs of a task that another definition claims too, or reaches by another spelling. `judged` keeps what was
   * found of each VIP: who asks for many tasks hands the same one over.
   */
  sharedBy(key: TaskKey, judged: Map<string, SharedVip | undefined>): readonly SharedVip[] {
    return (this.#byTask.get(key) ?? []).flatMap((contribution) => {
      const vipKey = keyOf(contribution);
      if (!judged.has(vipKey)) judged.set(vipKey, this.#shared(vipKey));
      return judged.get(vipKey) ?? [];
    });
  }

  #shared(vipKey: string): SharedVip | undefined {
    const vip = this.#vips.get(vipKey);
    if (vip === undefined) return undefined;
    const owners = new Set<string>();
    const given = new Set<string>();
    let name = vip.address.includes(":") ? `[${vip.address}]` : vip.address;
    for (const contributions of vip.members.values())
      for (const one of contributions) {
        owners.add(one.owner);
        given.add(one.given);
        name = one.name ?? name;
      }
    if (owners.size < 2 && given.size < 2) return undefined;
    return {
      vip: `${name}:${vip.port}`,
      owners: [...owners].toSorted(compareText),
      given: [...given].toSorted(compareText),
    };
  }

  #join(key: TaskKey, contribution: Contribution): void {
    const vipKey = keyOf(contribution);
    const vip = this.#vips.get(vipKey) ?? this.#open(vipKey, contribution);
    const mine = vip.members.get(key);
    if (mine === undefined) vip.members.set(key, [contribution]);
    else mine.push(contribution);
    this.#held.delete(vipKey);
    this.#dirty.add(vipKey);
  }

  #leave(key: TaskKey, contribution: Contribution): void {
    const vipKey = keyOf(contribution);
    this.#vips.get(vipKey)?.members.delete(key);
    this.#dirty.add(vipKey);
  }

  #open(
    key: string,
    { address, port, protocol }: Omit<Contribution, "name" | "given" | "owner" | "backend">,
  ): Vip {
    const vip: Vip = { address, port, protocol, members: new Map(), names: [] };
    this.#vips.set(key, vip);
    const there = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, there.add(key));
    return vip;
  }

  #expire(nowMonoMs: number): void {
    for (const key of this.#held.takeDue(nowMonoMs)) {
      const vip = this.#vips.get(key);
      if (vip === undefined) continue;
      this.#vips.delete(key);
      const there = this.#byAddress.get(vip.address);
      there?.delete(key);
      if (there?.size === 0) this.#byAddress.delete(vip.address);
      this.#dirty.add(key);
    }
  }

  #factOf(key: string, vip: Vip, nowMonoMs: number): VipFact {
    const { address, port, protocol, members } = vip;
    const backends = new Map<string, { readonly task: TaskKey; readonly backend: Backend }>();
    const names = new Set<string>();
    for (const [task, contributions] of members)
      for (const { name, backend } of contributions) {
        if (name !== undefined) names.add(name);
        if (backend === undefined) continue;
        // Two tasks at one place: one has ended, and its status is on its way. Any order of events, one winner.
        const place = backendKey(backend);
        const other = backends.get(place);
        if (other === undefined || compareText(other.task, task) < 0)
          backends.set(place, { task, backend });
      }
    if (members.size > 0) vip.names = [...names].toSorted(compareText);
    else if (!this.#held.has(key)) this.#held.set(key, nowMonoMs + limits.vipHeldMs);
    const sorted = [...backends.values()].map(({ backend }) => backend).toSorted(compareBackends);
    return { kind: "vip", address, port, protocol, names: vip.names, backends: sorted };
  }
}

function keyOf({ address, port, protocol }: Contribution): string {
  return `vip/${protocol}/${address}/${port}`;
}

function countOf(contributions: readonly Contribution[]): number {
  let count = 0;
  for (const { backend } of contributions) if (backend !== undefined) count += 1;
  return count;
}
