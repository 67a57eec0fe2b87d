import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { createSeededRandom, type SeededRandom } from "@tutti/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, host, TestCluster } from "./cluster.ts";
import { inside } from "./inside-machine.ts";
import { differences } from "./stand-in/machine-view.ts";
import { ModelMaster, type ModelAgent, type ModelTask } from "./stand-in/model-master.ts";
import { StandIn } from "./stand-in/stand-in.ts";

/** A model in the place of the master tells changes faster than containers could make them; all else is real. */
const bursts = 60;
const changesPerBurst = 50;
const pauseMs = 100;
const apps = 60;
const tasksMin = 120;
const tasksMax = 400;
const seed = "churn";

const machines = ["master1", "agent1", "agent2", "public1"];
const names = Array.from({ length: apps }, (_, index) => `app-${String(index)}`);

let cluster: TestCluster;
let id: string;
let master: StandIn;
let model: ModelMaster;
let random: SeededRandom;

const namespaceOf = (machine: string): string => `tutti-${id}-${machine}`;

beforeAll(async () => {
  cluster = await TestCluster.start(["--no-sample"]);
  id = (JSON.parse(readFileSync(join(cluster.dir, "cluster.json"), "utf8")) as { id: string }).id;
  random = createSeededRandom(seed);
  const agents = cluster.up.agents.map(({ name, ip }): ModelAgent => ({
    id: `model-${name}`,
    address: ip,
    hostname: ip,
  }));
  model = new ModelMaster(agents, random);
  master = await StandIn.take({
    cluster,
    namespace: namespaceOf("master1"),
    machine: "master1",
    process: "master",
    address: cluster.up.masters[0]?.ip ?? "",
    port: 5050,
    path: "/api/v1",
    first: () => [model.snapshot()],
    heartbeat: () => ({ type: "HEARTBEAT" }),
  });
}, 240_000);

afterAll(async () => {
  await master.leave();
  await cluster.down();
}, 120_000);

async function kill(machine: string, name: string): Promise<void> {
  const found = await eventually(`${name} of ${machine}`, 60_000, () =>
    cluster.process(machine, name),
  );
  process.kill(found.pid, "SIGKILL");
}

/** Labels of an app's task: named, by address, both, another name, none. */
function labelsOf(app: number): readonly string[] {
  const named = `/app-${String(app)}:80`;
  const byAddress = `10.88.0.${String(app % 20)}:8080`;
  return random.pick([[named], [named], [named, byAddress], [`/moved-${String(app)}:81`], []]);
}

function launched(app = random.below(apps)): readonly unknown[] {
  return model.launch({
    name: `app-${String(app)}`,
    vips: labelsOf(app),
    isChecked: random.chance(0.5),
  });
}

/** One change of the kinds that a cluster sees. */
function change(): readonly unknown[] {
  const tasks = model.reachable;
  if (tasks.length < tasksMin) return launched();
  const task = random.pick(tasks);
  const draw = random.below(10);
  if (draw < 3 && tasks.length < tasksMax) return launched();
  if (draw < 5) return model.kill(task);
  if (draw < 6) return model.end(task, random.chance(0.5) ? "TASK_FAILED" : "TASK_FINISHED");
  // A new definition: another label, the old task goes.
  if (draw < 8) return [...launched(Number(task.name.slice(4))), ...model.kill(task)];
  return task.isChecked ? model.setHealthy(task, !task.healthy) : launched();
}

/** Waits until discovery listens to the master again. */
function listensAgain(): Promise<true> {
  const before = subscriptionsAtKill;
  return eventually("discovery listens again", 60_000, () =>
    master.subscriptions > before ? true : undefined,
  );
}

let subscriptionsAtKill = 0;

async function killDiscovery(): Promise<void> {
  subscriptionsAtKill = master.subscriptions;
  await kill("master1", "node");
}

/** What befalls the machines, by the number of the burst after which it does. */
const disruptions: Readonly<Record<number, () => Promise<unknown> | unknown>> = {
  4: () => kill("agent1", "node"),
  6: () => master.cut(),
  8: () => {
    // A young leader: one agent is there, the others register again while changes go on.
    model.failOver();
    master.cut();
  },
  14: () => comeBack(),
  18: () => comeBack(),
  22: () => killDiscovery(),
  26: () => listensAgain(),
  30: () => host("ip", "link", "set", `tt${id}-2`, "down"),
  34: () => inside(namespaceOf("public1"), "nft", "flush", "ruleset"),
  42: () => host("ip", "link", "set", `tt${id}-2`, "up"),
  46: async () => {
    // What a machine has after a boot: its files, and nothing in its kernel.
    await inside(namespaceOf("agent1"), "nft", "flush", "ruleset");
    await inside(namespaceOf("agent1"), "ip", "route", "flush", "proto", "84");
    await kill("agent1", "node");
  },
  54: () => killDiscovery(),
  58: () => listensAgain(),
};

/** An agent is back, without a task that ended meanwhile. */
function comeBack(): void {
  const [agent] = model.absent;
  if (agent === undefined) return;
  const own = model.tasks.filter((task) => task.agent.id === agent.id);
  master.tell(model.comeBack(agent, own.slice(0, 1)));
}

function holdsTruth(machine: string, tasks: () => readonly ModelTask[]): Promise<true> {
  let last: readonly string[] = [];
  return eventually(`${machine} holds the truth`, 60_000, async () => {
    last = await differences(namespaceOf(machine), tasks(), names);
    if (last.length > 0) throw new Error(last.slice(0, 20).join("\n"));
    return true as const;
  });
}

it("[NAM11] after thousands of changes, kills and cuts every machine's maps and names equal the truth (moby #30134, #41668, #42833, #33952)", async () => {
  await eventually("discovery listens to the model", 60_000, () =>
    master.subscriptions > 0 ? true : undefined,
  );
  for (let burst = 0; burst < bursts; burst += 1) {
    const records: unknown[] = [];
    for (let one = 0; one < changesPerBurst; one += 1) records.push(...change());
    master.tell(records);
    await disruptions[burst]?.();
    await rest(pauseMs);
  }
  expect(model.changes).toBeGreaterThan(3000);
  expect(model.tasks.length).toBeGreaterThanOrEqual(tasksMin);
  for (const machine of machines) await holdsTruth(machine, () => model.tasks);
}, 240_000);
