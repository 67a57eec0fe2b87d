import { assert, present } from "@tutti/base";
import { type AgentId, defaultRole, type FrameworkId, type RoleName } from "@tutti/ids";
import type { Quantities, Resources } from "@tutti/resources";
import { AgentLedger } from "./agent-ledger.ts";
import { ClusterTotal, ScalarKinds } from "./amounts.ts";
import { Bits } from "./bits.ts";
import { type Client, Clients, type Framework } from "./clients.ts";
import { DueAgents } from "./due-agents.ts";
import { limits } from "./limits.ts";
import type { Offerable, OfferRules } from "./offerable.ts";
import { QuotaBook } from "./quota-book.ts";
import { Refusals } from "./refusals.ts";
import { Round } from "./round.ts";
import { SharedTotals } from "./shared-totals.ts";
import type { Sorter } from "./sorter.ts";
import type {
  Allocation,
  Allocator,
  AllocatorAgent,
  AllocatorFramework,
  RoleQuota,
} from "./types.ts";

/** What a `FairAllocator` is made of. */
export interface FairAllocatorParts {
  readonly minAllocatable: readonly Quantities[];
  readonly fairnessExcluded: readonly string[];
  readonly createSorter: (total: ClusterTotal) => Sorter;
  /** Candidates tried in order on an agent before the rest is narrowed down by bitset. */
  readonly walkLengthMax: number;
}

/**
 * Fair shares over the tree of roles, then over the frameworks of a role.
 *
 * Only agents that are due are looked at: those whose free resources changed, or where a refusal ended, since
 * they were last looked at; and all of them when a client begins to want offers. An agent that was looked at
 * and kept something free has it because nobody who may have it wants it, or because of quota: then it is
 * withheld, and due when quota may allow more.
 */
export class FairAllocator implements Allocator {
  readonly #total = new ClusterTotal();
  readonly #rules: OfferRules;
  readonly #walkLengthMax: number;
  readonly #clients: Clients;
  readonly #refusals = new Refusals();
  readonly #agents = new Map<AgentId, AgentLedger>();
  readonly #agentsByNumber: (AgentLedger | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  readonly #due = new DueAgents();
  readonly #book: QuotaBook;
  /** Numbers of agents of which something was not offered because of quota. */
  readonly #withheld = new Bits();
  #rounds = 0;
  /** Where the next round begins, so that no agent always goes to whoever comes first. */
  #start = 0;

