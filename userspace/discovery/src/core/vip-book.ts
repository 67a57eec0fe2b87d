import { compareText, DeadlineQueue } from "@tutti/base";
import type { Backend, VipFact } from "@tutti/discovery-v1";
import type { KnownTask } from "./cluster.ts";
import type { Contribution } from "./derive.ts";
import { limits } from "./limits.ts";
import { compareBackends } from "./table.ts";
import type { Slot, Table } from "./table.ts";

/** Where a VIP is. */
type Place = Pick<Contribution, "address" | "port" | "protocol">;

interface Vip extends Place, Slot {
  /** The tasks that add something to it, in no order. */
  readonly members: KnownTask[];
  /** What its last fact said: a VIP whose tasks are all gone keeps its names for a while. */
  names: readonly string[];
  /** Whether its fact is to be made anew. */
  isDirty: boolean;
}

/** A VIP that several definitions claim. */
export interface SharedVip {
  readonly vip: string;
  /** Framework and name of the tasks, with a space between. */
  readonly owners: readonly string[];
  /** Names as labels have them. */
  readonly given: readonly string[];
}

/** What all tasks together make of VIPs. Whole facts are made of those that changed, when asked. */
export class VipBook {
  readonly #vips = new Map<string, Vip>();
  readonly #byAddress = new Map<string, Vip[]>();
  #dirty: Vip[] = [];
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
  backendsOf({ contributions }: KnownTask): number {
    return countOf(contributions);
  }

  /** Replaces what a task adds; returns how many backends it was. */
  set(task: KnownTask, contributions: readonly Contribution[]): number {
    const old = task.contributions;
    if (old.length === 0 && contributions.length === 0) return 0;
    for (const contribution of old) this.#leave(task, contribution);
    task.contributions = contributions;
    for (const contribution of contributions) this.#join(task, contribution);
    const before = countOf(old);
    this.#backends += countOf(contributions) - before;
    return before;
  }

  /** Takes a VIP over that somebody knew before, with its tasks still to come. */
  restore(fact: VipFact, nowMonoMs: number): void {
    const vip = this.#at(fact) ?? this.#open(fact);
    if (vip.members.length === 0) vip.names = fact.names;
    this.#held.set(vip.key, nowMonoMs + limits.vipHeldMs);
    this.#change(vip);
  }

  /** Tasks that add to VIPs at an address. */
  tasksAt(address: string): readonly KnownTask[] {
    const there = this.#byAddress.get(address) ?? [];
    return there.flatMap(({ members }) => members);
  }

  /** Makes facts of the VIPs that changed since the last call; those that are no more have none. */
  stageChanges(table: Table, nowMonoMs: number): void {
    this.#expire(nowMonoMs);
    const changed = this.#dirty;
    this.#dirty = [];
    for (const vip of changed) {
      vip.isDirty = false;
      const isOpen = this.#vips.get(vip.key) === vip;
      table.stage(vip, isOpen ? this.#factOf(vip, nowMonoMs) : undefined);
    }
  }

  /** Names that lead to VIPs. */
  *names(): Iterable<string> {
    for (const { names } of this.#vips.values()) yield* names;
  }

  /** When `stageChanges` has something to do by itself. */
  nextDeadlineMs(): number | undefined {
    return this.#held.next();
  }

  /**
   * The VIPs of a task that another definition claims too, or reaches by another spelling. `judged` keeps what was
   * found of each VIP: who asks for many tasks hands the same one over.
   */
  sharedBy(
    { contributions }: KnownTask,
    judged: Map<string, SharedVip | undefined>,
  ): readonly SharedVip[] {
    return contributions.flatMap((contribution) => {
      const vip = this.#at(contribution);
      if (vip === undefined) return [];
      if (!judged.has(vip.key)) judged.set(vip.key, sharedVipOf(vip));
      return judged.get(vip.key) ?? [];
    });
  }

  #at({ address, port, protocol }: Place): Vip | undefined {
    for (const vip of this.#byAddress.get(address) ?? none)
      if (vip.port === port && vip.protocol === protocol) return vip;
    return undefined;
  }

  #join(task: KnownTask, contribution: Contribution): void {
    const vip = this.#at(contribution) ?? this.#open(contribution);
    // A task that adds twice to one VIP does so in one go: then it is the last member.
    if (vip.members.at(-1) !== task) vip.members.push(task);
    if (this.#held.size > 0) this.#held.delete(vip.key);
    this.#change(vip);
  }

  #leave(task: KnownTask, contribution: Contribution): void {
    const vip = this.#at(contribution);
    if (vip === undefined) return;
    const place = vip.members.indexOf(task);
    const last = place < 0 ? undefined : vip.members.pop();
    if (last !== undefined && last !== task) vip.members[place] = last;
    this.#change(vip);
  }

  #change(vip: Vip): void {
    if (vip.isDirty) return;
    vip.isDirty = true;
    this.#dirty.push(vip);
  }

