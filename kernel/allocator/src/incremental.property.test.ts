import {
  type AgentId,
  type FrameworkId,
  known,
  parseAgentId,
  parseFrameworkId,
  parseRoleName,
  type RoleName,
} from "@tutti/ids";
import { Quantities, Resources, type Thousandths, thousandths } from "@tutti/resources";
import fc from "fast-check";
import { expect, it } from "vitest";
import { minAllocatableDefault } from "./create-allocator.ts";
import { DrfSorter } from "./drf-sorter.ts";
import { FairAllocator } from "./fair-allocator.ts";
import { NaiveQuota } from "./testing/naive-quota.ts";
import type { Allocation, AllocatorFramework, RoleQuota } from "./types.ts";

/** A framework in a role, as plain records. */
interface NaiveClient {
  readonly framework: FrameworkId;
  readonly role: RoleName;
  subscribed: boolean;
  suppressed: boolean;
  chosen: number;
  readonly arrival: number;
}

interface NaiveAgent {
  readonly id: AgentId;
  readonly number: number;
  total: Resources;
  active: boolean;
}

interface Holding {
  readonly agent: AgentId;
  readonly client: NaiveClient;
  resources: Resources;
}

interface Refusal {
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
class NaiveAllocator {
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

const roleNames = ["*", "web", "web/x", "web/y", "web/x/z", "db/q"].map((name) =>
  known(parseRoleName(name)),
);
const roleSet = fc.subarray(roleNames, { minLength: 1 });
const size = fc.record({
  cpus: fc.integer({ min: 1, max: 8 }),
  mem: fc.integer({ min: 20, max: 400 }),
  reserved: fc.subarray(["web", "web/x", "db"]),
});

function agentResources({
  cpus,
  mem,
  reserved,
}: {
  cpus: number;
  mem: number;
  reserved: string[];
}): Resources {
  const plain = Resources.of([
    { name: "cpus", type: "SCALAR", scalar: { value: cpus } },
    { name: "mem", type: "SCALAR", scalar: { value: mem } },
    { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31000, end: 31009 }] } },
  ]);
  const own = Resources.of([{ name: "cpus", type: "SCALAR", scalar: { value: 2 } }]);
  const reservations = reserved.map((role) => own.pushReservation({ type: "STATIC", role }));
  return plain.add(Resources.sum(reservations));
}

/** About half of everything: whole items and parts of scalars. */
function half(resources: Resources): Resources {
  return Resources.of(
    resources
      .toMessages()
      .map((each) =>
        each.type === "SCALAR"
          ? { ...each, scalar: { value: Math.ceil((each.scalar?.value ?? 0) / 2) } }
          : each,
      ),
  );
}

const at = fc.nat(1000);

/** Some cpus, some memory, both, or neither, in thousandths. */
function amounts({ max }: { readonly max: number }): fc.Arbitrary<Map<string, Thousandths>> {
  const amount = fc.option(fc.nat(max));
  return fc.tuple(amount, amount).map(([cpus, mem]) => {
    const found = new Map<string, Thousandths>();
    if (cpus !== null) found.set("cpus", thousandths(cpus * 1000));
    if (mem !== null) found.set("mem", thousandths(mem * 50_000));
    return found;
  });
}

