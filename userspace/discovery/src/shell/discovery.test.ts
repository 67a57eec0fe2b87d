import { existsSync } from "node:fs";
import { compareText } from "@tutti/base";
import { discoveryPaths, factKey } from "@tutti/discovery-v1";
import { fetchJson } from "@tutti/http";
import type { Clock } from "@tutti/ports";
import { systemClock } from "@tutti/ports/node";
import { createSeededRandom } from "@tutti/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addressOfAgent, ModelMaster } from "../core/testing/model-master.ts";
import { limits } from "./limits.ts";
import { readTable } from "./table-file.ts";
import { DiscoveryWorld, until } from "./testing/discovery-world.ts";

let world: DiscoveryWorld;
let master: ModelMaster;

beforeEach(async () => {
  world = new DiscoveryWorld();
  master = new ModelMaster(["S0", "S1"], new Map([["F0", "marathon"]]));
  for (let number = 0; number < 4; number += 1) launch(number);
  await world.start();
});

afterEach(async () => {
  await world.stop();
  // No stream ever broke for what was on it.
  expect(world.reports.filter((line) => line.includes("not held"))).toEqual([]);
});

interface FollowOptions {
  readonly backends?: number;
  readonly address?: string;
}

/** Launches a task that runs at once, and tells it. */
function launch(number: number): void {
  world.tell(
    ...master.launch({
      frameworkId: "F0",
      taskId: `t${number}`,
      name: "web",
      agentId: `S${number % 2}`,
      hostPort: 31_000 + number,
      labels: { VIP_0: "/web:80" },
      isChecked: false,
      state: "TASK_RUNNING",
      healthy: undefined,
    }),
  );
}

/** Lets the master speak, and a machine follow until it has the table. */
async function follow(machine: string, { backends = 4, address }: FollowOptions = {}) {
  world.snapshot = () => master.snapshot();
  const following = await world.follow(machine, address);
  await until("the table", () => following.backends("web.marathon") === backends);
  return following;
}

test("[DSC36] a follower waits for the master's first word, gets the table, and then every change", async () => {
  const early = await world.follow("m1");
  expect(early.version).toBeUndefined();
  world.snapshot = () => master.snapshot();
  await until("the table", () => early.backends("web.marathon") === 4);
  launch(9);
  await until("the change", () => early.backends("web.marathon") === 5);
  const kinds = early.changes.map(({ put }) => put.map(({ kind }) => kind));
  expect(kinds.filter((put) => put.includes("task")).at(-1)).toEqual(["task", "vip"]);
});

test("[DSC36] who waits for the master's first word is told at once that discovery ends", async () => {
  await world.stopDiscovery();
  let waits = 0;
  const after: Clock["after"] = (ms, run) => {
    if (ms !== limits.readyWaitMs) return systemClock.after(ms, run);
    waits += 1;
    const cancel = systemClock.after(ms, run);
    return () => {
      waits -= 1;
      cancel();
    };
  };
  world.clock = {
    after,
    monoMs: () => systemClock.monoMs(),
    wallMs: () => systemClock.wallMs(),
  };
  await world.startDiscovery();
  await until("it leads", () => world.metric("discovery_leading") === 1);
  const asks = Array.from({ length: 3 }, (_, number) =>
    fetchJson({
      method: "POST",
      url: `${world.url}${discoveryPaths.stream}`,
      json: { versionMin: 1, versionMax: 1, machine: `m${number}` },
    }),
  );
  await until("they wait", () => waits === asks.length);
  await world.stopDiscovery();
  expect(waits).toBe(0);
  expect((await Promise.all(asks)).map(({ status }) => status)).toEqual([503, 503, 503]);
});

test("[DSC38] a machine that begins anew has its table at once, and is sent only what it missed", async () => {
  const first = await follow("m1");
  await first.follower?.close();
  launch(9);
  const again = await world.follow("m1");
  expect(again.changes[0]?.put).toHaveLength(first.facts.length);
  await until("what it missed", () => again.backends("web.marathon") === 5);
  const sent = again.changes.slice(1).flatMap(({ put }) => put.map(({ kind }) => kind));
  // Who leads and where a framework is may be told after the table: that was looked up.
  expect(sent.filter((kind) => kind !== "master" && kind !== "framework")).toEqual(["task", "vip"]);
});

