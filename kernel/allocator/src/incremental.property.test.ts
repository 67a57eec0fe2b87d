import { type FrameworkId, known, parseAgentId, parseFrameworkId, parseRoleName } from "@tutti/ids";
import { Quantities, Resources, type Thousandths, thousandths } from "@tutti/resources";
import fc from "fast-check";
import { expect, it } from "vitest";
import { minAllocatableDefault } from "./create-allocator.ts";
import { DrfSorter } from "./drf-sorter.ts";
import { FairAllocator } from "./fair-allocator.ts";
import { type NaiveAgent, NaiveAllocator } from "./testing/naive-allocator.ts";
import type { Allocation } from "./types.ts";

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
