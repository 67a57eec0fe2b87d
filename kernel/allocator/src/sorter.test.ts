import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Random } from "@tutti/ports";
import { ClusterTotal } from "./amounts.ts";
import { DrfSorter } from "./drf-sorter.ts";
import { RandomSorter } from "./random-sorter.ts";
import type { Sorter } from "./sorter.ts";

/** A small seeded source of chance (mulberry32). */
function seeded(seed: number): Random {
  let state = seed | 0;
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  return { next, below: (bound) => Math.floor(next() * bound), uuid: () => "unused" };
}

function clusterOf(...values: number[]): ClusterTotal {
  const total = new ClusterTotal();
  total.add(values);
  return total;
}

function walk(sorter: Sorter): number[] {
  const walked: number[] = [];
  sorter.rewind();
  for (let client = sorter.next(); client >= 0; client = sorter.next()) walked.push(client);
  return walked;
}

const operation = fc.oneof(
  fc.record({ type: fc.constant("add" as const) }),
  fc.record({ type: fc.constant("remove" as const), at: fc.nat() }),
  fc.record({ type: fc.constant("setActive" as const), at: fc.nat(), active: fc.boolean() }),
  fc.record({
    type: fc.constant("setWeight" as const),
    at: fc.nat(),
    weight: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({
    type: fc.constant("allocated" as const),
    at: fc.nat(),
    amounts: fc.array(fc.nat(9), { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant("unallocated" as const), at: fc.nat() }),
  fc.record({
    type: fc.constant("total" as const),
    amounts: fc.array(fc.nat(99), { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant("walk" as const), length: fc.nat(6) }),
);

interface Modelled {
  client: number;
  active: boolean;
  weight: number;
  held: number[][];
  chosen: number;
  arrival: number;
}

/** Applies random operations to a sorter and to plain records, and checks after each. */
function checkAgainstModel(
  create: (total: ClusterTotal) => Sorter,
  check: (sorter: Sorter, model: readonly Modelled[], total: ClusterTotal) => void,
): void {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80, size: "max" }), (operations) => {
      const total = clusterOf(100, 100, 100);
      const sorter = create(total);
      const model: Modelled[] = [];
      let arrivals = 0;
      for (const step of operations) {
        const one = "at" in step ? model[step.at % Math.max(1, model.length)] : undefined;
        if (step.type === "add") {
          model.push({
            client: sorter.add(),
            active: false,
            weight: 1,
            held: [],
            chosen: 0,
            arrival: arrivals++,
          });
        } else if (step.type === "total") {
          total.add(step.amounts);
        } else if (step.type === "walk") {
          sorter.rewind();
          for (let count = 0; count < step.length; count += 1) sorter.next();
        } else if (one !== undefined) {
          applyTo(sorter, one, step);
          if (step.type === "remove") model.splice(model.indexOf(one), 1);
        }
        check(sorter, model, total);
      }
    }),
    { numRuns: 60 },
  );
}

function applyTo(
  sorter: Sorter,
  one: Modelled,
  step: Exclude<typeof operation extends fc.Arbitrary<infer T> ? T : never, { type: "add" }>,
): void {
  if (step.type === "remove") {
    for (const amounts of one.held) sorter.unallocated(one.client, amounts);
    sorter.remove(one.client);
  } else if (step.type === "setActive") {
    one.active = step.active;
    sorter.setActive(one.client, step.active);
  } else if (step.type === "setWeight") {
    one.weight = step.weight;
    sorter.setWeight(one.client, step.weight);
  } else if (step.type === "allocated") {
    one.held.push(step.amounts);
    one.chosen += 1;
    sorter.allocated(one.client, step.amounts);
  } else if (step.type === "unallocated") {
    const amounts = one.held.pop();
    if (amounts !== undefined) sorter.unallocated(one.client, amounts);
  }
}

function shareIn(one: Modelled, total: ClusterTotal): number {
  const fractions = [...total.values].map((whole, kind) => {
    const held = one.held.reduce((sum, amounts) => sum + (amounts[kind] ?? 0), 0);
    return held === 0 ? 0 : held / whole;
  });
  return Math.max(...fractions) / one.weight;
}

/** What every theory of sharing must do. */
function sorterContract(name: string, create: (total: ClusterTotal) => Sorter): void {
  describe(`the sorter contract: ${name}`, () => {
    it("[ALC1] a walk visits every active client once and no other", () => {
      checkAgainstModel(create, (sorter, model) => {
        const active = model.filter((one) => one.active).map((one) => one.client);
        expect(sorter.activeCount).toBe(active.length);
        expect(walk(sorter).sort((a, b) => a - b)).toEqual(active.sort((a, b) => a - b));
        expect(sorter.next()).toBe(-1);
      });
    });

    it("[ALC1] the first of some clients is one of them", () => {
      checkAgainstModel(create, (sorter, model) => {
        const active = model.filter((one) => one.active).map((one) => one.client);
        if (active.length === 0) return;
        sorter.rewind();
        const place = sorter.first(active);
        expect(Number.isInteger(place) && place >= 0 && place < active.length).toBe(true);
      });
    });

    it("[ALC1] numbers of living clients are distinct, those of removed ones are used again", () => {
      const sorter = create(clusterOf(100));
      const numbers = Array.from({ length: 100 }, () => sorter.add());
      expect(new Set(numbers).size).toBe(100);
      sorter.remove(numbers[17]!);
      expect(sorter.add()).toBe(numbers[17]);
    });

    it("[ALC1] a sorter without active clients ends its walk at once", () => {
      const sorter = create(clusterOf(100));
      expect(walk(sorter)).toEqual([]);
      sorter.add();
      expect(walk(sorter)).toEqual([]);
    });
  });
}

sorterContract("drf", (total) => new DrfSorter(total));
sorterContract("random", () => new RandomSorter(seeded(1)));

describe("the DRF sorter", () => {
  it("[ALC2, ALC3, ALC4] its order is that of sorting everyone anew by share, choices and arrival", () => {
    checkAgainstModel(
      (total) => new DrfSorter(total),
      (sorter, model, total) => {
        const expected = model
          .filter((one) => one.active)
          .toSorted(
            (left, right) =>
              shareIn(left, total) - shareIn(right, total) ||
              left.chosen - right.chosen ||
              left.arrival - right.arrival,
          )
          .map((one) => one.client);
        expect(walk(sorter)).toEqual(expected);
        if (expected.length > 0) {
          const reversed = expected.toReversed();
          expect(reversed[sorter.first(reversed)]).toBe(expected[0]);
        }
      },
    );
  });

  it("[ALC2, ALC16] a client of weight 2 is chosen twice as often", () => {
    const sorter = new DrfSorter(clusterOf(3000));
    const [light, heavy] = [sorter.add(), sorter.add()];
    for (const client of [light, heavy]) sorter.setActive(client, true);
    sorter.setWeight(heavy, 2);
    const chosen = new Map<number, number>();
    for (let count = 0; count < 300; count += 1) {
      sorter.rewind();
      const client = sorter.next();
      chosen.set(client, (chosen.get(client) ?? 0) + 1);
      sorter.allocated(client, [10]);
    }
    expect([chosen.get(light), chosen.get(heavy)]).toEqual([100, 200]);
  });

  it("[ALC2] changes during a walk take effect at the next", () => {
    const sorter = new DrfSorter(clusterOf(100));
    const clients = Array.from({ length: 20 }, () => sorter.add());
    for (const client of clients) sorter.setActive(client, true);
    sorter.rewind();
    const walked: number[] = [];
    for (let client = sorter.next(); client >= 0; client = sorter.next()) {
      walked.push(client);
      sorter.allocated(client, [20 - walked.length]);
    }
    expect(walked).toEqual(clients);
    expect(walk(sorter)).toEqual(clients.toReversed());
  });
});

describe("the random sorter", () => {
  it("[ALC6] a client of weight 3 comes first three times as often as one of weight 1", () => {
    const sorter = new RandomSorter(seeded(7));
    const [light, heavy] = [sorter.add(), sorter.add()];
    for (const client of [light, heavy]) sorter.setActive(client, true);
    sorter.setWeight(heavy, 3);
    let heavyFirst = 0;
    let heavyOfSome = 0;
    for (let count = 0; count < 8000; count += 1) {
      sorter.rewind();
      if (sorter.next() === heavy) heavyFirst += 1;
      if (sorter.first([light, heavy]) === 1) heavyOfSome += 1;
    }
    expect(Math.abs(heavyFirst / 8000 - 0.75)).toBeLessThan(0.03);
    expect(Math.abs(heavyOfSome / 8000 - 0.75)).toBeLessThan(0.03);
  });

  it("[ALC6] what clients hold plays no part", () => {
    const sorter = new RandomSorter(seeded(3));
    const [rich, poor] = [sorter.add(), sorter.add()];
    for (const client of [rich, poor]) sorter.setActive(client, true);
    sorter.allocated(rich, [1_000_000]);
    let richFirst = 0;
    for (let count = 0; count < 4000; count += 1) if (walk(sorter)[0] === rich) richFirst += 1;
    expect(Math.abs(richFirst / 4000 - 0.5)).toBeLessThan(0.04);
  });
});
