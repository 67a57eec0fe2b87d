import { present } from "@tutti/base";
import type { AgentLedger } from "./agent-ledger.ts";
import type { Client, Clients, Role } from "./clients.ts";
import type { Bits } from "./bits.ts";
import { isGpuCapable, Offerable, type OfferRules, type OfferView } from "./offerable.ts";
import type { QuotaBook } from "./quota-book.ts";
import { covers, type Refused, type Refusals } from "./refusals.ts";
import type { Allocation } from "./types.ts";

const nobody: readonly Refused[] = [];

/** What a round works with. */
export interface RoundParts {
  /** Counts the rounds. */
  readonly number: number;
  readonly clients: Clients;
  readonly refusals: Refusals;
  readonly rules: OfferRules;
  readonly book: QuotaBook;
  /** Numbers of agents of which something was not offered because of quota. */
  readonly withheld: Bits;
  readonly walkLengthMax: number;
}

/** Divides what is free on one agent after another, in the order of the sorters. */
export class Round {
  readonly #number: number;
  readonly #clients: Clients;
  readonly #refusals: Refusals;
  readonly #rules: OfferRules;
  readonly #book: QuotaBook;
  readonly #withheld: Bits;
  readonly #walkLengthMax: number;
  /** Whether only what brings roles nearer to their guarantees is given. */
  #isFirstStage = false;
  /** How many were asked in the walk over an agent. */
  #asked = 0;
  /** What was found last that somebody takes. */
  #taker: Client | undefined;
  #takenOf: OfferView | undefined;
  #taken: Offerable | undefined;
  /** What was given away so far. */
  readonly allocations: Allocation[] = [];

  constructor(parts: RoundParts) {
    this.#number = parts.number;
    this.#clients = parts.clients;
    this.#refusals = parts.refusals;
    this.#rules = parts.rules;
    this.#book = parts.book;
    this.#withheld = parts.withheld;
    this.#walkLengthMax = parts.walkLengthMax;
  }

  /** Begins the first stage: only what brings roles nearer to their guarantees is given. */
  beginSatisfying(): void {
    this.#isFirstStage = true;
    this.#clients.roleTree.beginStage();
  }

  /** Begins the second stage: all may have the rest. */
  beginVisiting(): void {
    this.#isFirstStage = false;
    this.#clients.roleTree.beginStage();
  }

  /**
   * Gives of the agent's free resources what brings roles nearer to their guarantees, and what may go with
   * it. Rule ALC53.
   */
  satisfy(agent: AgentLedger): void {
    const { roleTree } = this.#clients;
    if (roleTree.activeCount === 0) return;
    let isBegun = false;
    while (!agent.free.isEmpty && this.#book.isRequiredAny(agent.view().countedBy(this.#book))) {
      if (!isBegun || !agent.view().isUniform) roleTree.rewind();
      isBegun = true;
      const taker = this.#walk(agent, agent.view());
      if (taker === undefined) break;
      this.#give(agent, taker);
    }
  }

  /**
   * Gives away the agent's free resources until nobody is left who may have any: one client gets all that
   * is open to its role, what is reserved to other roles goes to clients of these.
   */
  visit(agent: AgentLedger): void {
    const { roleTree } = this.#clients;
    if (agent.free.isEmpty || roleTree.activeCount === 0) return;
    roleTree.rewind();
    for (;;) {
      const view = agent.view();
      if (view.isUniform && !view.unreserved.isAllocatable) break;
      const taker = this.#walk(agent, view);
      if (taker === undefined) {
        if (roleTree.hasPassed) this.#withheld.add(agent.number);
        return;
      }
      this.#give(agent, taker);
      if (agent.free.isEmpty) return;
      if (!agent.view().isUniform) roleTree.rewind();
    }
    this.#giveReserved(agent);
  }

  /** The first client in order that takes a part of the view. */
  #walk(agent: AgentLedger, view: OfferView): Client | undefined {
    const { roleTree } = this.#clients;
    const isPlain = view.isUniform && view.reservedRoles.length === 0;
    this.#asked = 0;
    for (let number = roleTree.next(isPlain); number >= 0; number = roleTree.next(isPlain)) {
      const role = this.#clients.role(number);
      if (this.#isPassed(agent, view, role)) {
        if (isPlain) roleTree.pass(number);
        continue;
      }
      const taker = this.#walkRole(agent, role, this.#walkLengthMax);
      if (taker !== undefined) return taker;
      if (this.#asked >= this.#walkLengthMax) return this.#firstOf(this.#narrow(agent, view));
    }
    return undefined;
  }

  /** All clients that take, found by bitset: for agents that most have refused already. */
  #narrow(agent: AgentLedger, view: OfferView): readonly Client[] {
    const takers: Client[] = [];
    const blockers = view.isUniform ? this.#blockers(agent, view.unreserved) : nobody;
    const { words } = this.#clients.active;
    for (let index = 0; index < words.length; index += 1) {
      let word = words[index] ?? 0;
      for (const { clients } of blockers) word &= ~(clients.words[index] ?? 0);
      while (word !== 0) {
        const client = this.#clients.client(index * 32 + 31 - Math.clz32(word & -word));
        word &= word - 1;
        if (view.isUniform && view.isReservedTo(client.role.name)) continue;
        if (this.#isPassed(agent, view, client.role)) continue;
        if (this.#takes(agent, view, client)) takers.push(client);
      }
    }
    if (!view.isUniform) return takers;
    for (const role of this.#reservedRoles(view)) {
      for (const client of role.clients) {
        if (client?.isActive === true && this.#takes(agent, view, client)) takers.push(client);
      }
    }
    return takers;
  }

  /** The one of `takers` that comes first in the order of roles, then of frameworks. */
  #firstOf(takers: readonly Client[]): Client | undefined {
    if (takers.length <= 1) return takers[0];
    const roles = [...new Set(takers.map((taker) => taker.role))];
    const first = this.#clients.roleTree.first(roles.map((role) => role.number));
    const role = present(roles[first], "the first of some roles");
    const places = takers.filter((taker) => taker.role === role).map((taker) => taker.place);
    role.sorter.rewind();
    return clientAt(role, present(places[role.sorter.first(places)], "the first of some clients"));
  }

  /** Gives each role, in order, what is reserved to it. */
  #giveReserved(agent: AgentLedger): void {
    const waiting = this.#reservedRoles(agent.view());
    while (waiting.length > 0 && !agent.free.isEmpty) {
      const first = this.#clients.roleTree.first(waiting.map((role) => role.number));
      const role = present(waiting.splice(first, 1)[0], "the first of some roles");
      const taker = this.#walkRole(agent, role, Infinity);
      if (taker !== undefined) this.#give(agent, taker);
    }
  }

