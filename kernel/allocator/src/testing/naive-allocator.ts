import type { AgentId, FrameworkId, RoleName } from "@tutti/ids";
import { Resources } from "@tutti/resources";
import { minAllocatableDefault } from "../create-allocator.ts";
import type { Allocation, AllocatorFramework, RoleQuota } from "../types.ts";
import { NaiveQuota } from "./naive-quota.ts";

/** A framework in a role, as plain records. */
export interface NaiveClient {
  readonly framework: FrameworkId;
  readonly role: RoleName;
  subscribed: boolean;
  suppressed: boolean;
  chosen: number;
  readonly arrival: number;
}

export interface NaiveAgent {
  readonly id: AgentId;
  readonly number: number;
  total: Resources;
  active: boolean;
}

export interface Holding {
  readonly agent: AgentId;
  readonly client: NaiveClient;
  resources: Resources;
}

export interface Refusal {
  readonly agent: AgentId;
  readonly client: NaiveClient;
  readonly resources: Resources;
  readonly deadlineMs: number;
}

interface Chosen {
  chosen: number;
  arrival: number;
}

/** The rules without any cleverness: looks at every agent, client and refusal in every round. */
export class NaiveAllocator {
  agents: NaiveAgent[] = [];
  freeNumbers: number[] = [];
  agentNumbers = 0;
  active = new Map<FrameworkId, boolean>();
  clients: NaiveClient[] = [];
  /** Roles somebody is in, and (below) all paths that lead to them. */
  roles = new Map<RoleName, Chosen>();
  paths = new Map<string, Chosen>();
  holdings: Holding[] = [];
  refusals: Refusal[] = [];
  weights = new Map<string, number>();
  quotas = new Map<string, RoleQuota>();
  arrivals = 0;
  start = 0;

  client(framework: FrameworkId, role: RoleName): NaiveClient {
    const found = this.clients.find((one) => one.framework === framework && one.role === role);
    if (found !== undefined) return found;
    for (const path of pathsTo(role)) {
      if (!this.paths.has(path)) this.paths.set(path, { chosen: 0, arrival: this.arrivals++ });
    }
    if (!this.roles.has(role)) this.roles.set(role, { chosen: 0, arrival: this.arrivals++ });
    const made = {
      framework,
      role,
      subscribed: false,
      suppressed: false,
      chosen: 0,
      arrival: this.arrivals++,
    };
    this.clients.push(made);
    return made;
  }

  subscribe(wanted: AllocatorFramework): void {
    for (const role of wanted.roles) {
      const client = this.client(wanted.id, role);
      client.subscribed = true;
      client.suppressed = wanted.suppressedRoles.includes(role);
    }
    for (const client of this.clients) {
      if (client.framework === wanted.id && !wanted.roles.includes(client.role))
        client.subscribed = false;
    }
    this.tidy();
  }

  /** Forgets clients and roles that mean nothing any more. */
  tidy(): void {
    this.holdings = this.holdings.filter((holding) => !holding.resources.isEmpty);
    this.clients = this.clients.filter(
      (client) => client.subscribed || this.holdings.some((holding) => holding.client === client),
    );
    this.refusals = this.refusals.filter((refusal) => this.clients.includes(refusal.client));
    for (const role of this.roles.keys()) {
      if (!this.clients.some((client) => client.role === role)) this.roles.delete(role);
    }
    for (const path of this.paths.keys()) {
      if (![...this.roles.keys()].some((role) => isIn(role, path))) this.paths.delete(path);
    }
  }

  charge(agent: AgentId, client: NaiveClient, resources: Resources): void {
    this.holdings.push({ agent, client, resources });
    client.chosen += 1;
    this.roles.get(client.role)!.chosen += 1;
    for (const path of pathsTo(client.role)) this.paths.get(path)!.chosen += 1;
  }

  takeBack(agent: AgentId, client: NaiveClient, resources: Resources): void {
    const held = Resources.sum(this.heldBy(agent, client).map((holding) => holding.resources));
    this.holdings = this.holdings.filter((each) => each.agent !== agent || each.client !== client);
    this.holdings.push({ agent, client, resources: held.subtract(resources) });
    this.tidy();
  }

  heldBy(agent: AgentId, client: NaiveClient): Holding[] {
    return this.holdings.filter((each) => each.agent === agent && each.client === client);
  }

  freeOn(agent: NaiveAgent): Resources {
    const held = this.holdings.filter((holding) => holding.agent === agent.id);
    return agent.total.subtract(Resources.sum(held.map((holding) => holding.resources)));
  }

