import { factKey } from "@tutti/discovery-v1";
import type { Fact } from "@tutti/discovery-v1";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openL4lb } from "../index.ts";
import type { L4lb } from "../index.ts";
import { taskFact, vipFact } from "../testing/facts.ts";
import { TestNetwork } from "../testing/namespaces.ts";
import type { Peer, TestMachine } from "../testing/namespaces.ts";

const put = (...facts: readonly Fact[]): { remove: string[]; put: Fact[] } => ({
  remove: [],
  put: [...facts],
});

async function until(what: () => Promise<boolean> | boolean, withinMs: number): Promise<void> {
  const startMs = performance.now();
  while (performance.now() - startMs < withinMs) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not within ${withinMs} ms`);
}

describe("virtual IPs under load", () => {
  let network: TestNetwork;
  let here: TestMachine;
  let there: TestMachine;
  let client: Peer;
  let server: Peer;
  let l4lb: L4lb;

  const open = (): Promise<L4lb> =>
    openL4lb({
      machineAddress: here.address,
      commandPrefix: here.prefix,
      compareMs: 1000,
      report: () => undefined,
    });

  beforeAll(async () => {
    network = new TestNetwork("u");
    here = network.machine();
    there = network.machine();
    client = here.peer();
    server = there.peer();
    const ports = Array.from({ length: 60 }, (_unused, index) => 9000 + index);
    await server.ask({ do: "listen", address: there.address, ports });
    l4lb = await open();
  });

  afterAll(async () => {
    await l4lb?.close();
    network?.close();
  });

  it("[LB16] many changes under load: not one connection fails", async () => {
    const all = Array.from({ length: 12 }, (_u, i) => [there.address, 9010 + i] as const);
    await l4lb.apply(
      put(...all.map(([to, port]) => taskFact(to, port)), vipFact("11.0.0.8", 80, all)),
    );
    const load = client.ask({
      ...{ do: "connect", address: "11.0.0.8", port: 80 },
      ...{ count: 1_000_000, atOnce: 8 },
    });
    for (let turn = 0; turn < 300; turn++) {
      const some = all.filter((_backend, index) => (turn + index) % (2 + (turn % 5)) !== 0);
      await l4lb.apply(put(vipFact("11.0.0.8", 80, some.length === 0 ? all : some)));
    }
    await client.ask({ do: "stop" });
    const { counts } = await load;
    const failed = Object.keys(counts).filter((heard) => !heard.startsWith("90"));
    expect(failed).toEqual([]);
    expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBeGreaterThan(300);
  });

  it("[LB16] a backend that is drained and then ends takes no connection with it", async () => {
    const [a, b] = [9050, 9051];
    const both = [a, b].map((port) => [there.address, port] as const);
    await l4lb.apply(put(...both.map((at) => taskFact(...at)), vipFact("11.0.0.9", 80, both)));
    const load = client.ask({
      ...{ do: "connect", address: "11.0.0.9", port: 80 },
      ...{ count: 1_000_000, atOnce: 8 },
    });
    await until(async () => (await server.ask({ do: "accepted" })).counts[a] !== undefined, 5000);
    await l4lb.apply(put(vipFact("11.0.0.9", 80, [[there.address, b]])));
    // As the agent does: it waits for those who were on their way, then ends the task.
    let seen = -1;
    await until(async () => {
      const last = seen;
      seen = (await server.ask({ do: "accepted" })).counts[a] ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return seen === last;
    }, 20_000);
    await server.ask({ do: "unlisten", ports: [a] });
    await l4lb.apply({ remove: [factKey(taskFact(there.address, a))], put: [] });
    const before = (await server.ask({ do: "accepted" })).counts[b] ?? 0;
    await until(
      async () => ((await server.ask({ do: "accepted" })).counts[b] ?? 0) > before + 200,
      20_000,
    );
    await client.ask({ do: "stop" });
    expect(new Set(Object.keys((await load).counts))).toEqual(
      new Set([a, b].map((port) => `${port} ${here.address}`)),
    );
  });

  it("[LB34] whole tables are replaced under load, again and again: not one connection fails", async () => {
    const both = [9000, 9001].map((port) => [there.address, port] as const);
    const vip = vipFact("11.0.0.1", 80, both);
    await l4lb.apply(put(vip));
    const load = client.ask({
      ...{ do: "connect", address: "11.0.0.1", port: 80 },
      ...{ count: 1_000_000, atOnce: 8 },
    });
    for (let turn = 0; turn < 60; turn++) {
      await l4lb.close();
      l4lb = await open();
      await l4lb.apply(put(vip));
    }
    await client.ask({ do: "stop" });
    const heard = Object.keys((await load).counts).toSorted();
    expect(heard).toEqual([`9000 ${here.address}`, `9001 ${here.address}`]);
  }, 240_000);
});
