import fc from "fast-check";
import { expect, test } from "vitest";
import { DiscoveryRig } from "./testing/discovery-rig.ts";
import { canonicalAddress, fullVipName, parseVipValue } from "@tutti/dns";

const types = [
  "SUBSCRIBED",
  "TASK_ADDED",
  "TASK_UPDATED",
  "AGENT_ADDED",
  "AGENT_REMOVED",
  "FRAMEWORK_ADDED",
  "FRAMEWORK_UPDATED",
  "FRAMEWORK_REMOVED",
  "HEARTBEAT",
  "SOMETHING_NEW",
];

const id = fc.record({ value: fc.constantFrom("a", "b", "") });
const anything = fc.jsonValue({ maxDepth: 2 });
const label = fc.record({
  key: fc.oneof(fc.constantFrom("VIP_0", "vip", "VIP_PORT0", "VIP_PORT9"), fc.string()),
  value: fc.oneof(
    fc.constantFrom("/x:80", "/x:80,/y:81", "1.2.3.4:5", ":", "/:1", "[::]:1"),
    fc.string(),
  ),
});

/** A task with parts of which any may be nonsense. */
const task = fc.record(
  {
    name: fc.oneof(fc.string(), anything),
    task_id: fc.oneof(id, anything),
    framework_id: fc.oneof(id, anything),
    agent_id: fc.oneof(id, anything),
    state: fc.oneof(fc.constantFrom("TASK_RUNNING", "TASK_KILLING", "TASK_LOST"), anything),
    statuses: fc.oneof(fc.array(anything), anything),
    resources: fc.oneof(fc.array(anything), anything),
    labels: fc.oneof(fc.record({ labels: fc.array(label) }), anything),
    container: anything,
    discovery: fc.oneof(
      fc.record({
        ports: fc.record({
          ports: fc.array(
            fc.record({
              number: fc.oneof(fc.integer(), anything),
              protocol: fc.oneof(fc.constantFrom("tcp", "udp", "tcp,udp", "sctp"), anything),
              labels: fc.record({ labels: fc.array(fc.oneof(label, anything)) }),
            }),
          ),
        }),
      }),
      anything,
    ),
  },
  { requiredKeys: [] },
);

const event = fc.oneof(
  task.map((one) => ({ type: "TASK_ADDED", task_added: { task: one } })),
  fc.record({
    type: fc.constantFrom(...types),
    subscribed: anything,
    task_added: anything,
    task_updated: anything,
    agent_added: anything,
    framework_removed: anything,
  }),
  anything,
);

test("[DSC6] whatever a master sends, discovery lives, and its facts are what they should be", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      const rig = new DiscoveryRig();
      rig.master({
        type: "FRAMEWORK_ADDED",
        framework_added: { framework: { framework_info: { id: { value: "a" }, name: "f" } } },
      });
      for (const one of events) rig.master(one);
      rig.advance(60_000);
      for (const fact of rig.facts) {
        if (fact.kind !== "vip") continue;
        expect(canonicalAddress(fact.address)).toBe(fact.address);
        expect(fact.port).toBeGreaterThan(0);
        for (const name of fact.names) expect(name).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
        for (const { address, port } of fact.backends) {
          expect(canonicalAddress(address)).toBe(address);
          expect(port).toBeGreaterThan(0);
          expect(port).toBeLessThan(65_536);
        }
      }
      rig.discovery.problems({});
    }),
    { numRuns: 500 },
  );
});

test("[DSC11] what is taken as a name of a VIP is one in DNS", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(70_000), (text, port) => {
      const parsed = parseVipValue(`/${text}:${port}`);
      if (!parsed.ok || parsed.value.target.type !== "name") return;
      const name = fullVipName(parsed.value.target.name, "marathon");
      expect(name).toMatch(/^([a-z0-9-]{1,63}\.)+marathon$/);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["/foo/bar", "marathon", "foobar.marathon"],
  ["web", "Marathon-User", "web.marathon-user"],
  ["a_b", "marathon", "a-b.marathon"],
  ["Api.v2", "dev/marathon", "api.v2.devmarathon"],
  ["x", "other.framework", "x.other.framework"],
  ["_", "marathon", ""],
])("[DSC11] %s of %s is %s", (name, framework, expected) => {
  expect(fullVipName(name, framework)).toBe(expected);
});