test("[DSC38] without any discovery a machine has the table it kept", async () => {
  const first = await follow("m1");
  await first.follower?.close();
  await world.stopDiscovery();
  const again = await world.follow("m1");
  expect(new Set(again.facts)).toEqual(new Set(first.facts));
  expect(again.follower?.status).toMatchObject({ connected: false, facts: first.facts.length });
});

test("[DSC26] the age of a kept table counts from when discovery was last heard, not from the last change", async () => {
  const first = await follow("m1");
  await until("the table is kept", () => existsSync(world.tableFile("m1")));
  const changedWallMs = (await readTable(world.tableFile("m1")))?.heardWallMs ?? 0;
  await until("a heartbeat later", () => {
    world.tell({ type: "HEARTBEAT" });
    const { ageMs = Infinity } = first.follower?.status ?? {};
    return Date.now() - ageMs > changedWallMs + 2000;
  });
  await first.follower?.close();
  await world.stopDiscovery();
  const again = await world.follow("m1");
  expect(again.follower?.status.ageMs).toBeLessThan(Date.now() - changedWallMs - 1000);
});

test("[DSC22] another discovery goes on from the kept table; who holds it is sent only what differs", async () => {
  const keeper = await follow("m0");
  const other = await follow("m1");
  await keeper.follower?.close();
  await world.stopDiscovery();
  const before = other.changes.length;
  master.failOver();
  world.snapshot = () => master.snapshot();
  await world.startDiscovery();
  await until("the new epoch", () => (other.version?.epoch ?? 0) > 1);
  await until("it listens", () => world.listeners === 1);
  launch(8);
  world.tell(...master.register("S0"), ...master.register("S1"));
  await until("the new task", () => other.backends("web.marathon") === 5);
  const removed = other.changes.slice(before).flatMap((change) => change.remove);
  expect(removed).toEqual([]);
});

test("[DSC50] [DSC22] killed right after a withdrawal, the next discovery does not bring it back", async () => {
  const own = await follow("m0");
  await until("the table is kept", () => existsSync(world.tableFile("m0")));
  world.tell(...master.change("t0", "TASK_KILLED", undefined));
  await until("it is withdrawn", () => own.backends("web.marathon") === 3);
  // What a process that is killed now leaves behind.
  const kept = await readTable(world.tableFile("m0"));
  expect(kept?.version).toEqual(own.version);
  expect(kept?.facts).toHaveLength(own.facts.length);
  await world.stopDiscovery();
  master.failOver();
  world.snapshot = () => master.snapshot();
  await world.startDiscovery();
  const fresh = await world.follow("m9");
  await until("the first table", () => fresh.version !== undefined);
  expect(fresh.version?.epoch).toBeGreaterThan(1);
  expect(fresh.backends("web.marathon")).toBe(3);
});

test("[DSC7] a master that speaks JSON only is asked for it, and stays so when its stream ends", async () => {
  world.hasProtobuf = false;
  const following = await follow("m1");
  world.cutMaster();
  await until("it listens again", () => world.listeners === 1);
  launch(9);
  await until("the change", () => following.backends("web.marathon") === 5);
});

test("[DSC20] the stream of the master is begun anew when it ends", async () => {
  const following = await follow("m1");
  world.cutMaster();
  await until("another subscription", () => world.subscriptions >= 2);
  launch(9);
  world.snapshot = () => master.snapshot();
  world.cutMaster();
  await until("the change", () => following.backends("web.marathon") === 5);
});

