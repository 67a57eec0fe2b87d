import { assert } from "@tutti/base";
import type { AgentId } from "@tutti/ids";
import { Resources } from "@tutti/resources";
import type { Amounts } from "./amounts.ts";
import { Holdings } from "./holdings.ts";
import { type Offerable, type OfferRules, OfferView } from "./offerable.ts";

/** The last thing given away as a whole, so that giving it back needs no arithmetic. */
export interface Given {
  readonly client: number;
  readonly part: Offerable;
}

/**
 * The books of one agent: what it has, who holds what of it, what is free. Resources in the books are
 * allocated to nobody; the client says for whom they are held.
 *
 * Invariant: `free` and what is held add up to `total`; only when a returning agent has less than its tasks
 * hold is `free` the part of `total` that nobody holds.
 */
export class AgentLedger {
  readonly id: AgentId;
  /** Its number among the agents; numbers of removed agents are used again. */
  readonly number: number;
  readonly #rules: OfferRules;
  #total: Resources = Resources.empty;
  #amounts: Amounts;
  #free: Resources = Resources.empty;
  #view: OfferView | undefined;
  #wholeView: OfferView | undefined;
  /** What was given last: as what it was offered, and what was free before and after. */
  #offered: Resources | undefined;
  #givenTo = -1;
  #givenPart: Offerable | undefined;
  #viewBefore: OfferView | undefined;
  #freeAfter: Resources | undefined;
  #isOvercommitted = false;
  /** By the client's number. */
  readonly held = new Holdings();
  isActive = true;
  hasGpus = false;

  constructor(id: AgentId, number: number, total: Resources, rules: OfferRules) {
    this.id = id;
    this.number = number;
    this.#rules = rules;
    this.#amounts = rules.kinds.amountsOf(total);
    this.setTotal(total);
  }

  get total(): Resources {
    return this.#total;
  }

  /** The total's scalars. */
  get amounts(): Amounts {
    return this.#amounts;
  }

  get free(): Resources {
    return this.#free;
  }

  /** The free resources, parted. */
  view(): OfferView {
    const known = this.#view;
    if (known !== undefined && known.free === this.#free) return known;
    this.#view = new OfferView(this.#free, this.#rules);
    return this.#view;
  }

  /** Parts the free resources ahead of the round, so that a round over many new agents stays short. */
  prepare(): void {
    const view = this.view();
    if (view.isUniform) view.prepare();
  }

  setTotal(told: Resources): void {
    const total = this.#rules.totals.shared(told);
    this.#total = total;
    this.#amounts = this.#rules.kinds.amountsOf(total);
    this.hasGpus = total.scalar("gpus") > 0;
    this.#wholeView = undefined;
    this.#recount();
  }

  /** Gives `part` of the present view, allocated as `offered`, to a client. */
  give(client: number, part: Offerable, offered: Resources): void {
    const before = this.view();
    this.#hold(client, part.resources);
    this.#free =
      part.resources === this.#free ? Resources.empty : this.#free.subtract(part.resources);
    this.#offered = offered;
    this.#givenTo = client;
    this.#givenPart = part;
    this.#viewBefore = before;
    this.#freeAfter = this.#free;
  }

  /** Charges a client for resources in use that were not given by an offer. */
  charge(client: number, resources: Resources): void {
    this.#hold(client, resources);
    if (this.#isOvercommitted || !this.#free.contains(resources)) this.#recount();
    else this.#free = this.#free.subtract(resources);
  }

  /** What was given last, when `offered` is that very object and is held still. */
  given(offered: Resources): Given | undefined {
    const part = this.#givenPart;
    if (part === undefined || this.#offered !== offered || !this.held.has(this.#givenTo)) {
      return undefined;
    }
    return { client: this.#givenTo, part };
  }

  /** Takes back what a client holds; it must hold it. */
  takeBack(client: number, resources: Resources): void {
    const held = this.held.get(client) ?? Resources.empty;
    const before = this.#viewBefore;
    if (held === resources) {
      this.held.delete(client);
    } else {
      assert(held.contains(resources), "a client gives back no more than it holds on an agent");
      const rest = held.subtract(resources);
      if (rest.isEmpty) this.held.delete(client);
      else this.held.set(client, rest);
    }
    const isGiven = this.#givenPart?.resources === resources && this.#freeAfter === this.#free;
    if (before !== undefined && isGiven) {
      this.#free = before.free;
      this.#view = before;
    } else if (this.#isOvercommitted || this.held.size === 0) {
      this.#recount();
    } else {
      this.#free = this.#free.add(resources);
    }
  }

  #hold(client: number, resources: Resources): void {
    const held = this.held.get(client);
    this.held.set(client, held === undefined ? resources : held.add(resources));
  }

  /** Computes the free resources from the total and what is held. */
  #recount(): void {
    this.#offered = undefined;
    this.#givenPart = undefined;
    this.#viewBefore = undefined;
    this.#freeAfter = undefined;
    if (this.held.size === 0) {
      this.#wholeView ??= new OfferView(this.#total, this.#rules);
      this.#isOvercommitted = false;
      this.#free = this.#total;
      this.#view = this.#wholeView;
      return;
    }
    const held = Resources.sum(this.held.entries().map(([, resources]) => resources));
    this.#isOvercommitted = !this.#total.contains(held);
    this.#free = this.#total.subtract(held);
  }
}