const addFramework = fc.record({
  type: fc.constant("addFramework" as const),
  roles: roleSet,
  suppressed: fc.subarray(roleNames, { maxLength: 1 }),
});
const addAgent = fc.record({ type: fc.constant("addAgent" as const), size, usedBy: fc.option(at) });
const operation = fc.oneof(
  { weight: 1, arbitrary: addFramework },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("updateFramework" as const),
      at,
      roles: roleSet,
      suppressed: fc.subarray(roleNames, { maxLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("removeFramework" as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("setFrameworkActive" as const),
      at,
      active: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: addAgent },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("updateAgent" as const), at, size }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("removeAgent" as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("setAgentActive" as const),
      at,
      active: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("giveBack" as const),
      at,
      half: fc.boolean(),
      refuseMs: fc.constantFrom(undefined, 0, 3, 5, 1000),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("giveBackAll" as const),
      refuseMs: fc.constantFrom(undefined, 0, 3, 5, 1000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("suppress" as const),
      at,
      roles: fc.subarray(roleNames),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("revive" as const),
      at,
      roles: fc.subarray(roleNames),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("setWeight" as const),
      role: fc.constantFrom(...roleNames),
      weight: fc.constantFrom(0.5, 1, 2, 3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("setQuota" as const),
      role: fc.constantFrom(...roleNames),
      quota: fc.option(
        fc.record({ guarantees: amounts({ max: 8 }), limits: amounts({ max: 16 }) }),
      ),
    }),
  },
  {
    weight: 16,
    arbitrary: fc.record({ type: fc.constant("allocate" as const), afterMs: fc.nat(4) }),
  },
);
/** A small cluster to begin with, so that most of a life is offers and refusals. */
const founders = fc.array(fc.oneof(addFramework, addAgent), {
  minLength: 2,
  maxLength: 10,
  size: "max",
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Both allocators, led through the same life by a master that remembers its offers. */
class Pair {
  readonly naive = new NaiveAllocator();
  readonly fair: FairAllocator;
  offers: Allocation[] = [];
  monoMs = 0;
  names = 0;

  constructor(walkLengthMax: number) {
    this.fair = new FairAllocator({
      minAllocatable: minAllocatableDefault,
      fairnessExcluded: [],
      createSorter: (total) => new DrfSorter(total),
      walkLengthMax,
    });
  }

  apply(step: Operation): void {
    if (step.type === "allocate") this.allocate(step.afterMs);
    else if (step.type === "addFramework") this.addFramework(step);
    else if (step.type === "addAgent") this.addAgent(step);
    else if (step.type === "setWeight") {
      this.naive.weights.set(step.role, step.weight);
      this.fair.setWeight(step.role, step.weight);
    } else if (step.type === "setQuota") {
      const quota =
        step.quota === null
          ? undefined
          : { guarantees: Quantities.of(step.quota.guarantees), limits: step.quota.limits };
      if (quota === undefined) this.naive.quotas.delete(step.role);
      else this.naive.quotas.set(step.role, quota);
      this.fair.setQuota(step.role, quota);
    } else if (step.type === "giveBack") {
      const offer = this.offers[step.at % Math.max(1, this.offers.length)];
      if (offer !== undefined) this.giveBack(offer, step.half, step.refuseMs);
    } else if (step.type === "giveBackAll") {
      for (const offer of this.offers.slice()) this.giveBack(offer, false, step.refuseMs);
    } else if (
      step.type === "updateAgent" ||
      step.type === "removeAgent" ||
      step.type === "setAgentActive"
    ) {
      const agent = this.naive.agents[step.at % Math.max(1, this.naive.agents.length)];
      if (agent !== undefined) this.applyToAgent(agent, step);
    } else {
      const ids = [...this.naive.active.keys()];
      const id = ids[step.at % Math.max(1, ids.length)];
      if (id !== undefined) this.applyToFramework(id, step);
    }
  }

  allocate(afterMs: number): void {
    this.monoMs += afterMs;
    const before = this.naive.quota();
    const expected = this.naive.allocate(this.monoMs);
    const actual = this.fair.allocate(this.monoMs);
    expect(actual.map(textOf)).toEqual(expected.map(textOf));
    this.offers.push(...actual);
    this.naive.quota().expectKept(before);
    const deadlines = this.naive.refusals.map((refusal) => refusal.deadlineMs);
    expect(this.fair.nextDeadlineMonoMs()).toBe(
      deadlines.length === 0 ? undefined : Math.min(...deadlines),
    );
  }

  addFramework(step: Operation & { type: "addFramework" }): void {
    const id = known(parseFrameworkId(`F${String(this.names++)}`));
    const wanted = {
      id,
      roles: step.roles,
      suppressedRoles: step.suppressed,
      capabilities: new Set<string>(),
    };
    this.naive.active.set(id, true);
    this.naive.subscribe(wanted);
    this.fair.addFramework(wanted, new Map());
  }

  addAgent(step: Operation & { type: "addAgent" }): void {
    const id = known(parseAgentId(`S${String(this.names++)}`));
    const total = agentResources(step.size);
    const number = this.naive.freeNumbers.pop() ?? this.naive.agentNumbers++;
    this.naive.agents.push({ id, number, total, active: true });
    const used = new Map<FrameworkId, Resources>();
    const client =
      step.usedBy === null
        ? undefined
        : this.naive.clients[step.usedBy % Math.max(1, this.naive.clients.length)];
    if (client !== undefined) {
      const part = half(total.unreserved());
      this.naive.charge(id, client, part);
      used.set(client.framework, part.allocate(client.role));
      this.offers.push({
        agentId: id,
        frameworkId: client.framework,
        role: client.role,
        resources: part.allocate(client.role),
      });
    }
    this.fair.addAgent({ id, total }, used);
  }

  giveBack(offer: Allocation, onlyHalf: boolean, refuseMs: number | undefined): void {
    const resources = onlyHalf ? half(offer.resources) : offer.resources;
    const client = this.naive.client(offer.frameworkId, offer.role);
    const refusal = refuseMs === undefined ? undefined : { refuseMs, monoMs: this.monoMs };
    if (refusal !== undefined && refusal.refuseMs > 0 && client.subscribed) {
      const deadlineMs = this.monoMs + refusal.refuseMs;
      this.naive.refusals.push({
        agent: offer.agentId,
        client,
        resources: resources.unallocate(),
        deadlineMs,
      });
    }
    this.naive.takeBack(offer.agentId, client, resources.unallocate());
    this.fair.recoverResources(offer.frameworkId, offer.agentId, resources, refusal);
    const rest = offer.resources.subtract(resources);
    this.offers = this.offers.flatMap((each) =>
      each !== offer ? [each] : rest.isEmpty ? [] : [{ ...offer, resources: rest }],
    );
  }

  applyToAgent(
    agent: NaiveAgent,
    step: Operation & { type: "updateAgent" | "removeAgent" | "setAgentActive" },
  ): void {
    const { naive, fair } = this;
    if (step.type === "setAgentActive") {
      agent.active = step.active;
      fair.setAgentActive(agent.id, step.active);
      return;
    }
    const total = step.type === "updateAgent" ? agentResources(step.size) : Resources.empty;
    if (step.type === "updateAgent" && total.equals(agent.total)) return;
    naive.refusals = naive.refusals.filter((refusal) => refusal.agent !== agent.id);
    if (step.type === "updateAgent") {
      agent.total = total;
      fair.updateAgent({ id: agent.id, total });
      return;
    }
    naive.agents.splice(naive.agents.indexOf(agent), 1);
    naive.freeNumbers.push(agent.number);
    naive.holdings = naive.holdings.filter((holding) => holding.agent !== agent.id);
    naive.tidy();
    this.offers = this.offers.filter((offer) => offer.agentId !== agent.id);
    fair.removeAgent(agent.id);
  }

  applyToFramework(
    id: FrameworkId,
    step: Operation & {
      type: "updateFramework" | "removeFramework" | "setFrameworkActive" | "suppress" | "revive";
    },
  ): void {
    const { naive, fair } = this;
    const clients = naive.clients.filter((client) => client.framework === id);
    if (step.type === "updateFramework") {
      const wanted = {
        id,
        roles: step.roles,
        suppressedRoles: step.suppressed,
        capabilities: new Set<string>(),
      };
      naive.subscribe(wanted);
      fair.updateFramework(wanted);
    } else if (step.type === "removeFramework") {
      naive.active.delete(id);
      naive.holdings = naive.holdings.filter((holding) => !clients.includes(holding.client));
      for (const client of clients) client.subscribed = false;
      naive.tidy();
      this.offers = this.offers.filter((offer) => offer.frameworkId !== id);
      fair.removeFramework(id);
    } else if (step.type === "setFrameworkActive") {
      naive.active.set(id, step.active);
      if (!step.active)
        naive.refusals = naive.refusals.filter((refusal) => !clients.includes(refusal.client));
      fair.setFrameworkActive(id, step.active);
    } else {
      const meant = clients.filter(
        (client) =>
          client.subscribed && (step.roles.length === 0 || step.roles.includes(client.role)),
      );
      for (const client of meant) client.suppressed = step.type === "suppress";
      if (step.type === "revive") {
        naive.refusals = naive.refusals.filter((refusal) => !meant.includes(refusal.client));
        fair.reviveOffers(id, step.roles);
      } else {
        fair.suppressOffers(id, step.roles);
      }
    }
  }

  /** The books balance on each agent. */
  checkBooks(): void {
    for (const agent of this.naive.agents) {
      const outstanding = this.offers.filter((offer) => offer.agentId === agent.id);
      const held = Resources.sum(outstanding.map((offer) => offer.resources.unallocate()));
      const free = this.fair.freeOn(agent.id);
      expect(free.equals(agent.total.subtract(held))).toBe(true);
      if (agent.total.contains(held)) expect(free.add(held).equals(agent.total)).toBe(true);
    }
  }
}

function textOf({ frameworkId, role, agentId, resources }: Allocation): string {
  const parts = resources.toString().split("; ").toSorted().join("; ");
  return `${agentId} to ${frameworkId} in ${role}: ${parts}`;
}

it.each([1, 3, 24])(
  "[ALC30, ALC31, ALC34, ALC43, ALC51 to ALC58] incremental equals from scratch, and the books balance (walks of at most %i)",
  (walkLengthMax) => {
    fc.assert(
      fc.property(founders, fc.array(operation, { maxLength: 60, size: "max" }), (first, then) => {
        const pair = new Pair(walkLengthMax);
        for (const step of [...first, ...then]) {
          pair.apply(step);
          pair.checkBooks();
        }
        pair.allocate(0);
      }),
      { numRuns: 60 },
    );
  },
);
