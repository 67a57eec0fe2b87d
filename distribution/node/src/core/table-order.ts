import { factKey } from "@tutti/discovery-v1";
import type { Fact, TableChange, TableVersion } from "@tutti/discovery-v1";

/** A room that answers with names; done when it returns. `vipsFollow`: the change has VIPs that are told later. */
export interface NamesRoom {
  apply(change: TableChange, told: { readonly vipsFollow: boolean }): void;
}

/** Who is told, and who hears that it was done. */
export interface TableOrderOptions {
  readonly names: readonly NamesRoom[];
  /**
   * Tells the room that leads packets; `done` is called once it holds the change, or once it is certain that it will
   * not soon: then `held` of the order is to be called when it does. Undefined: no VIP has a name here.
   */
  readonly dataplane: ((change: TableChange, done: (isHeld: boolean) => void) => void) | undefined;
  /** Everything holds this version. `isAwaited`: discovery waits to hear it. */
  readonly onApplied: (version: TableVersion, isAwaited: boolean) => void;
}

/**
 * The order that lets no client find a name before the way is there: dataplane, then name; and on the way down name,
 * then dataplane. What comes while the dataplane works is put together. Rules DSC40 and DSC41.
 *
 * Invariant: the dataplane has at most one change to carry out.
 */
export class TableOrder {
  readonly #options: TableOrderOptions;
  /** What the dataplane has to learn, by key; undefined: removed. */
  #waiting = new Map<string, Fact | undefined>();
  #version: TableVersion | undefined;
  #isAwaited = false;
  /** VIPs of changes that the dataplane was told and does not hold yet; and the newest of those changes. */
  readonly #unheld = new Map<string, Fact>();
  #unheldVersion: TableVersion | undefined;
  #isUnheldAwaited = false;
  #isRunning = false;
  /** Whether the first table's VIPs have their names: "follow" while the dataplane learns of them. */
  #vips: "untold" | "follow" | "told" = "untold";

  constructor(options: TableOrderOptions) {
    this.#options = options;
  }

  /** Takes a change. Names that are gone and names that need no way are right when this returns. */
  take(change: TableChange, version: TableVersion, isAwaited: boolean): void {
    const put = change.put.filter((fact) => fact.kind !== "vip");
    // The first one is told even when it is empty: from then on a name that is not in it is known not to be.
    const isFirst = this.#vips === "untold";
    if (isFirst) this.#vips = put.length < change.put.length ? "follow" : "told";
    if (isFirst || change.remove.length + put.length > 0) {
      this.#name({ remove: change.remove, put });
    }
    for (const key of change.remove) {
      this.#waiting.set(key, undefined);
      this.#unheld.delete(key);
    }
    for (const fact of change.put) this.#waiting.set(factKey(fact), fact);
    this.#version = version;
    this.#isAwaited ||= isAwaited;
    if (!this.#isRunning) this.#begin();
  }

  /** Hands the dataplane what waits. */
  #begin(): void {
    const version = this.#version;
    if (version === undefined) return;
    const batch = this.#waiting;
    const isAwaited = this.#isAwaited;
    this.#waiting = new Map();
    this.#version = undefined;
    this.#isAwaited = false;
    this.#isRunning = true;
    const remove = [...batch].flatMap(([key, fact]) => (fact === undefined ? [key] : []));
    const facts = [...batch.values()].filter((fact) => fact !== undefined);
    const { dataplane } = this.#options;
    const done = (isHeld: boolean): void => {
      this.#told(facts, version, isAwaited);
      if (isHeld) this.held();
      this.#isRunning = false;
      this.#begin();
    };
    if (dataplane === undefined) done(true);
    else dataplane({ remove, put: facts }, done);
  }

  /** The dataplane holds every change for which it has said `done`. */
  held(): void {
    const version = this.#unheldVersion;
    if (version === undefined) return;
    const vips = [...this.#unheld.values()];
    const isAwaited = this.#isUnheldAwaited;
    this.#unheld.clear();
    this.#unheldVersion = undefined;
    this.#isUnheldAwaited = false;
    if (vips.length > 0 || this.#vips === "follow") {
      this.#vips = "told";
      this.#name({ remove: [], put: vips });
    }
    this.#options.onApplied(version, isAwaited);
  }

  #told(facts: readonly Fact[], version: TableVersion, isAwaited: boolean): void {
    const hasDataplane = this.#options.dataplane !== undefined;
    for (const fact of facts) {
      const key = factKey(fact);
      if (hasDataplane && fact.kind === "vip" && !this.#isGone(key)) this.#unheld.set(key, fact);
    }
    this.#unheldVersion = version;
    this.#isUnheldAwaited ||= isAwaited;
  }

  /** Whether it was removed while the dataplane was learning of it: its name is to stay away. */
  #isGone(key: string): boolean {
    return this.#waiting.has(key) && this.#waiting.get(key) === undefined;
  }

  #name(change: TableChange): void {
    const vipsFollow = this.#vips === "follow";
    for (const room of this.#options.names) room.apply(change, { vipsFollow });
  }
}
