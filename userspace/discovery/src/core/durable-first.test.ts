import type { Random } from "@tutti/ports";
import { expect, test } from "vitest";
import { Discovery } from "./discovery.ts";
import { eventFromWire } from "./from-wire.ts";
import { task, cluster } from "./testing/model-cluster.ts";

const random: Random = { next: () => 0, below: () => 0, uuid: () => "" };

test("[DSC4] the address of a new name is to be durable in the step that publishes the name", () => {
  const { master } = cluster(0);
  const env = { monoMs: 1000, wallMs: 1000, random };
  const discovery = new Discovery([]);
  discovery.recover({ epoch: 1, names: [], facts: [] }, env);
  const persisted = new Map<string, string>();
  const published: string[] = [];
  for (const record of [master.snapshot(), ...master.launch(task(1))]) {
    const event = eventFromWire(record);
    if (event === undefined) continue;
    const ready = discovery.step({ type: "master", event }, env);
    for (const entry of ready.persist)
      if (entry.type === "putName") persisted.set(entry.name, entry.address);
    for (const effect of ready.afterPersist) {
      if (effect.type !== "publish") continue;
      for (const fact of effect.change.put) {
        if (fact.kind !== "vip" || fact.names.length === 0) continue;
        published.push(...fact.names);
        // What a crash between the two would leave: an address that is kept and not yet told, never the reverse.
        for (const name of fact.names) expect(persisted.get(name)).toBe(fact.address);
      }
    }
  }
  expect(published).toContain("web.marathon");
});
