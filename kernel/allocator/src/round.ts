import { present } from "@tutti/base";
import type { AgentLedger } from "./agent-ledger.ts";
import type { Client, Clients, Role } from "./clients.ts";
import { isGpuCapable, type Offerable, type OfferView } from "./offerable.ts";
import { covers, type Refused, type Refusals } from "./refusals.ts";
import type { Allocation } from "./types.ts";

const nobody: readonly Refused[] = [];

/** Divides what is free on one agent after another, in the order of the sorters. */
export class Round {
  readonly #clients: Clients;
  readonly #refusals: Refusals;
  readonly #walkLengthMax: number;
  /** What was given away so far. */
  readonly allocations: Allocation[] = [];

  constructor(clients: Clients, refusals: Refusals, walkLengthMax: number) {
    this.#clients = clients;
    this.#refusals = refusals;
    this.#walkLengthMax = walkLengthMax;
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
      if (taker === undefined) return;
      this.#give(agent, taker);
      if (agent.free.isEmpty) return;
      if (!agent.view().isUniform) roleTree.rewind();
    }
    this.#giveReserved(agent);
  }

  /** The first client in order that takes a part of the view. */
  #walk(agent: AgentLedger, view: OfferView): Client | undefined {
    const { roleTree } = this.#clients;
    let asked = 0;
    for (let number = roleTree.next(); number >= 0; number = roleTree.next()) {
      const role = this.#clients.role(number);
      role.sorter.rewind();
      for (let place = role.sorter.next(); place >= 0; place = role.sorter.next()) {
        const client = clientAt(role, place);
        if (this.#takes(agent, view, client)) return client;
        asked += 1;
        if (asked === this.#walkLengthMax) return this.#firstOf(this.#narrow(agent, view));
      }
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
      const taker = this.#walkRole(agent, role);
      if (taker !== undefined) this.#give(agent, taker);
    }
  }

  #walkRole(agent: AgentLedger, role: Role): Client | undefined {
    const view = agent.view();
    role.sorter.rewind();
    for (let place = role.sorter.next(); place >= 0; place = role.sorter.next()) {
      const client = clientAt(role, place);
      if (this.#takes(agent, view, client)) return client;
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

  #takes(agent: AgentLedger, view: OfferView, client: Client): boolean {
    const { capabilities } = client.framework;
    if (agent.hasGpus && !isGpuCapable(capabilities)) return false;
    const part = view.partFor(client.role.name, capabilities);
    if (!part.isAllocatable) return false;
    for (const blocker of this.#blockers(agent, part)) {
      if (blocker.clients.has(client.number)) return false;
    }
    return true;
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
    const part = agent.view().partFor(role, client.framework.capabilities);
    const resources = part.allocatedTo(role);
    if (!agent.held.has(client.number)) client.agentCount += 1;
    agent.give(client.number, part, resources);
    this.#clients.charge(client, part.amounts);
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
