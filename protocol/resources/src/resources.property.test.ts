import type { Resource } from "@tutti/mesos-v1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatResourcesText,
  formatThousandths,
  parseResourcesText,
  Resources,
  thousandths,
  toEndpointFormat,
  toThousandths,
} from "./index.ts";
import {
  addRanges,
  containsRanges,
  countRanges,
  normaliseRanges,
  subtractRanges,
} from "./ranges.ts";

const ranges = fc
  .array(fc.tuple(fc.nat(60), fc.nat(8)), { maxLength: 6 })
  .map((pairs) =>
    normaliseRanges(pairs.map(([begin, length]) => ({ begin, end: begin + length }))),
  );
const amounts = fc.oneof(
  fc.record({
    type: fc.constant("SCALAR" as const),
    scalar: fc.record({ value: fc.nat(9000).map((n) => n / 1000) }),
  }),
  fc.record({ type: fc.constant("RANGES" as const), ranges: fc.record({ range: ranges }) }),
  fc.record({
    type: fc.constant("SET" as const),
    set: fc.record({ item: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 }) }),
  }),
);
const names = { SCALAR: ["cpus", "mem", "disk"], RANGES: ["ports"], SET: ["gpus"] } as const;
const reservations = fc.constantFrom<readonly NonNullable<Resource["reservations"]>[number][]>(
  [],
  [{ type: "STATIC", role: "web" }],
  [{ type: "DYNAMIC", role: "db", principal: "p" }],
  [
    { type: "STATIC", role: "web" },
    { type: "DYNAMIC", role: "web/eu", labels: { labels: [{ key: "k", value: "v" }] } },
  ],
);
const disks = fc.constantFrom<Resource["disk"]>(
  undefined,
  undefined,
  { source: { type: "PATH", path: { root: "/p" } } },
  { source: { type: "MOUNT", mount: { root: "/m" } } },
  { persistence: { id: "v1" } },
);

const resource: fc.Arbitrary<Resource> = fc
  .tuple(
    amounts,
    fc.nat(2),
    reservations,
    disks,
    fc.boolean(),
    fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
  )
  .map(([amount, at, stack, disk, flag, role]) => {
    const name = names[amount.type][at % names[amount.type].length] ?? "cpus";
    const hasDisk = name === "disk" && disk !== undefined;
    const shared = hasDisk && disk.persistence !== undefined && flag;
    return {
      name,
      ...amount,
      ...(stack.length === 0 ? {} : { reservations: stack }),
      ...(hasDisk ? { disk } : {}),
      ...(shared ? { shared: {} } : {}),
      ...(flag && !hasDisk ? { revocable: {} } : {}),
      ...(role === undefined ? {} : { allocation_info: { role } }),
    };
  });
const some = fc.array(resource, { maxLength: 8 }).map((messages) => Resources.of(messages));
const scalarsOnly = some.map((all) => all.scalars());
const same = (left: Resources, right: Resources): void => {
  expect(left.equals(right) ? "same" : `${String(left)} <> ${String(right)}`).toBe("same");
};

describe("[RES19] the algebra holds for any resources", () => {
  test("a + b = b + a, (a + b) + c = a + (b + c), a + nothing = a", () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        same(a.add(b), b.add(a));
        same(a.add(b).add(c), a.add(b.add(c)));
        same(a.add(Resources.empty), a);
        same(Resources.sum([a, b, c]), a.add(b).add(c));
      }),
    );
  });

  test("(a + b) - b = a for what adds up", () => {
    fc.assert(fc.property(scalarsOnly, scalarsOnly, (a, b) => same(a.add(b).subtract(b), a)));
  });

  test("(a + b) - b = a for ranges and sets that do not overlap", () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const apart = a.subtract(b);
        const disjoint = apart.filter((head) => head.type !== "SCALAR");
        same(disjoint.add(b).subtract(b), disjoint);
      }),
    );
  });

  test("a contains b just when (a - b) + b = a", () => {
    fc.assert(
      fc.property(some, some, fc.boolean(), (a, b, together) => {
        const whole = together ? a.add(b) : a;
        expect(whole.contains(b)).toBe(whole.subtract(b).add(b).equals(whole));
        expect(a.add(b).contains(b)).toBe(true);
      }),
    );
  });

  test("nothing is below nothing, and a - a is nothing", () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        expect(a.subtract(a).isEmpty).toBe(true);
        expect(
          a
            .subtract(b)
            .quantities()
            .entries()
            .every(([, amount]) => amount > 0),
        ).toBe(true);
        expect(a.contains(a.subtract(b))).toBe(true);
      }),
    );
  });

  test("messages and back is the same, also in the endpoints' format", () => {
    fc.assert(
      fc.property(some, (a) => {
        same(Resources.of(a.toMessages()), a);
        same(Resources.of(a.toMessages().map(toEndpointFormat)), a);
      }),
    );
  });

  test("groups by role add up to the whole", () => {
    fc.assert(
      fc.property(some, (a) => {
        same(Resources.sum([a.unreserved(), ...a.byReservation().values()]), a);
        const allocated = a.filter((head) => head.allocation_info !== undefined);
        same(Resources.sum(a.byAllocation().values()), allocated);
      }),
    );
  });

  test("parse(print(a)) = a for what text can say", () => {
    fc.assert(
      fc.property(some, (a) => {
        const printed = formatResourcesText(a);
        if (printed === undefined) return;
        const parsed = parseResourcesText(printed);
        expect(parsed.ok).toBe(true);
        if (parsed.ok) same(parsed.value, a);
      }),
    );
  });

  test("quantities follow the resources", () => {
    fc.assert(
      fc.property(scalarsOnly, scalarsOnly, (left, right) => {
        const [a, b] = [left.nonShared(), right.nonShared()];
        expect(a.add(b).quantities().equals(a.quantities().add(b.quantities()))).toBe(true);
        if (a.contains(b)) {
          expect(a.subtract(b).quantities().equals(a.quantities().subtract(b.quantities()))).toBe(
            true,
          );
        }
      }),
    );
  });
});

describe("[RES20] parts", () => {
  test("ranges are a set of integers", () => {
    const list = (given: typeof ranges extends fc.Arbitrary<infer T> ? T : never): number[] =>
      given.flatMap(({ begin, end }) =>
        Array.from({ length: end - begin + 1 }, (_, at) => begin + at),
      );
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const [left, right] = [new Set(list(a)), new Set(list(b))];
        expect(new Set(list(addRanges(a, b)))).toEqual(left.union(right));
        expect(new Set(list(subtractRanges(a, b)))).toEqual(left.difference(right));
        expect(containsRanges(a, b)).toBe(right.isSubsetOf(left));
        expect(countRanges(a)).toBe(left.size);
      }),
    );
  });

  test("thousandths print as decimals that read back", () => {
    fc.assert(
      fc.property(fc.integer(), (count) => {
        expect(toThousandths(Number(formatThousandths(thousandths(count))))).toBe(count);
      }),
    );
  });

  test("no text makes a parser throw", () => {
    const odd = fc.string({ unit: fc.constantFrom(...'cpus:;[]{}()-,.*1 "') });
    fc.assert(
      fc.property(fc.oneof(odd, fc.string()), (source) => {
        expect(typeof parseResourcesText(source).ok).toBe("boolean");
      }),
      { numRuns: 1000 },
    );
  });
});
