import { compareText } from "@tutti/base";
import { backendKey } from "@tutti/discovery-v1";
import type { Backend, BackendPatch, Fact, StreamChange, VipFact } from "@tutti/discovery-v1";
import { limits } from "./limits.ts";

/** Where one fact stands. Who has a thing of which there are many keeps its slot too, so that no map finds it. */
export interface Slot {
  readonly key: string;
  /** As it was published last; undefined: not at all. */
  published: Fact | undefined;
  /** As it is after this step. */
  fact: Fact | undefined;
  isStaged: boolean;
}

/** The facts that are published, and what the present step changes of them. */
export class Table {
  /** Of facts whose owners keep no slot. */
  readonly #slots = new Map<string, Slot>();
  #staged: Slot[] = [];

  /** A fact that has no slot of its own. */
  put(key: string, fact: Fact): void {
    const known = this.#slots.get(key);
    if (known !== undefined) {
      this.stage(known, fact);
      return;
    }
    const slot: Slot = { key, published: undefined, fact, isStaged: false };
    this.#slots.set(key, slot);
    this.stage(slot, fact);
  }

  /** Of a fact that was `put`. */
  remove(key: string): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.stage(slot, undefined);
  }

  /** What a slot holds from this step on. */
  stage(slot: Slot, fact: Fact | undefined): void {
    slot.fact = fact;
    if (slot.isStaged) return;
    slot.isStaged = true;
    this.#staged.push(slot);
  }

  /** Carries the changes out and returns the difference; undefined when nothing is different. */
  commit(): StreamChange | undefined {
    const staged = this.#staged;
    this.#staged = [];
    const remove: string[] = [];
    const put: Fact[] = [];
    const patch: BackendPatch[] = [];
    let confirm = false;
    for (const slot of staged) {
      const { key, published, fact } = slot;
      slot.isStaged = false;
      slot.published = fact;
      if (fact === undefined) {
        this.#slots.delete(key);
        if (published !== undefined) remove.push(key);
        continue;
      }
      if (published === undefined) {
        put.push(fact);
        continue;
      }
      if (isSame(published, fact)) continue;
      const difference = patchOf(key, published, fact);
      if (difference === undefined) put.push(fact);
      else patch.push(difference);
      confirm ||= losesBackends(published, fact);
    }
    if (remove.length + put.length + patch.length === 0) return undefined;
    return {
      remove,
      put,
      ...(patch.length === 0 ? {} : { patch }),
      ...(confirm ? { confirm } : {}),
    };
  }
}

/** The difference of a VIP whose backends mostly stayed; undefined when the whole fact is as short. */
function patchOf(key: string, before: Fact, after: Fact): BackendPatch | undefined {
  if (after.kind !== "vip" || before.kind !== "vip") return undefined;
  if (after.backends.length < limits.patchBackendsMin || !isSame(before.names, after.names))
    return undefined;
  const old = new Map(before.backends.map((backend) => [backendKey(backend), backend]));
  const put: Backend[] = [];
  for (const backend of after.backends) {
    const place = backendKey(backend);
    const was = old.get(place);
    old.delete(place);
    if (was === undefined || !isSame(was, backend)) put.push(backend);
  }
  const patch = { key, remove: [...old.keys()], put };
  return (patch.remove.length + put.length) * 2 <= after.backends.length ? patch : undefined;
}

function losesBackends(before: Fact, after: Fact): boolean {
  if (after.kind !== "vip" || before.kind !== "vip") return false;
  const left = new Set(after.backends.map(backendKey));
  return before.backends.some((backend) => !left.has(backendKey(backend)));
}

/** The whole fact of a VIP after a patch. */
export function patched(vip: VipFact, { remove, put }: BackendPatch): VipFact {
  const gone = new Set([...remove, ...put.map(backendKey)]);
  const backends = [...vip.backends.filter((backend) => !gone.has(backendKey(backend))), ...put];
  return { ...vip, backends: backends.toSorted(compareBackends) };
}

/** The order of backends in a fact: by address, port, and, of two at one place, by task. */
export function compareBackends(left: Backend, right: Backend): number {
  if (left.address !== right.address) return left.address < right.address ? -1 : 1;
  if (left.port !== right.port) return left.port - right.port;
  return compareText(left.frameworkId, right.frameworkId) || compareText(left.taskId, right.taskId);
}

/** Whether two values of JSON say the same. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (left === null || right === null) return false;
  const a = Object.entries(left);
  const b = right as Readonly<Record<string, unknown>>;
  return a.length === Object.keys(right).length && a.every(([key, value]) => isSame(value, b[key]));
}
