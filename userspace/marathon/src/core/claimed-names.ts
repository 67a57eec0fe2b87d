import { compareText } from "@tutti/base";
import { claimsOf, fullVipName, toLabel } from "@tutti/dns";
import type { SharedVip, VipClaim } from "@tutti/dns";
import type { VersionedApp } from "@tutti/marathon-v2";
import { taskNameOf } from "./offers/build-task.ts";
import { portFactsOf } from "./vip-facts.ts";

/** One app's wish for a VIP. */
interface Claim {
  /** `tcp/web.marathon:80`. */
  readonly key: string;
  readonly vip: string;
  /** As the label has it. */
  readonly given: string;
}

/**
 * What apps that are defined are called in DNS, and which VIPs their labels claim, whether instances run or not.
 *
 * Invariant: it holds exactly the names of the definitions that were put and not taken out since.
 */
export class ClaimedNames {
  readonly #frameworkName: string;
  readonly #byName = new Map<string, Set<string>>();
  readonly #claims = new Map<string, readonly Claim[]>();
  readonly #byVip = new Map<string, Set<string>>();

  /** `frameworkName`: of the framework that tasks will be of. */
  constructor(frameworkName: string) {
    this.#frameworkName = frameworkName;
  }

  /** An app has this definition now; undefined: none that users see. */
  put(id: string, definition: VersionedApp | undefined): void {
    this.#forget(id);
    if (definition === undefined) return;
    add(this.#byName, nameOf(id), id);
    const claims = this.#claimsOf(definition);
    if (claims.length === 0) return;
    this.#claims.set(id, claims);
    for (const { key } of claims) add(this.#byVip, key, id);
  }

  /** Other apps with the same name in DNS, in the order of their coming. */
  namesakesOf(id: string): readonly string[] {
    return [...(this.#byName.get(nameOf(id)) ?? [])].filter((other) => other !== id);
  }

  /** The VIPs of an app that others claim too, or that labels spell in several ways. */
  sharedBy(id: string): readonly SharedVip[] {
    const own = new Map((this.#claims.get(id) ?? []).map((claim) => [claim.key, claim]));
    return [...own.values()].flatMap(({ key, vip }) => {
      const ids = [...(this.#byVip.get(key) ?? [])];
      const all = ids.flatMap((each) => this.#claims.get(each) ?? []);
      const given = new Set(all.filter((claim) => claim.key === key).map((claim) => claim.given));
      if (ids.length < 2 && given.size < 2) return [];
      const names = ids.map(taskNameOf).toSorted(compareText);
      const owners = names.map((name) => `${name} (${this.#frameworkName})`);
      return [{ vip, owners, given: [...given].toSorted(compareText) }];
    });
  }

  #forget(id: string): void {
    remove(this.#byName, nameOf(id), id);
    for (const { key } of this.#claims.get(id) ?? []) remove(this.#byVip, key, id);
    this.#claims.delete(id);
  }

  #claimsOf(definition: VersionedApp): readonly Claim[] {
    return claimsOf(portFactsOf(definition)).claims.flatMap((claim) => {
      const place = this.#placeOf(claim);
      if (place === undefined) return [];
      const vip = `${place.host}:${String(claim.port)}`;
      return [{ key: `${claim.protocol}/${vip}`, vip, given: place.given }];
    });
  }

  #placeOf({ target }: VipClaim): { readonly host: string; readonly given: string } | undefined {
    if (target.type === "address") {
      const { address } = target;
      return { host: address.includes(":") ? `[${address}]` : address, given: address };
    }
    const full = fullVipName(target.name, this.#frameworkName);
    return full === "" ? undefined : { host: full, given: target.name };
  }
}

function nameOf(id: string): string {
  return toLabel(taskNameOf(id));
}

function add(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, new Set([id]));
  else ids.add(id);
}

function remove(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  if (ids?.delete(id) === true && ids.size === 0) index.delete(key);
}