test("[DSC37] a change as large as a table is sent as one: in pages, on the same stream", async () => {
  world.hasProtobuf = false;
  const following = await follow("m1");
  const before = following.changes.length;
  const agents = Array.from({ length: 20_001 }, (_, number) => ({
    agent_info: { id: { value: `A${number}` }, hostname: "a" },
    pid: `slave(1)@10.1.${number >> 8}.${number & 255}:5051`,
  }));
  world.snapshot = () => ({
    type: "SUBSCRIBED",
    subscribed: { get_state: { get_agents: { agents } } },
  });
  world.cutMaster();
  await until("all agents", () => following.facts.length > agents.length);
  expect(following.backends("web.marathon")).toBe(4);
  const withAgents = following.changes
    .slice(before)
    .filter(({ put }) => put.some(({ kind }) => kind === "agent"));
  expect(withAgents).toHaveLength(1);
  expect(world.metric("discovery_changes_resumable")).toBe(0);
  world.tell({ type: "AGENT_REMOVED", agent_removed: { agent_id: { value: "A7" } } });
  await until("the next change", () => following.facts.length === 20_000 + 2 + 4 + 1 + 1 + 1);
});

test("[DSC15] [DSC22] a VIP without tasks outlives discovery: the next one's first table has it", async () => {
  const kept = await follow("m0");
  const name = "web.marathon";
  for (const number of [0, 1, 2, 3])
    world.tell(...master.change(`t${number}`, "TASK_KILLED", undefined));
  await until("it has no backends", () => kept.backends(name) === 0);
  const address = kept.facts.find((fact) => fact.kind === "vip")?.address;
  // What it has last is in its file when it is closed.
  await kept.follower?.close();
  expect((await readTable(world.tableFile("m0")))?.facts).toContainEqual(
    expect.objectContaining({ kind: "vip", backends: [] }),
  );
  await world.stopDiscovery();
  await world.startDiscovery();
  const fresh = await world.follow("m9");
  await until("the first table", () => fresh.version !== undefined);
  const vips = fresh.facts.flatMap((fact) => (fact.kind === "vip" ? [fact] : []));
  expect(vips).toMatchObject([{ address, port: 80, names: [name], backends: [] }]);
});

/** The machines that the table tells of, agents and master, all following; the master's does not say its address. */
async function followAll() {
  const first = await follow("m1", { address: addressOfAgent("S0") });
  const second = await follow("m2", { address: addressOfAgent("S1") });
  return { first, second, third: await follow("m3") };
}

/** Asks whether a task has been withdrawn everywhere. */
async function drained(taskId: string, waitMs: number): Promise<unknown> {
  const url = `${world.url}/discovery/v1/drained?framework=F0&task=${taskId}&waitMs=${waitMs}`;
  return (await fetchJson({ method: "GET", url })).json;
}

test("[DSC39] drained is true once every machine holds the withdrawal, also when asked before it begins", async () => {
  const machines = Object.values(await followAll());
  const late = machines[1];
  await until("all have reported", () => machines.every(({ version }) => version !== undefined));
  if (late === undefined) throw new Error("three machines");
  const early = drained("t0", 10_000);
  late.reports = false;
  world.tell(...master.change("t0", "TASK_KILLING", undefined));
  await until("all know", () => machines.every((one) => one.backends("web.marathon") === 3));
  expect(await drained("t0", 50)).toEqual({ drained: false });
  const waiting = drained("t0", 10_000);
  if (late.version !== undefined) late.follower?.applied(late.version, true);
  expect(await waiting).toEqual({ drained: true });
  expect(await early).toEqual({ drained: true });
});

test("[DSC39] never of a task that is a backend, that nobody knows, or while a machine does not follow", async () => {
  const { second, third } = await followAll();
  expect(await drained("t1", 50)).toEqual({ drained: false });
  expect(await drained("no-such-task", 50)).toEqual({ drained: false });
  world.tell(...master.change("t0", "TASK_KILLING", undefined));
  expect(await drained("t0", 10_000)).toEqual({ drained: true });
  await third.follower?.close();
  await until("two are left", () => world.metric("discovery_followers") === 2);
  world.tell(...master.change("t1", "TASK_KILLING", undefined));
  await until("it is withdrawn", () => second.backends("web.marathon") === 2);
  expect(await drained("t1", 50)).toEqual({ drained: false });
});