  /** The first client of a role that takes a part of the view. */
  #walkRole(agent: AgentLedger, role: Role, askedMax: number): Client | undefined {
    const view = agent.view();
    let capabilities = -1;
    let part: Offerable | undefined;
    role.sorter.rewind();
    for (let place = role.sorter.next(); place >= 0; place = role.sorter.next()) {
      const client = clientAt(role, place);
      this.#asked += 1;
      if (client.framework.capabilities !== capabilities) {
        ({ capabilities } = client.framework);
        part = this.#partFor(agent, view, client);
      }
      if (part !== undefined && !this.#isRefused(agent, part, client)) {
        this.#remember(view, client, part);
        return client;
      }
      if (part === undefined && view.isUniform && !agent.hasGpus) return undefined;
      if (this.#asked >= askedMax) return undefined;
    }
    return undefined;
  }

  /** The roles that something of the view is reserved to, and those below them. */
  #reservedRoles(view: OfferView): Role[] {
    const roles = new Set<Role>();
    for (const name of view.reservedRoles) {
      for (const number of this.#clients.roleTree.numbersUnder(name)) {
        const role = this.#clients.role(number);
        if (role.sorter.activeCount > 0) roles.add(role);
      }
    }
    return [...roles];
  }

  /** Whether it was found in this round that quota leaves nothing of this agent to a role. */
  #isPassed(agent: AgentLedger, view: OfferView, role: Role): boolean {
    if (this.#isFirstStage && role.satisfiedIn === this.#number) return true;
    if (role.exhaustedIn !== this.#number) return false;
    if (!view.isUniform || view.isReservedTo(role.name)) return false;
    this.#withheld.add(agent.number);
    return true;
  }

  #takes(agent: AgentLedger, view: OfferView, client: Client): boolean {
    const part = this.#partFor(agent, view, client);
    if (part === undefined || this.#isRefused(agent, part, client)) return false;
    this.#remember(view, client, part);
    return true;
  }

  #remember(view: OfferView, client: Client, part: Offerable): void {
    this.#taker = client;
    this.#takenOf = view;
    this.#taken = part;
  }

  /** What all clients of this one's role and capabilities may be offered of the view; undefined: nothing. */
  #partFor(agent: AgentLedger, view: OfferView, client: Client): Offerable | undefined {
    const { capabilities } = client.framework;
    if (agent.hasGpus && !isGpuCapable(capabilities)) return undefined;
    const whole = view.partFor(client.role.name, capabilities);
    if (!whole.isAllocatable) return undefined;
    const part = this.#book.isEmpty ? whole : this.#allowed(agent, client.role, whole);
    return part?.isAllocatable === true ? part : undefined;
  }

  #isRefused(agent: AgentLedger, part: Offerable, client: Client): boolean {
    for (const blocker of this.#blockers(agent, part)) {
      if (blocker.clients.has(client.number)) return true;
    }
    return false;
  }

  /** What of a part quota allows a role; undefined: nothing in this stage. */
  #allowed(agent: AgentLedger, role: Role, part: Offerable): Offerable | undefined {
    const book = this.#book;
    book.measure(role.name);
    const counted = part.countedBy(book);
    if (this.#isFirstStage) {
      if (book.isSatisfied) role.satisfiedIn = this.#number;
      if (!book.isLackingAny(counted)) return undefined;
    }
    if (book.hasRoomFor(counted)) return part;
    if (book.isExhausted) role.exhaustedIn = this.#number;
    this.#withheld.add(agent.number);
    return new Offerable(book.cut(part.resources), this.#rules);
  }

  /** What was refused at the agent that covers `part`. */
  #blockers(agent: AgentLedger, part: Offerable): readonly Refused[] {
    const version = this.#refusals.versionAt(agent.number);
    if (part.blockersVersion !== version) {
      part.blockersVersion = version;
      part.blockers = this.#refusals
        .at(agent.number)
        .filter((refused) => covers(refused, part.resources));
    }
    return part.blockers;
  }

  #give(agent: AgentLedger, client: Client): void {
    const role = client.role.name;
    const view = agent.view();
    const isKnown = this.#taker === client && this.#takenOf === view;
    const found = isKnown ? this.#taken : this.#partFor(agent, view, client);
    const part = present(found, "what a client takes");
    const resources = part.allocatedTo(role);
    if (!agent.held.has(client.number)) client.agentCount += 1;
    agent.give(client.number, part, resources);
    this.#clients.charge(client, part.amounts);
    if (!this.#book.isEmpty) this.#book.give(agent.number, role, part.countedBy(this.#book));
    this.allocations.push({
      frameworkId: client.framework.id,
      role,
      agentId: agent.id,
      resources,
    });
  }
}

function clientAt(role: Role, place: number): Client {
  return present(role.clients[place], "a client by its place");
}
