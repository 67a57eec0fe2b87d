import { compareText } from "@tutti/base";
import { backendKey } from "@tutti/discovery-v1";
import type { Backend, BackendPatch, Fact, StreamChange, VipFact } from "@tutti/discovery-v1";
import { limits } from "./limits.ts";

/** The facts that are published, and what the present step changes of them. */
export class Table {
  #facts = new Map<string, Fact>();
  /** By key: what it is after this step; undefined: removed. */
  #staged = new Map<string, Fact | undefined>();

  get facts(): ReadonlyMap<string, Fact> {
    return this.#facts;
  }

  /** Whether there is a fact, this step's changes included. */
  has(key: string): boolean {
    return this.#staged.has(key) ? this.#staged.get(key) !== undefined : this.#facts.has(key);
  }

  put(key: string, fact: Fact): void {
    this.#staged.set(key, fact);
  }

  remove(key: string): void {
    this.#staged.set(key, undefined);
  }

  /** Carries the changes out and returns the difference; undefined when nothing is different. */
  commit(): StreamChange | undefined {
    return this.#facts.size === 0 ? this.#begin() : this.#merge();
  }

  /** The first facts of all: what is staged becomes the table as it stands. */
  #begin(): StreamChange | undefined {
    const put: Fact[] = [];
    for (const [key, fact] of this.#staged)
      if (fact === undefined) this.#staged.delete(key);
      else put.push(fact);
    if (put.length === 0) return undefined;
    // Nothing is left in it that is undefined.
    this.#facts = this.#staged as Map<string, Fact>;
    this.#staged = new Map();
    return { remove: [], put };
  }

  #merge(): StreamChange | undefined {
    const remove: string[] = [];
    const put: Fact[] = [];
    const patch: BackendPatch[] = [];
    let confirm = false;
    for (const [key, fact] of this.#staged) {
      const before = this.#facts.get(key);
      if (fact === undefined) {
        if (this.#facts.delete(key)) remove.push(key);
        continue;
      }
      if (before !== undefined && isSame(before, fact)) continue;
      this.#facts.set(key, fact);
      const difference = patchOf(key, before, fact);
      if (difference === undefined) put.push(fact);
      else patch.push(difference);
      confirm ||= losesBackends(before, fact);
    }
    this.#staged.clear();
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
function patchOf(key: string, before: Fact | undefined, after: Fact): BackendPatch | undefined {
  if (after.kind !== "vip" || before?.kind !== "vip") return undefined;
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

function losesBackends(before: Fact | undefined, after: Fact): boolean {
  if (after.kind !== "vip" || before?.kind !== "vip") return false;
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