  #open({ address, port, protocol }: Place): Vip {
    const key = `vip/${protocol}/${address}/${port}`;
    const slot = { key, published: undefined, fact: undefined, isStaged: false };
    const empty = { members: [], names: none, isDirty: false };
    const vip: Vip = { ...slot, ...empty, address, port, protocol };
    this.#vips.set(key, vip);
    const there = this.#byAddress.get(address);
    if (there === undefined) this.#byAddress.set(address, [vip]);
    else there.push(vip);
    return vip;
  }

  #expire(nowMonoMs: number): void {
    for (const key of this.#held.takeDue(nowMonoMs)) {
      const vip = this.#vips.get(key);
      if (vip === undefined) continue;
      this.#vips.delete(key);
      const there = (this.#byAddress.get(vip.address) ?? []).filter((other) => other !== vip);
      if (there.length === 0) this.#byAddress.delete(vip.address);
      else this.#byAddress.set(vip.address, there);
      this.#change(vip);
    }
  }

  #factOf(vip: Vip, nowMonoMs: number): VipFact {
    const { key, address, port, protocol, members } = vip;
    const backends: Backend[] = [];
    const names: string[] = [];
    for (const { contributions } of members)
      for (const one of contributions) {
        if (!isAt(one, vip)) continue;
        const { name, backend } = one;
        // Of most VIPs the one that is there already.
        if (name !== undefined && name !== names.at(-1)) names.push(name);
        if (backend !== undefined) backends.push(backend);
      }
    if (members.length > 0)
      vip.names = names.length < 2 ? names : [...new Set(names)].toSorted(compareText);
    else if (!this.#held.has(key)) this.#held.set(key, nowMonoMs + limits.vipHeldMs);
    const sorted = withoutDoubles(backends.sort(compareBackends));
    return { kind: "vip", address, port, protocol, names: vip.names, backends: sorted };
  }
}

/** What is claimed by several, or spelt in several ways. */
function sharedVipOf(vip: Vip): SharedVip | undefined {
  const owners = new Set<string>();
  const given = new Set<string>();
  let name = vip.address.includes(":") ? `[${vip.address}]` : vip.address;
  for (const { task, contributions } of vip.members)
    for (const one of contributions) {
      if (!isAt(one, vip)) continue;
      owners.add(`${task.frameworkId} ${task.name}`);
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

function isAt(one: Place, { address, port, protocol }: Place): boolean {
  return one.address === address && one.port === port && one.protocol === protocol;
}

/**
 * Two tasks at one place: one has ended, and its status is on its way. Any order of events, one winner.
 */
function withoutDoubles(sorted: readonly Backend[]): readonly Backend[] {
  const isDouble = (backend: Backend, index: number): boolean => {
    const next = sorted[index + 1];
    return next !== undefined && next.address === backend.address && next.port === backend.port;
  };
  return sorted.some(isDouble)
    ? sorted.filter((backend, index) => !isDouble(backend, index))
    : sorted;
}

function countOf(contributions: readonly Contribution[]): number {
  let count = 0;
  for (const { backend } of contributions) if (backend !== undefined) count += 1;
  return count;
}

const none: readonly never[] = [];
