import { Resources } from "@tutti/resources";

/**
 * Who holds what of an agent, by the client's number. Mostly that is one client or nobody: one has a place of
 * its own, and a table is made only for further ones.
 *
 * Invariant: no client is in both places, and what is held is not empty.
 */
export class Holdings {
  #client = -1;
  #resources: Resources = Resources.empty;
  #others: Map<number, Resources> | undefined;

  /** How many hold something. */
  get size(): number {
    return (this.#client < 0 ? 0 : 1) + (this.#others?.size ?? 0);
  }

  has(client: number): boolean {
    return this.#client === client || this.#others?.has(client) === true;
  }

  /** What a client holds; undefined: nothing. */
  get(client: number): Resources | undefined {
    return this.#client === client ? this.#resources : this.#others?.get(client);
  }

  set(client: number, resources: Resources): void {
    if (this.#client !== client && this.#client >= 0) {
      this.#others ??= new Map();
      this.#others.set(client, resources);
      return;
    }
    this.#others?.delete(client);
    this.#client = client;
    this.#resources = resources;
  }

  delete(client: number): void {
    if (this.#client === client) {
      this.#client = -1;
      this.#resources = Resources.empty;
      return;
    }
    this.#others?.delete(client);
    if (this.#others?.size === 0) this.#others = undefined;
  }

  /** Of this moment: holdings may be changed while one goes through it. */
  entries(): readonly (readonly [client: number, resources: Resources])[] {
    const others = this.#others === undefined ? [] : [...this.#others];
    return this.#client < 0 ? others : [[this.#client, this.#resources], ...others];
  }
}
