import { expect, test } from "vitest";
import type { AgentFact } from "@tutti/discovery-v1";
import { changeSince, sequenceAfter } from "./resume.ts";

const agent = (id: string, hostname = id): AgentFact => ({
  kind: "agent",
  id,
  hostname,
  address: "10.0.0.1",
  port: 5051,
});

const versions = { version: { epoch: 3, sequence: 9 }, base: { epoch: 2, sequence: 40 } };

test.each([
  { have: { epoch: 3, sequence: 7 }, next: 8 },
  { have: { epoch: 3, sequence: 9 }, next: 10 },
  { have: { epoch: 2, sequence: 40 }, next: 1 },
  { have: { epoch: 2, sequence: 39 }, next: undefined },
  { have: { epoch: 4, sequence: 1 }, next: undefined },
])("[DSC22] who holds $have.epoch.$have.sequence goes on from $next", ({ have, next }) => {
  expect(sequenceAfter(have, versions)).toBe(next);
});

test("[DSC22] the first change of a discovery is what differs from the table that it began with", () => {
  const facts = new Map([
    ["agent/a", agent("a")],
    ["agent/b", agent("b")],
    ["agent/c", agent("c")],
  ]);
  const change = { remove: [], put: [agent("a"), agent("b", "other")] };
  expect(changeSince({ version: versions.base, facts }, change)).toEqual({
    remove: ["agent/c"],
    put: [agent("b", "other")],
    since: versions.base,
  });
});
