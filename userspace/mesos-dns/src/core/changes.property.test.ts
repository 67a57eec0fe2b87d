import { factKey, type Fact, type TableChange } from "@tutti/discovery-v1";
import { limits, nameToWire, Responder } from "@tutti/dns";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NameIndex } from "./name-index.ts";
import { defaultSettings, look, say, task, zoneOf } from "./testing/facts.ts";
import { MesosZone } from "./zone.ts";

const odd = fc.oneof(
  fc.constantFrom("web", "Web", "a.b", "a_b", "-", "", "x".repeat(80), "web-abcde-s1", "_tcp"),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const address = fc.constantFrom("10.0.0.1", "10.0.0.2", "fd00::1", "", "nonsense", "10.0.0.999");
const agentId = fc.constantFrom("x-S1", "x-S2", "S3", "");
const port = fc.integer({ min: 1, max: 65_535 });

const anyFact: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({
    kind: fc.constant("master" as const),
    index: fc.nat(3),
    address,
    port,
    leader: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("agent" as const),
    id: agentId,
    hostname: fc.string(),
    address,
    port,
  }),
  fc.record({
    kind: fc.constant("framework" as const),
    id: fc.constantFrom("f1", "f2", "f3"),
    name: fc.oneof(odd, fc.constantFrom("marathon", "Marathon", "a.marathon", "slave")),
    active: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("task" as const),
    frameworkId: fc.constantFrom("f1", "f2", "f3"),
    taskId: fc.constantFrom("t1", "t2", "t3", "t4"),
    name: odd,
    agentId,
    serving: fc.boolean(),
    containerAddresses: fc.array(address, { maxLength: 3 }),
    portsMapped: fc.boolean(),
    ports: fc.array(port, { maxLength: 3 }),
  }),
  fc
    .record({ name: odd, portName: odd, number: port, protocol: fc.constantFrom("tcp", "udp", "") })
    .map(({ name, portName, number, protocol }) =>
      task("discovered", {
        frameworkId: "f1",
        agentId: "x-S1",
        discovery: {
          name,
          visibility: "CLUSTER",
          ports: [{ number, name: portName, protocol }],
        },
      }),
    ),
);
const anyChange: fc.Arbitrary<TableChange> = fc.record({
  put: fc.array(anyFact, { maxLength: 6 }),
  remove: fc.array(anyFact.map(factKey), { maxLength: 3 }),
});

/** All facts that remain after the changes. */
function remaining(changes: readonly TableChange[]): Fact[] {
  const facts = new Map<string, Fact>();
  for (const change of changes) {
    for (const key of change.remove) facts.delete(key);
    for (const fact of change.put) facts.set(factKey(fact), fact);
  }
  return [...facts.values()];
}

function listed(zone: MesosZone): string[] {
  const lines = [...zone.records()].map((record) => `${record.name} ${say(record)}`);
  return [...new Set(lines)].toSorted();
}

describe("changes", () => {
  test("[MDN30] [MDN31] after any changes the zone is what it is from scratch, in any order", () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 8 }), fc.boolean(), (changes, reversed) => {
        const index = new NameIndex(defaultSettings);
        for (const change of changes) index.apply(change);
        const facts = remaining(changes);
        const { zone: scratch } = zoneOf(reversed ? facts.toReversed() : facts);
        expect(listed(new MesosZone(index, defaultSettings))).toEqual(listed(scratch));
      }),
      { numRuns: 300 },
    );
  });

  test("[MDN30] every record that is listed is answered, and a server gives it after each change", () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 6 }), (changes) => {
        const index = new NameIndex(defaultSettings);
        const zone = new MesosZone(index, defaultSettings);
        const responder = new Responder({
          zones: [zone],
          recursionAvailable: false,
          otherNames: "refuse",
          allocate: (byteCount) => new Uint8Array(byteCount),
        });
        for (const change of changes) {
          index.apply(change);
          for (const record of zone.records()) {
            const wire = nameToWire(record.name);
            if (wire === undefined || record.type === "SOA" || record.type === "NS") continue;
            expect(look(zone, record.name)).toContain(say(record));
            const query = new Uint8Array([...queryHead, ...wire, 0, 255, 0, 1]);
            const once = responder.respond(query, "tcp");
            const again = responder.respond(query, "tcp");
            expect(answerCountOf(once)).toBe(look(zone, record.name).length);
            expect(answerCountOf(again)).toBe(answerCountOf(once));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("[MDN31] a fact of a later release changes nothing", () => {
    const { index, zone } = zoneOf([]);
    const before = listed(zone);
    index.apply({ remove: ["later/1", "nothing"], put: [{ kind: "later" } as never] });
    expect(listed(zone)).toEqual(before);
  });
});

const queryHead = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];

function answerCountOf(reply: Uint8Array | string | undefined): number {
  if (!(reply instanceof Uint8Array) || reply.length < limits.headerBytes) return -1;
  return (reply[6] ?? 0) * 256 + (reply[7] ?? 0);
}
