import { assert } from "@tutti/base";
import { Resources } from "@tutti/resources";
import type { RoleQuota } from "../types.ts";

/** A cluster at one moment, as far as quota minds. */
export interface QuotaScene {
  readonly quotas: ReadonlyMap<string, RoleQuota>;
  readonly totals: readonly Resources[];
  readonly held: readonly { readonly role: string; readonly resources: Resources }[];
  /** On active agents. */
  readonly free: readonly Resources[];
}

/** Something is asked of a role as if it had so much more. */
interface Supposed {
  readonly role: string;
  readonly more: number;
}

/** The rules of quota without any cleverness, for tests: counts everything at each question. */
export class NaiveQuota {
  readonly #scene: QuotaScene;
  readonly #names: ReadonlySet<string>;

  constructor(scene: QuotaScene) {
    this.#scene = scene;
    this.#names = new Set(
      [...scene.quotas.values()].flatMap((quota) => [
        ...quota.guarantees.names,
        ...quota.limits.keys(),
      ]),
    );
  }

  /** Whether some of `part` would bring the role nearer to a guarantee. */
  isNearer(role: string, part: Resources): boolean {
    const free = counted(part).quantities();
    return free.names.some((name) => this.#lackingAndAllowed(role, name) > 0);
  }

  /** What of `part` the role may be given. */
  cut(role: string, part: Resources): Resources {
    const messages = part.toMessages().flatMap((message) => {
      const isCounted = !counted(Resources.of([message])).isEmpty;
      if (!isCounted || message.scalar === undefined || !this.#names.has(message.name)) {
        return [message];
      }
      const room = Math.max(0, this.#room(role, message.name));
      const value = Math.min(message.scalar.value, room / 1000);
      return value > 0 ? [{ ...message, scalar: { value } }] : [];
    });
    return Resources.of(messages);
  }

  /** No role came above a limit since `before`, and what guarantees need was kept or given. */
  expectKept(before: NaiveQuota): void {
    for (const [role, { limits }] of this.#scene.quotas) {
      for (const [name, limit] of limits) {
        const most = Math.max(limit, before.#consumed(role, name, nothing));
        assert(
          this.#consumed(role, name, nothing) <= most,
          `${role} is above its limit of ${name}`,
        );
      }
    }
    for (const name of this.#names) {
      const missing = this.#requiredOfAll(name) - this.#available(name);
      const missed = before.#requiredOfAll(name) - before.#available(name);
      assert(missing <= Math.max(0, missed), `the headroom of ${name} was not kept`);
    }
  }

  #room(role: string, name: string): number {
    const surplus = this.#available(name) - this.#requiredOfAll(name);
    return Math.min(this.#bound(role, name), this.#lacking(role, name) + Math.max(0, surplus));
  }

  #lackingAndAllowed(role: string, name: string): number {
    return Math.min(this.#lacking(role, name), this.#bound(role, name));
  }

  /** How much less would have to be kept if the role had all it could ever want. */
  #lacking(role: string, name: string): number {
    const top = this.#above(role)[0];
    if (top === undefined) return 0;
    const sated = { role, more: Infinity };
    return this.#required(top, name, nothing) - this.#required(top, name, sated);
  }

  /** What the limits above leave to a role, less what they have to keep for others. */
  #bound(role: string, name: string): number {
    const sated = { role, more: Infinity };
    const bounds = this.#above(role).map((path) => {
      const limit = this.#scene.quotas.get(path)?.limits.get(name) ?? Infinity;
      return limit - this.#consumed(path, name, nothing) - this.#required(path, name, sated);
    });
    return Math.min(Infinity, ...bounds);
  }

  #requiredOfAll(name: string): number {
    const tops = [...this.#scene.quotas.keys()].filter((role) => this.#above(role).length === 1);
    return tops.reduce((sum, role) => sum + this.#required(role, name, nothing), 0);
  }

  #required(role: string, name: string, supposed: Supposed): number {
    const below = [...this.#scene.quotas.keys()].filter(
      (each) => this.#above(each).at(-2) === role,
    );
    const needs = below.map((each) => this.#required(each, name, supposed));
    const guarantee = this.#scene.quotas.get(role)?.guarantees.get(name) ?? 0;
    const lacking = guarantee - this.#consumed(role, name, supposed);
    return Math.max(
      0,
      lacking,
      needs.reduce((sum, need) => sum + need, 0),
    );
  }

  #consumed(role: string, name: string, supposed: Supposed): number {
    const reserved = this.#scene.totals.flatMap((total) =>
      [...total.byReservation()].flatMap(([owner, part]) => (isIn(owner, role) ? [part] : [])),
    );
    const held = this.#scene.held.flatMap((each) =>
      isIn(each.role, role) ? [counted(each.resources)] : [],
    );
    const more = isIn(supposed.role, role) ? supposed.more : 0;
    return Resources.sum([...reserved, ...held]).scalar(name) + more;
  }

  #available(name: string): number {
    return Resources.sum(this.#scene.free.map(counted)).scalar(name);
  }

  /** The roles with quota from the top down to this one. */
  #above(role: string): string[] {
    const roles = [...this.#scene.quotas.keys()].filter((each) => isIn(role, each));
    return roles.sort((left, right) => left.length - right.length);
  }
}

const nothing: Supposed = { role: "", more: 0 };

function counted(resources: Resources): Resources {
  return resources.scalars().unreserved().nonRevocable();
}

function isIn(role: string, path: string): boolean {
  return role === path || role.startsWith(`${path}/`);
}
