import { Discovery, eventFromWire, FollowerTable } from "@tutti/discovery/core";
import type { DiscoveryEffect } from "@tutti/discovery/core";
import type { Fact } from "@tutti/discovery-v1";
import { expect, test } from "vitest";
import { goldenFiles, readGolden } from "./golden.ts";

interface Recording {
  readonly events?: readonly { readonly t: number; readonly dir: string; readonly body: unknown }[];
}

const random = { next: () => 0, below: () => 0, uuid: () => "" };

/** Everything a recorded stream of a master leads to: the names that tasks had, and the facts at the end. */
function replay(file: string): {
  readonly named: ReadonlySet<string>;
  readonly facts: readonly Fact[];
} {
  const discovery = new Discovery();
  const table = new FollowerTable();
  table.restore("", { epoch: 1, sequence: 0 }, []);
  const named = new Set<string>();
  const take = (effects: readonly DiscoveryEffect[]): void => {
    for (const effect of effects)
      if (effect.type === "publish") {
        const { version, change } = effect;
        expect(table.take({ type: "change", version, ...change }).type).toBe("changed");
        for (const fact of change.put) if (fact.kind === "task") named.add(fact.name);
      }
  };
  const env = (seconds: number) => ({ monoMs: seconds * 1000, wallMs: seconds * 1000, random });
  take(discovery.recover({ epoch: 1, names: [], facts: [] }, env(0)).afterPersist);
  let last = 0;
  for (const { t, dir, body } of (readGolden(file) as Recording).events ?? []) {
    last = t;
    const event = dir === "event" ? eventFromWire(body) : undefined;
    if (event !== undefined) take(discovery.step({ type: "master", event }, env(t)).afterPersist);
  }
  take(discovery.step({ type: "wake" }, env(last + 5)).afterPersist);
  return { named, facts: [...table.facts.values()] };
}

const streams = goldenFiles().filter((file) => /^operator_stream\/(through|subscribe)/.test(file));

test.each(streams)("[DSC1] %s of Apache Mesos is followed to its end", (file) => {
  const { facts } = replay(file);
  // The recorded cluster has one agent with the address of its pid; each script ends its tasks.
  for (const fact of facts)
    if (fact.kind === "agent") expect(fact).toMatchObject({ address: "127.0.0.1", port: 5051 });
});

test.each([
  ["operator_stream/through_pod.json", ["pod-a", "pod-b", "pod2-a", "pod2-b"]],
  ["operator_stream/through_gone.json", ["t-gone"]],
  ["operator_stream/through_operator_stream.json", ["t-op"]],
])("[DSC1] %s: the tasks that ran had names, and have none at the end", (file, names) => {
  const { named, facts } = replay(file);
  for (const name of names) expect(named).toContain(name);
  expect(facts.filter((fact) => fact.kind === "task")).toEqual([]);
});