test("[DSC39] another discovery is told at once what each machine holds, also of what it withdrew before they came", async () => {
  await follow("m1", { address: addressOfAgent("S0") });
  await follow("m2", { address: addressOfAgent("S1") });
  await follow("m3");
  await world.stopDiscovery();
  // It has no table to go on from, so all are sent its own, whole.
  await world.startDiscovery(async () => {
    await until("it knows the tasks", () => world.metric("discovery_backends") === 4);
    world.tell(...master.change("t0", "TASK_KILLING", undefined));
    await until("it is withdrawn", () => world.metric("discovery_backends") === 3);
  });
  // Sooner than the next heartbeat.
  expect(await drained("t0", limits.heartbeatMs - 1500)).toEqual({ drained: true });
});

test("[DSC39] a machine of which nobody tells does not stand in for one that is cut off", async () => {
  const { first, second } = await followAll();
  await second.follower?.close();
  await follow("m9", { address: "10.9.9.9" });
  await until("three follow", () => world.metric("discovery_followers") === 3);
  world.tell(...master.change("t0", "TASK_KILLING", undefined));
  await until("it is withdrawn", () => first.backends("web.marathon") === 3);
  expect(await drained("t0", 2500)).toEqual({ drained: false });
  const waiting = drained("t0", 10_000);
  // Of an older release, and called by its agent's host name.
  await follow("host-S1", { backends: 3 });
  expect(await waiting).toEqual({ drained: true });
});

test("[DSC36] whatever breaks meanwhile, in the end every machine has the same table", async () => {
  const machines = await Promise.all(["m1", "m2", "m3"].map((name) => follow(name)));
  const random = createSeededRandom(5);
  let next = 100;
  for (let round = 0; round < 120; round += 1) {
    switch (random.below(8)) {
      case 0: {
        const index = random.below(3);
        await machines[index]?.follower?.close();
        machines[index] = await world.follow(`m${index + 1}`);
        break;
      }
      case 1:
        world.cutMaster();
        break;
      case 2: {
        // Ends that nobody hears are losses, and many of them would be held.
        await until("it listens", () => world.listeners === 1);
        const [first] = master.tasks.keys();
        world.tell(...master.change(first ?? "", "TASK_KILLED", undefined));
        break;
      }
      case 3:
        await new Promise((resolve) => setImmediate(resolve));
        break;
      default:
        launch(next);
        next += 1;
    }
  }
  world.cutMaster();
  launch(9999);
  const tasks = master.tasks.size;
  const texts = (): readonly string[] =>
    machines.map(({ facts }) =>
      JSON.stringify(facts.toSorted((a, b) => compareText(factKey(a), factKey(b)))),
    );
  await until("all have all", () =>
    machines.every(({ facts }) => facts.filter(({ kind }) => kind === "task").length === tasks),
  );
  await until("the same", () => new Set(texts()).size === 1);
});

test.each([
  ["POST", "/discovery/v1/stream", {}, 400],
  ["POST", "/discovery/v1/stream", { versionMin: 9, versionMax: 9, machine: "m" }, 400],
  ["POST", "/discovery/v1/stream", { versionMin: 1, versionMax: 1, machine: "" }, 400],
  ["POST", "/discovery/v1/stream", { versionMin: 1, versionMax: 1, machine: "m", have: 1 }, 400],
  ["POST", "/discovery/v1/stream", { versionMin: 1, versionMax: 1, machine: "m", address: 1 }, 400],
  ["POST", "/discovery/v1/applied", { machine: "m" }, 400],
  ["GET", "/discovery/v1/drained", undefined, 400],
  ["GET", "/discovery/v1/status", undefined, 200],
  ["POST", "/discovery/v1/release", {}, 200],
])("[DSC6] %s %s with %j: %i", async (method, path, json, status) => {
  await follow("m1");
  const answer = await fetchJson({
    method,
    url: world.url + path,
    ...(json === undefined ? {} : { json }),
  });
  expect(answer.status).toBe(status);
});
