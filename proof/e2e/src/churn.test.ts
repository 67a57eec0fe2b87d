import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { discoveryPaths } from "@tutti/discovery-v1";
import { createSeededRandom, type SeededRandom } from "@tutti/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, host, TestCluster } from "./cluster.ts";
import { inside } from "./inside-machine.ts";
import { startInside } from "./inside-process.ts";
import {
  askNames,
  differences,
  kernelVips,
  trueNames,
  type NameAnswer,
} from "./stand-in/machine-view.ts";
import { oddNames, oddVips } from "./stand-in/odd-names.ts";
import { ModelDiscovery } from "./stand-in/model-discovery.ts";
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
const vipZone = "l4lb.thisdcos.directory";
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
const disruptions: Readonly<Record<number, () => unknown>> = {
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

/** What a machine's DNS answers to one question. */
async function answered(machine: string, type: "A" | "SRV", name: string): Promise<NameAnswer> {
  return (await askNames(namespaceOf(machine), [[type, name]]))[0] ?? "";
}

it("[NAM12] names and backends of a framework are gone with it (mesos-dns #517)", async () => {
  master.tell(model.addFramework("batch"));
  for (let task = 0; task < 5; task += 1)
    master.tell(model.launch({ framework: "batch", name: "job", vips: ["/job:80"] }));
  for (const machine of machines)
    await eventually(`${machine} has the job's VIP`, 60_000, async () => {
      const [address] = await answered(machine, "A", "job.batch.l4lb.thisdcos.directory");
      const vips = await kernelVips(namespaceOf(machine));
      return vips.get(`${address ?? ""}:80`)?.length === 5 ? true : undefined;
    });
  expect(await answered("agent1", "SRV", "_job._tcp.batch.mesos")).toHaveLength(5);
  master.tell(model.removeFramework("batch"));
  for (const machine of machines) {
    await eventually(`${machine} has forgotten the job`, 60_000, async () =>
      (await answered(machine, "A", "job.batch.mesos")) === "ENOTFOUND" ? true : undefined,
    );
    expect(await answered(machine, "SRV", "_job._tcp.batch.mesos")).toBe("ENOTFOUND");
    expect(await answered(machine, "A", "batch.mesos")).toBe("ENOTFOUND");
    await holdsTruth(machine, () => model.tasks);
  }
}, 120_000);

it("[NAM13] whatever hosts, tasks, frameworks and labels are called, everything else is answered as before (mesos-dns #151)", async () => {
  const before = await pidsOfNodes();
  const odd = oddNames(random);
  const labels = oddVips(random);
  for (const [index, name] of odd.entries()) {
    const framework = index % 7 === 0 ? name : "marathon";
    if (framework !== "marathon") master.tell(model.addFramework(framework));
    const vips = [labels[index % labels.length] ?? ""];
    master.tell(model.launch({ name, framework, vips }));
    if (index % 11 !== 0) continue;
    const agent = { id: `odd-${String(index)}`, address: `10.99.0.${String(index % 250)}` };
    master.tell(model.addAgent({ ...agent, hostname: name }));
  }
  master.tell(model.launch({ name: "last", vips: [] }));
  for (const machine of machines) {
    await eventually(`${machine} knows the last of them`, 60_000, async () =>
      typeof (await answered(machine, "A", "last.marathon.mesos")) === "string" ? undefined : true,
    );
    const own = model.tasks.filter(({ name }) => names.includes(name));
    const truth = trueNames(own, names);
    const answers = await askNames(namespaceOf(machine), [...truth.keys()]);
    expect(answers).toEqual([...truth.values()]);
  }
  for (const path of ["/v1/enumerate", "/v1/axfr"]) {
    const response = await fetch(`http://${cluster.up.masters[0]?.ip ?? ""}:8123${path}`);
    expect(response.status).toBe(200);
    await response.json();
  }
  expect(await pidsOfNodes()).toEqual(before);
  for (const task of model.tasks) if (!names.includes(task.name)) master.tell(model.kill(task));
  for (const machine of machines) await holdsTruth(machine, () => model.tasks);
}, 120_000);

async function pidsOfNodes(): Promise<readonly (number | undefined)[]> {
  const { machines: found } = await cluster.status();
  return found.map(({ processes }) => processes.find(({ name }) => name === "node")?.pid);
}

/** Seconds since a machine has heard of the cluster, as its metrics tell. */
async function ageSeconds(machine: string): Promise<number> {
  const { masters, agents } = cluster.up;
  const ip = [...masters, ...agents].find(({ name }) => name === machine)?.ip ?? "";
  const text = await (await fetch(`http://${ip}:62080/metrics`)).text();
  return Number(/^node_table_age_seconds (.*)$/m.exec(text)?.[1]);
}

it("[NAM14] while the master is away the table's age rises and is shown; names are answered from it (mesos-dns #482)", async () => {
  await master.vanish();
  for (const machine of machines)
    await eventually(`the age on ${machine} rises`, 60_000, async () =>
      (await ageSeconds(machine)) > 12 ? true : undefined,
    );
  for (const machine of machines) await holdsTruth(machine, () => model.tasks);
  await master.appear();
  for (const machine of machines)
    await eventually(`the age on ${machine} falls`, 60_000, async () =>
      (await ageSeconds(machine)) < 8 ? true : undefined,
    );
}, 240_000);

const orderPort = 7070;
const orderRounds = 12;
const orderNames = 5;
/** Other VIPs of the same change, which make the kernel's part of it take its time. */
const orderFillers = 400;

it("[NAM15] a name stands only while its VIP is led, and no service of the machine is ever reached instead (dcos-net PR 130)", async () => {
  const [, far] = cluster.up.agents;
  const address = far?.ip ?? "";
  const discovery = new ModelDiscovery(address);
  const standIn = await StandIn.take({
    cluster,
    namespace: namespaceOf("master1"),
    machine: "master1",
    process: "node",
    address: cluster.up.masters[0]?.ip ?? "",
    port: 62_080,
    path: discoveryPaths.stream,
    first: () => discovery.first(),
    heartbeat: () => discovery.heartbeat(),
  });
  const backend = startInside(namespaceOf("agent2"), "page-server.cjs", address, "9000", "far");
  const watcher = startInside(namespaceOf("agent1"), "order.cjs", String(orderPort), "far");
  const broken = () => watcher.lines().filter((line) => line.startsWith("broken"));
  const said = async (line: string): Promise<void> => {
    await eventually(line, 60_000, () =>
      broken().length > 0 || watcher.lines().includes(line) ? true : undefined,
    );
    expect(broken()).toEqual([]);
  };
  try {
    await said("listening");
    await eventually("the backend listens", 90_000, () =>
      backend.lines().includes("listening") ? true : undefined,
    );
    for (let round = 0; round < orderRounds; round += 1) {
      const own = discovery.vips(round, { count: orderNames, port: orderPort });
      const fillers = discovery.vips(100 + round, { count: orderFillers, port: 81 });
      const watched = own.map((vip) => [`${vip.names[0] ?? ""}.${vipZone}`, vip.address] as const);
      watcher.tell(JSON.stringify(Object.fromEntries(watched)));
      // Those that are watched come first and last: neither end of a change may be early.
      standIn.tell([discovery.change([], [...own.slice(0, 2), ...fillers, ...own.slice(2)])]);
      for (const [name] of watched) await said(`up ${name}`);
      standIn.tell([discovery.change([...own.slice(0, 2), ...fillers, ...own.slice(2)], [])]);
      for (const [name] of watched) await said(`down ${name}`);
    }
  } finally {
    await watcher.end();
    await backend.end();
    await standIn.leave();
  }
}, 240_000);
