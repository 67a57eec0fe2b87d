import { SimulatedWorld } from "@tutti/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ModelMaster } from "../core/testing/model-master.ts";
import { DiscoveryWorld, until } from "./testing/discovery-world.ts";
import type { Following } from "./testing/discovery-world.ts";

let worlds: DiscoveryWorld[];
let master: ModelMaster;

beforeEach(() => {
  worlds = [];
  master = new ModelMaster(["S0", "S1"], new Map([["F0", "marathon"]]));
  for (const number of [0, 1])
    master.launch({
      ...{ frameworkId: "F0", taskId: `t${number}`, name: "web", agentId: `S${number}` },
      ...{ hostPort: 31_000 + number, labels: { VIP_0: "/web:80" }, isChecked: false },
      ...{ state: "TASK_RUNNING", healthy: undefined },
    });
});

afterEach(async () => {
  for (const world of worlds) await world.stop();
});

/** A master that knows all; the first world's discovery is the one that is looked at. */
async function newMaster(prepare: (world: DiscoveryWorld) => void): Promise<DiscoveryWorld> {
  const world = new DiscoveryWorld();
  worlds.push(world);
  world.snapshot = () => master.snapshot();
  prepare(world);
  await world.start();
  return world;
}

/** Ports of the masters, in the order of their names, and the one that leads. */
function mastersOf(following: Following): readonly (readonly [string, number, boolean])[] {
  return following.facts
    .flatMap((fact) => (fact.kind === "master" ? [fact] : []))
    .toSorted((left, right) => left.index - right.index)
    .map(({ address, port, leader }) => [address, port, leader] as const);
}

function portOf(world: DiscoveryWorld): number {
  return Number(new URL(world.masterUrl).port);
}

test("[DSC25] the leader is found by redirect, also by its host name, and is the one that is listened to", async () => {
  const second = await newMaster(() => undefined);
  const first = await newMaster((world) => {
    world.otherMasters = [second.masterUrl];
    world.leaderUrl = second.masterUrl.replace("127.0.0.1", "localhost");
  });
  const following = await first.follow("m1");
  const places = (leader: number) => [
    ["127.0.0.1", portOf(first), leader === 0],
    ["127.0.0.1", portOf(second), leader === 1],
  ];
  await until("the second leads", () => mastersOf(following).some(([, , leader]) => leader));
  expect(mastersOf(following)).toEqual(places(1));
  // The lead changes: the second sends everybody to the first.
  first.leaderUrl = undefined;
  second.leaderUrl = first.masterUrl;
  second.cutMaster();
  await until("the first leads", () => mastersOf(following)[0]?.[2] === true);
  expect(mastersOf(following)).toEqual(places(0));
  expect(following.backends("web.marathon")).toBe(2);
});

test("[DSC25] a leader that is not in the list is a master as long as it leads", async () => {
  const stranger = await newMaster(() => undefined);
  const first = await newMaster((world) => {
    world.leaderUrl = stranger.masterUrl;
  });
  const following = await first.follow("m1");
  await until("the stranger leads", () => mastersOf(following).some(([, , leader]) => leader));
  expect(mastersOf(following)).toEqual([
    ["127.0.0.1", portOf(first), false],
    ["127.0.0.1", portOf(stranger), true],
  ]);
  first.leaderUrl = undefined;
  stranger.leaderUrl = first.masterUrl;
  stranger.cutMaster();
  await until("the first leads", () => mastersOf(following)[0]?.[2] === true);
  expect(mastersOf(following)).toEqual([["127.0.0.1", portOf(first), true]]);
});

test("[DSC25] masters that are in the list no more are no masters after the next start", async () => {
  const world = await newMaster((one) => {
    one.otherMasters = ["http://10.9.9.1:5050", "http://10.9.9.2:5050"];
  });
  const kept = await world.follow("m0");
  await until("three masters", () => mastersOf(kept).length === 3);
  await kept.follower?.close();
  await world.stopDiscovery();
  world.otherMasters = ["http://10.9.9.2:5050"];
  await world.startDiscovery();
  const following = await world.follow("m1");
  await until("two masters", () => mastersOf(following).length === 2);
  expect(mastersOf(following).map(([address]) => address)).toEqual(["127.0.0.1", "10.9.9.2"]);
});

test("[DSC8] a framework that the master knows by its host name has that host's address, and keeps it", async () => {
  const world = await newMaster(() => undefined);
  const following = await world.follow("m1");
  const place = (): string | undefined =>
    following.facts.find((fact) => fact.kind === "framework")?.address;
  await until("its address", () => place() !== undefined);
  expect(place()).toMatch(/^(127\.0\.0\.1|::1)$/);
  const before = following.changes.length;
  world.cutMaster();
  await until("the stream is begun anew", () => world.listeners === 1);
  world.tell(...master.change("t0", "TASK_KILLED", undefined));
  await until("the next change", () => following.backends("web.marathon") === 1);
  // Nothing was taken back meanwhile.
  const changed = following.changes.slice(before).flatMap(({ put }) => put.map(({ kind }) => kind));
  expect(changed).not.toContain("framework");
});

test("[DSC26] the age of a table counts from when the master was heard, and then from when discovery was", async () => {
  const time = new SimulatedWorld({ seed: 2 });
  const world = await newMaster((one) => {
    one.clock = time.addNode("m0").clock;
  });
  const following = await world.follow("m1");
  const ageMs = (): number => following.follower?.status.ageMs ?? 0;
  await until("the table", () => following.backends("web.marathon") === 2);
  expect(ageMs()).toBeLessThan(60_000);
  world.snapshot = undefined;
  world.cutMaster();
  time.run(time.nowMs() + 60_000);
  await until("a heartbeat tells it", () => ageMs() >= 55_000);
  expect(world.metric("discovery_master_silent_seconds")).toBeGreaterThanOrEqual(55);
  await world.stopDiscovery();
  const before = ageMs();
  await until("it grows by itself", () => ageMs() > before + 10);
});

test("[DSC23] the quarter of an hour of an absent agent runs on while discovery asks for snapshots itself", async () => {
  const time = new SimulatedWorld({ seed: 1 });
  const world = await newMaster((one) => {
    one.clock = time.addNode("m0").clock;
  });
  const following = await world.follow("m1");
  await until("the table", () => following.backends("web.marathon") === 2);
  // Another master leads, and one agent never comes to it.
  master = new ModelMaster(["S0"], new Map([["F0", "marathon"]]));
  master.launch({
    ...{ frameworkId: "F0", taskId: "t0", name: "web", agentId: "S0", hostPort: 31_000 },
    ...{ labels: { VIP_0: "/web:80" }, isChecked: false },
    ...{ state: "TASK_RUNNING", healthy: undefined },
  });
  world.cutMaster();
  const cutAtMs = time.nowMs();
  const minutes = (): number => (time.nowMs() - cutAtMs) / 60_000;
  const passed = (probe: () => boolean) => (): boolean => {
    time.run(time.nowMs() + 2000);
    return probe();
  };
  await until(
    "the agent is given up",
    passed(() => world.metric("discovery_agents") === 1),
  );
  expect(minutes()).toBeGreaterThan(15);
  expect(minutes()).toBeLessThan(18);
  expect(world.subscriptions).toBeGreaterThan(8);
  await until(
    "its task is no backend",
    passed(() => following.backends("web.marathon") === 1),
  );
});