  share(holds: (holding: Holding) => boolean, weight: number): number {
    const held = Resources.sum(this.holdings.filter(holds).map((holding) => holding.resources));
    const total = Resources.sum(this.agents.map((agent) => agent.total));
    const fractions = held
      .quantities()
      .entries()
      .map(([name, amount]) => (total.scalar(name) > 0 ? amount / total.scalar(name) : 0));
    return Math.max(0, ...fractions) / weight;
  }

  allocate(monoMs: number): Allocation[] {
    this.refusals = this.refusals.filter((refusal) => refusal.deadlineMs > monoMs);
    const given: Allocation[] = [];
    const begin = this.agentNumbers === 0 ? 0 : this.start % this.agentNumbers;
    if (this.agentNumbers > 0) this.start = begin + 1;
    for (const stage of [1, 2] as const) {
      for (let step = 0; step < this.agentNumbers; step += 1) {
        const number = (begin + step) % this.agentNumbers;
        const agent = this.agents.find((each) => each.number === number);
        if (agent?.active === true) this.visit(agent, stage, given);
      }
    }
    return given;
  }

  visit(agent: NaiveAgent, stage: 1 | 2, given: Allocation[]): void {
    if (stage === 1 && this.quotas.size === 0) return;
    const wanting = this.clients.filter(
      (client) =>
        client.subscribed && !client.suppressed && this.active.get(client.framework) === true,
    );
    for (const role of this.inOrderBelow("", new Set(wanting.map((client) => client.role)))) {
      const clients = wanting
        .filter((client) => client.role === role)
        .map((client) => ({
          ...client,
          client,
          share: this.share((held) => held.client === client, 1),
        }))
        .toSorted(inOrder);
      for (const { client } of clients) this.offer(agent, client, stage, given);
    }
  }

  /** The roles at and below a path that somebody wants offers in: children in order, the role itself among them. */
  inOrderBelow(path: string, wanted: ReadonlySet<RoleName>): RoleName[] {
    const children = [...this.paths].filter(
      ([child]) => parentOf(child) === path && [...wanted].some((role) => isIn(role, child)),
    );
    const entries = children.map(([child, { chosen, arrival }]) => ({
      chosen,
      arrival,
      share: this.share((held) => isIn(held.client.role, child), this.weights.get(child) ?? 1),
      roles: () => this.inOrderBelow(child, wanted),
    }));
    const own = [...wanted].find((role) => role === path);
    const itself = own === undefined ? undefined : this.roles.get(own);
    if (own !== undefined && itself !== undefined) {
      const share = this.share((held) => held.client.role === own, 1);
      entries.push({ ...itself, share, roles: () => [own] });
    }
    return entries.toSorted(inOrder).flatMap((entry) => entry.roles());
  }

  quota(): NaiveQuota {
    return new NaiveQuota({
      quotas: this.quotas,
      totals: this.agents.map(({ total }) => total),
      held: this.holdings.map(({ client, resources }) => ({ role: client.role, resources })),
      free: this.agents.filter(({ active }) => active).map((agent) => this.freeOn(agent)),
    });
  }

  offer(agent: NaiveAgent, client: NaiveClient, stage: 1 | 2, given: Allocation[]): void {
    const whole = this.freeOn(agent).allocatableTo(client.role);
    if (!isAllocatable(whole)) return;
    const quota = this.quota();
    if (stage === 1 && !quota.isNearer(client.role, whole)) return;
    const part = quota.cut(client.role, whole);
    if (!isAllocatable(part)) return;
    const refused = this.refusals.some(
      (refusal) =>
        refusal.agent === agent.id && refusal.client === client && refusal.resources.contains(part),
    );
    if (refused) return;
    this.charge(agent.id, client, part);
    given.push({
      frameworkId: client.framework,
      role: client.role,
      agentId: agent.id,
      resources: part.allocate(client.role),
    });
  }
}

/** `a`, `a/b`, `a/b/c` for the last of them. */
function pathsTo(role: string): string[] {
  const parts = role.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function isIn(role: string, path: string): boolean {
  return role === path || role.startsWith(`${path}/`);
}

function isAllocatable(part: Resources): boolean {
  return minAllocatableDefault.some((least) => part.quantities().contains(least));
}

interface Ordered {
  readonly share: number;
  readonly chosen: number;
  readonly arrival: number;
}

function inOrder(left: Ordered, right: Ordered): number {
  return left.share - right.share || left.chosen - right.chosen || left.arrival - right.arrival;
}
