import { expect, test } from "vitest";
import type { AgentFact, DiscoveryRecord, VipFact } from "@tutti/discovery-v1";
import { FollowerTable } from "./follower-table.ts";

function agent(id: string): AgentFact {
  return { kind: "agent", id, hostname: id, address: "10.0.0.1", port: 5051 };
}

function vip(...ports: readonly number[]): VipFact {
  const backends = ports.map((port) => ({
    ...{ address: "10.0.0.1", port },
    ...{ agentId: "a", frameworkId: "f", taskId: `t${port}` },
  }));
  return { kind: "vip", address: "11.0.0.1", port: 80, protocol: "tcp", names: ["x"], backends };
}

function welcome(lineage: string): DiscoveryRecord {
  return { type: "welcome", version: 1, heartbeatMs: 5000, lineage };
}

function snapshot(epoch: number, ...ids: readonly string[]): DiscoveryRecord {
  return { type: "snapshot", version: { epoch, sequence: 5 }, put: ids.map(agent), last: true };
}

function held(): FollowerTable {
  const table = new FollowerTable();
  table.restore("one", { epoch: 3, sequence: 7 }, [agent("a"), agent("b")]);
  return table;
}

test("[DSC38] a snapshot of an older epoch is refused, and the table stays", () => {
  const table = held();
  table.take(welcome("one"));
  expect(table.take(snapshot(2, "c")).type).toBe("broken");
  expect([...table.facts.keys()]).toEqual(["agent/a", "agent/b"]);
});

test("[DSC38] a cluster that lost its state begins a new lineage, whatever its epochs", () => {
  const table = held();
  table.take(welcome("two"));
  expect(table.take(snapshot(1, "b", "c"))).toEqual({
    type: "changed",
    version: { epoch: 1, sequence: 5 },
    change: { remove: ["agent/a"], put: [agent("c")] },
  });
  expect(table.lineage).toBe("two");
});

test("[DSC38] pages replace the table with the last one only; those of a stream that broke are void", () => {
  const table = held();
  const page = (put: AgentFact, last: boolean): DiscoveryRecord => ({
    type: "snapshot",
    version: { epoch: 4, sequence: 1 },
    put: [put],
    last,
  });
  table.take(welcome("one"));
  expect(table.take(page(agent("x"), false)).type).toBe("nothing");
  expect(table.facts.has("agent/a")).toBe(true);
  table.begin();
  table.take(welcome("one"));
  expect(table.take(page(agent("y"), true)).type).toBe("changed");
  expect([...table.facts.keys()]).toEqual(["agent/y"]);
});

test("[DSC3] changes of another epoch, and patches of what is not there, break the stream; old ones do nothing", () => {
  const table = held();
  const change = (epoch: number, sequence: number, rest: object = {}): DiscoveryRecord => ({
    ...{ type: "change", version: { epoch, sequence }, remove: [], put: [] },
    ...rest,
  });
  expect(table.take(change(4, 1)).type).toBe("broken");
  expect(table.take(change(3, 7)).type).toBe("nothing");
  expect(table.take(change(3, 8, { patch: [{ key: "vip/x", remove: [], put: [] }] })).type).toBe(
    "broken",
  );
  expect(table.take(change(4, 1, { since: { epoch: 3, sequence: 7 } })).type).toBe("changed");
});

test("[DSC38] a change that is not the next after the table that is held breaks the stream", () => {
  const table = held();
  const change = (sequence: number, id: string): DiscoveryRecord => ({
    ...{ type: "change", version: { epoch: 3, sequence }, remove: [], put: [agent(id)] },
  });
  table.take(welcome("one"));
  expect(table.take(change(9, "c"))).toMatchObject({ type: "broken" });
  expect(table.version).toEqual({ epoch: 3, sequence: 7 });
  expect([...table.facts.keys()]).toEqual(["agent/a", "agent/b"]);
  expect(table.take(change(8, "c")).type).toBe("changed");
  expect(table.take(change(9, "d")).type).toBe("changed");
});

test("[DSC37] a patch makes the whole fact that discovery has", () => {
  const table = held();
  const at = (sequence: number) => ({ epoch: 3, sequence });
  const whole = vip(1, 2, 3, 4, 5);
  table.take({ type: "change", version: at(8), remove: [], put: [whole] });
  const patch = { key: "vip/tcp/11.0.0.1/80", remove: ["10.0.0.1 2"], put: vip(9).backends };
  const outcome = table.take({
    type: "change",
    version: at(9),
    remove: [],
    put: [],
    patch: [patch],
  });
  expect(outcome).toMatchObject({ change: { put: [vip(1, 3, 4, 5, 9)] } });
});