  constructor(parts: FairAllocatorParts) {
    this.#rules = {
      kinds: new ScalarKinds(parts.fairnessExcluded),
      minAllocatable: parts.minAllocatable,
      totals: new SharedTotals(),
    };
    this.#book = new QuotaBook(parts.minAllocatable);
    this.#walkLengthMax = parts.walkLengthMax;
    this.#clients = new Clients(
      this.#total,
      () => parts.createSorter(this.#total),
      (client) => {
        this.#refusals.forgetClient(client.number);
      },
    );
  }

  addFramework(wanted: AllocatorFramework, used: ReadonlyMap<AgentId, Resources>): void {
    const framework = this.#clients.addFramework(wanted);
    for (const [agentId, resources] of used) {
      const agent = this.#agents.get(agentId);
      if (agent === undefined || this.#holdsAny(agent, framework)) continue;
      this.#chargeAll(agent, framework, resources);
    }
    this.#due.addAll();
  }

  updateFramework(wanted: AllocatorFramework): void {
    const framework = this.#clients.known(wanted.id);
    const before = framework.capabilities;
    const awakened = this.#clients.subscribe(framework, wanted);
    if (awakened || framework.capabilities !== before) this.#due.addAll();
  }

  removeFramework(id: FrameworkId): void {
    const framework = this.#clients.known(id);
    for (const agent of this.#agents.values()) {
      for (const client of framework.clients.values()) {
        const held = agent.held.get(client.number);
        if (held !== undefined) this.#releaseAll(agent, client, held);
      }
    }
    this.#clients.removeFramework(framework);
  }

  setFrameworkActive(id: FrameworkId, active: boolean): void {
    const framework = this.#clients.known(id);
    framework.active = active;
    for (const client of framework.clients.values()) {
      if (this.#clients.refresh(client)) this.#due.addAll();
      if (!active) this.#refusals.forgetClient(client.number);
    }
  }

  addAgent(wanted: AllocatorAgent, used: ReadonlyMap<FrameworkId, Resources>): void {
    assert(!this.#agents.has(wanted.id), "an agent is added once");
    const number = this.#freeNumbers.pop() ?? this.#agentsByNumber.length;
    const agent = new AgentLedger(wanted.id, number, wanted.total, this.#rules);
    this.#agents.set(wanted.id, agent);
    this.#agentsByNumber[number] = agent;
    this.#total.add(agent.amounts);
    if (this.#book.isKept) this.#book.reserve(agent.total, 1);
    for (const [frameworkId, resources] of used) {
      const framework =
        this.#clients.framework(frameworkId) ?? this.#clients.addUnknownFramework(frameworkId);
      this.#chargeAll(agent, framework, resources);
    }
    agent.prepare();
    this.#due.add(agent.number);
  }

  updateAgent(wanted: AllocatorAgent): void {
    const agent = this.#known(wanted.id);
    if (agent.total.equals(wanted.total)) return;
    this.#total.subtract(agent.amounts);
    if (this.#book.isKept) this.#book.reserve(agent.total, -1);
    agent.setTotal(wanted.total);
    if (this.#book.isKept) this.#book.reserve(agent.total, 1);
    this.#total.add(agent.amounts);
    this.#refusals.forgetAgent(agent.number);
    this.#due.add(agent.number);
  }

  removeAgent(id: AgentId): void {
    const agent = this.#known(id);
    for (const [number, held] of agent.held.entries()) {
      this.#releaseAll(agent, this.#clients.client(number), held);
    }
    this.#total.subtract(agent.amounts);
    if (this.#book.isKept) {
      this.#book.reserve(agent.total, -1);
      this.#book.setAvailable(agent.number, undefined);
    }
    this.#withheld.delete(agent.number);
    this.#refusals.forgetAgent(agent.number);
    this.#due.delete(agent.number);
    this.#agentsByNumber[agent.number] = undefined;
    this.#freeNumbers.push(agent.number);
    this.#agents.delete(id);
  }

  setAgentActive(id: AgentId, active: boolean): void {
    const agent = this.#known(id);
    agent.isActive = active;
    this.#due.add(agent.number);
  }

  recoverResources(
    frameworkId: FrameworkId,
    agentId: AgentId,
    resources: Resources,
    refusal: { readonly refuseMs: number; readonly monoMs: number } | undefined,
  ): void {
    const agent = this.#agents.get(agentId);
    const framework = this.#clients.framework(frameworkId);
    if (agent === undefined || framework === undefined || resources.isEmpty) return;
    const given = agent.given(resources);
    if (given !== undefined) {
      const client = this.#clients.client(given.client);
      assert(client.framework === framework, "an offer is given back by the framework that had it");
      this.#giveBack(agent, client, given.part, refusal);
      return;
    }
    for (const [client, part] of this.#byClient(framework, resources)) {
      const amounts = this.#rules.kinds.amountsOf(part);
      this.#giveBack(agent, client, { resources: part, amounts }, refusal);
    }
  }

  chargeResources(frameworkId: FrameworkId, agentId: AgentId, resources: Resources): void {
    this.#chargeAll(this.#known(agentId), this.#clients.known(frameworkId), resources);
  }

  suppressOffers(id: FrameworkId, roles: readonly RoleName[]): void {
    for (const client of this.#clientsIn(id, roles)) {
      client.suppressed = true;
      this.#clients.refresh(client);
    }
  }

  reviveOffers(id: FrameworkId, roles: readonly RoleName[]): void {
    for (const client of this.#clientsIn(id, roles)) {
      client.suppressed = false;
      this.#clients.refresh(client);
      this.#refusals.forgetClient(client.number);
      if (client.isActive) this.#due.addAll();
    }
  }

  setWeight(role: RoleName, weight: number): void {
    this.#clients.setWeight(role, weight);
  }

  setQuota(role: RoleName, quota: RoleQuota | undefined): void {
    this.#book.set(role, quota);
    this.#due.addAll();
  }

  allocate(monoMs: number): readonly Allocation[] {
    for (const number of this.#refusals.expire(monoMs)) this.#due.add(number);
    if (!this.#book.isEmpty) this.#bringBookUpToDate();
    this.#rounds += 1;
    const round = new Round({
      number: this.#rounds,
      clients: this.#clients,
      refusals: this.#refusals,
      rules: this.#rules,
      book: this.#book,
      withheld: this.#withheld,
      walkLengthMax: this.#walkLengthMax,
    });
    const agents = this.#takeDue();
    if (!this.#book.isEmpty) {
      round.beginSatisfying();
      for (const agent of agents) round.satisfy(agent);
    }
    round.beginVisiting();
    for (const agent of agents) round.visit(agent);
    return round.allocations;
  }

  /** The agents to look at, from where this round begins; nothing is due any more. */
  #takeDue(): AgentLedger[] {
    const agents: AgentLedger[] = [];
    const count = this.#agentsByNumber.length;
    if (count === 0) return agents;
    const start = this.#start % count;
    for (let step = 0; step < count; step += 1) {
      const number = start + step < count ? start + step : start + step - count;
      if (!this.#due.has(number)) continue;
      this.#due.delete(number);
      this.#withheld.delete(number);
      const agent = this.#agentsByNumber[number];
      if (agent?.isActive === true) agents.push(agent);
    }
    this.#due.endAll();
    this.#start = start + 1;
    return agents;
  }

  /** Counts what is free on the agents that are due, and makes those due that quota may allow more of now. */
  #bringBookUpToDate(): void {
    const book = this.#book;
    if (book.isStale) this.#recount();
    for (const agent of this.#agentsByNumber) {
      if (agent === undefined || !this.#due.has(agent.number)) continue;
      book.setAvailable(agent.number, agent.isActive ? agent.view().countedBy(book) : undefined);
    }
    if (!book.isLoosened) return;
    book.isLoosened = false;
    for (const number of this.#withheld.numbers()) this.#due.add(number);
  }

  #recount(): void {
    this.#book.reset();
    for (const agent of this.#agents.values()) {
      this.#book.reserve(agent.total, 1);
      for (const [number, held] of agent.held.entries()) {
        const { role } = this.#clients.client(number);
        this.#book.consume(role.name, this.#book.countedOf(held), 1);
      }
    }
  }

  refusalCounts(): ReadonlyMap<RoleName, number> {
    const counts = new Map<RoleName, number>();
    for (const [number, count] of this.#refusals.counts()) {
      const { name } = this.#clients.client(number).role;
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
    return counts;
  }

  nextDeadlineMonoMs(): number | undefined {
    return this.#refusals.nextDeadlineMs();
  }

  /** What nobody holds on an agent. */
  freeOn(id: AgentId): Resources {
    return this.#known(id).free;
  }

  #known(id: AgentId): AgentLedger {
    return present(this.#agents.get(id), `agent ${id}`);
  }

  #holdsAny(agent: AgentLedger, framework: Framework): boolean {
    return [...framework.clients.values()].some((client) => agent.held.has(client.number));
  }

  /** The framework's clients in these roles that are subscribed; in all its roles when there are none. */
  #clientsIn(id: FrameworkId, roles: readonly RoleName[]): Client[] {
    const clients = [...this.#clients.known(id).clients.values()];
    return clients.filter(
      (client) => client.subscribed && (roles.length === 0 || roles.includes(client.role.name)),
    );
  }

  /** `resources` by the client that holds them, allocated to nobody. */
  #byClient(framework: Framework, resources: Resources): [Client, Resources][] {
    const sole = resources.soleAllocation();
    if (sole !== undefined) {
      return [[this.#clients.clientOf(framework, sole as RoleName), resources.unallocate()]];
    }
    const parts: [Client, Resources][] = [];
    for (const [role, part] of resources.byAllocation()) {
      const client = this.#clients.clientOf(framework, role as RoleName);
      parts.push([client, part.unallocate()]);
    }
    const rest = resources.filter((head) => head.allocation_info === undefined);
    if (!rest.isEmpty) {
      const [role = defaultRole] = framework.clients.keys();
      parts.push([this.#clients.clientOf(framework, role), rest]);
    }
    return parts;
  }

  #chargeAll(agent: AgentLedger, framework: Framework, resources: Resources): void {
    for (const [client, part] of this.#byClient(framework, resources)) {
      if (!agent.held.has(client.number)) client.agentCount += 1;
      agent.charge(client.number, part);
      this.#consume(client, part, 1);
      this.#clients.charge(client, this.#rules.kinds.amountsOf(part));
    }
    this.#due.add(agent.number);
  }

  #consume(client: Client, resources: Resources, sign: 1 | -1): void {
    if (!this.#book.isKept) return;
    this.#book.consume(client.role.name, this.#book.countedOf(resources), sign);
  }

  #giveBack(
    agent: AgentLedger,
    client: Client,
    part: Pick<Offerable, "resources" | "amounts">,
    refusal: { readonly refuseMs: number; readonly monoMs: number } | undefined,
  ): void {
    if (refusal !== undefined && refusal.refuseMs > 0 && client.subscribed) {
      this.#refuse(agent, client, part.resources, refusal);
    }
    this.#release(agent, client, part);
  }

  #releaseAll(agent: AgentLedger, client: Client, held: Resources): void {
    this.#release(agent, client, {
      resources: held,
      amounts: this.#rules.kinds.amountsOf(held),
    });
  }

  #release(
    agent: AgentLedger,
    client: Client,
    part: Pick<Offerable, "resources" | "amounts">,
  ): void {
    agent.takeBack(client.number, part.resources);
    this.#consume(client, part.resources, -1);
    if (!agent.held.has(client.number)) client.agentCount -= 1;
    this.#clients.uncharge(client, part.amounts);
    this.#clients.dropIfIdle(client);
    this.#due.add(agent.number);
  }

  #refuse(
    agent: AgentLedger,
    client: Client,
    resources: Resources,
    refusal: { readonly refuseMs: number; readonly monoMs: number },
  ): void {
    const deadlineMs = refusal.monoMs + Math.min(refusal.refuseMs, limits.refuseMsMax);
    const forgotten = this.#refusals.refuse(agent.number, client.number, resources, deadlineMs);
    for (const number of forgotten) this.#due.add(number);
  }
}
