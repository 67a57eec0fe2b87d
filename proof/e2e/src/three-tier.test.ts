import { chmodSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, host, TestCluster, type MarathonTask } from "./cluster.ts";
import { askInside, inside } from "./inside-machine.ts";
import { startInside, type InsideProcess } from "./inside-process.ts";

const zone = "marathon.l4lb.thisdcos.directory";
const requestsPerSecond = 25;
const farVisitsPerSecond = 10;

let cluster: TestCluster;
/** What tasks run, where the user nobody can read it: Node and the programs. */
let programs: string;
let id: string;
let visitors: InsideProcess | undefined;

interface Sums {
  readonly good: number;
  readonly failed: number;
  readonly releases: Readonly<Record<string, number>>;
}

/** A tier behind its VIP, health-checked, as the README documents it; `next` is asked for every page. */
function tier(name: string, release: number, next?: string): Record<string, unknown> {
  const program = [
    join(programs, "node"),
    join(programs, "tier.cjs"),
    name,
    String(release),
    next ?? "",
  ];
  return {
    id: `/shop/${name}`,
    cmd: `exec ${program.join(" ").trim()}`,
    cpus: 0.05,
    mem: 96,
    instances: 2,
    portDefinitions: [{ port: 0, name: "http", labels: { VIP_0: `/${name}:80` } }],
    healthChecks: [
      {
        protocol: "MESOS_HTTP",
        path: "/health",
        portIndex: 0,
        gracePeriodSeconds: 30,
        intervalSeconds: 1,
        timeoutSeconds: 10,
        maxConsecutiveFailures: 3,
        delaySeconds: 0,
      },
    ],
    backoffSeconds: 1,
    taskKillGracePeriodSeconds: 3,
  };
}

const db = (release: number) => tier("db", release);
const api = (release: number) => tier("api", release, `http://db.${zone}/`);
const web = (release: number) => tier("web", release, `http://api.${zone}/`);

beforeAll(async () => {
  programs = mkdtempSync(join(tmpdir(), "tutti-tiers-"));
  chmodSync(programs, 0o755);
  copyFileSync(process.execPath, join(programs, "node"));
  cpSync(fileURLToPath(new URL("../programs/", import.meta.url)), programs, { recursive: true });
  cluster = await TestCluster.start(["--no-sample"]);
  id = (JSON.parse(readFileSync(join(cluster.dir, "cluster.json"), "utf8")) as { id: string }).id;
  for (const app of [db(1), api(1), web(1)])
    expect((await cluster.marathon("POST", "/v2/apps", app)).status).toBe(201);
  for (const name of ["db", "api", "web"]) await healthy(name, 2);
  await eventually("a page through all three tiers", 60_000, async () => {
    const question = { name: `web.${zone}`, port: 80, count: 6 };
    const { pages } = await askInside(namespaceOf("public1"), question);
    return pages.length === 6 && pages.every((page) => page === "web/1 api/1 db/1")
      ? true
      : undefined;
  });
  visitors = visit("public1", "web");
}, 300_000);

afterAll(async () => {
  await visitors?.end();
  await cluster.down();
  rmSync(programs, { recursive: true, force: true });
}, 120_000);

function namespaceOf(machine: string): string {
  return `tutti-${id}-${machine}`;
}

/** Waits until exactly `count` instances of a tier run and are healthy, and no deployment of it is left. */
function healthy(name: string, count: number): Promise<readonly MarathonTask[]> {
  return eventually(`${String(count)} healthy instances of ${name}`, 90_000, async () => {
    const path = `/v2/apps/shop/${name}?embed=app.tasks&embed=app.deployments`;
    const { body } = await cluster.marathon("GET", path);
    const { app } = body as {
      app: { tasks: readonly MarathonTask[]; deployments: readonly unknown[] };
    };
    const alive = app.tasks.filter(
      (task) =>
        task.state === "TASK_RUNNING" && task.healthCheckResults?.some((check) => check.alive),
    );
    return app.deployments.length === 0 && alive.length === count && app.tasks.length === count
      ? alive
      : undefined;
  });
}

async function change(name: string, body: unknown, instances: number): Promise<void> {
  await eventually(`Marathon takes the change of ${name}`, 60_000, async () => {
    const answer = await cluster.marathon("PUT", `/v2/apps/shop/${name}?force=true`, body);
    return answer.status === 200 ? true : undefined;
  });
  await healthy(name, instances);
}

/** Visitors on a machine, at a constant rate. */
function visit(machine: string, name: string, perSecond = requestsPerSecond): InsideProcess {
  const url = `http://${name}.${zone}/`;
  return startInside(namespaceOf(machine), "visitors.cjs", url, String(perSecond));
}

function failures(of = visitors): readonly string[] {
  return of?.lines().filter((line) => line.startsWith('{"atMs"')) ?? ["nobody visits"];
}

/** Lets visitors end their last visit; answers what they saw. */
async function sumsOf(of: InsideProcess | undefined): Promise<Sums> {
  await of?.end("SIGTERM");
  return JSON.parse(of?.lines().at(-1) ?? "{}") as Sums;
}

async function kill(machine: string, name: string, signal: NodeJS.Signals): Promise<number> {
  const found = await cluster.process(machine, name);
  if (found === undefined) throw new Error(`${machine} has no ${name}`);
  process.kill(found.pid, signal);
  return found.pid;
}

it("[TT1] tiers are scaled up and down under load without a failed request", async () => {
  await change("api", { instances: 4 }, 4);
  await change("web", { instances: 3 }, 3);
  await change("api", { instances: 1 }, 1);
  await change("api", { instances: 2 }, 2);
  expect(failures()).toEqual([]);
}, 240_000);

it("[TT2] tiers are upgraded, although their servers end at once on SIGTERM", async () => {
  await change("db", db(2), 2);
  await change("api", api(2), 2);
  await change("web", web(2), 2);
  expect(failures()).toEqual([]);
}, 240_000);

it("[TT3] a tier that becomes unhealthy is replaced before anybody notices", async () => {
  const before = await healthy("api", 2);
  const [victim] = before;
  await fetch(`http://${victim?.host ?? ""}:${String(victim?.ports[0])}/fail`);
  await eventually("the unhealthy instance to be replaced", 90_000, async () => {
    const now = await healthy("api", 2);
    return now.some((task) => task.id === victim?.id) ? undefined : true;
  });
  expect(failures()).toEqual([]);
}, 240_000);

it("[TT4] a tier moves: each of its instances is killed and started elsewhere", async () => {
  for (const { id: taskId } of await healthy("db", 2)) {
    const answer = await cluster.marathon("DELETE", `/v2/apps/shop/db/tasks/${taskId}`);
    expect(answer.status).toBe(200);
    await eventually("the killed instance to be replaced", 90_000, async () => {
      const now = await healthy("db", 2);
      return now.some((task) => task.id === taskId) ? undefined : true;
    });
  }
  expect(failures()).toEqual([]);
}, 240_000);

it("[TT5] master, discovery, Marathon and agents are killed meanwhile", async () => {
  await kill("master1", "master", "SIGKILL");
  await kill("master1", "node", "SIGKILL");
  await change("api", api(3), 2);
  await kill("agent1", "agent", "SIGKILL");
  await change("web", web(3), 2);
  await kill("master1", "services", "SIGKILL");
  await change("db", db(3), 2);
  expect(failures()).toEqual([]);
}, 300_000);

/** How many agents the leading master knows as registered. */
async function activeAgents(): Promise<number | undefined> {
  const response = await fetch(`${cluster.masterUrl}/slaves`);
  const { slaves } = (await response.json()) as { slaves: readonly { active: boolean }[] };
  return response.status === 200 ? slaves.filter(({ active }) => active).length : undefined;
}

/** What is right now for every name and VIP of the tiers; it must stay so. */
async function wholeTruth(release: number): Promise<string> {
  const names: unknown[] = [];
  for (const name of ["db", "api", "web"]) {
    names.push(...(await standing("A", `${name}.${zone}`)));
    names.push(...(await standing("A", `${name}-shop.marathon.mesos`)));
    names.push(...(await standing("A", `${name}-shop.marathon.agentip.dcos.thisdcos.directory`)));
    names.push(...(await standing("SRV", `_${name}-shop._tcp.marathon.mesos`)));
  }
  names.push(...(await standing("A", "leader.mesos")), ...(await standing("A", "slave.mesos")));
  const [dbPage, apiPage, webPage] = ["db", "api", "web"].map((name) => `${name}/${release}`);
  const pages = [
    [`http://db.${zone}/`, dbPage],
    [`http://api.${zone}/`, `${apiPage} ${dbPage}`],
    [`http://web.${zone}/`, `${webPage} ${apiPage} ${dbPage}`],
  ];
  return JSON.stringify({ names, pages });
}

/** A name with its present answer, which must be one. */
async function standing(type: "A" | "SRV", name: string): Promise<readonly unknown[]> {
  const script = `
const { Resolver } = require("node:dns").promises;
const resolver = new Resolver({ timeout: 3000, tries: 3 });
resolver.setServers(["198.51.100.1"]);
const [, type, name] = process.argv;
const ask = type === "A" ? resolver.resolve4(name) : resolver.resolveSrv(name);
ask.then((found) => process.stdout.write(JSON.stringify(
  found.map((one) => (type === "A" ? one : one.name + ":" + one.port)).toSorted())));
`;
  const text = await inside(namespaceOf("public1"), process.execPath, "-e", script, type, name);
  if (text === "") throw new Error(`${name} has no answer`);
  return [[type, name, JSON.parse(text) as unknown]];
}

const dataMachines = ["agent1", "agent2", "public1"];
const registrationMs = 60_000;

it("[TT6] agents register again over 60 s after a failover, master and discovery are killed once more meanwhile: every name and VIP answers all the time", async () => {
  const tasks = (await Promise.all(["db", "api", "web"].map((name) => healthy(name, 2)))).flat();
  const truth = await wholeTruth(3);
  const witnesses = dataMachines.map((name) => startInside(namespaceOf(name), "witness.cjs"));
  for (const witness of witnesses) witness.tell(truth);
  const stopped: number[] = [];
  try {
    for (const machine of dataMachines) stopped.push(await kill(machine, "agent", "SIGSTOP"));
    await kill("master1", "master", "SIGKILL");
    const begunMs = performance.now();
    await eventually("the new master to lead", 90_000, async () =>
      (await activeAgents()) === 0 ? true : undefined,
    );
    for (const [index, machine] of dataMachines.entries()) {
      const dueMs = (registrationMs / dataMachines.length) * (index + 1);
      await eventually("its turn", 2 * registrationMs, () =>
        performance.now() - begunMs > dueMs ? true : undefined,
      );
      expect(await activeAgents()).toBe(index);
      const pid = stopped.shift();
      if (pid !== undefined) process.kill(pid, "SIGCONT");
      await eventually(`${machine} to be back`, 60_000, async () =>
        (await activeAgents()) === index + 1 ? true : undefined,
      );
      if (index !== 0) continue;
      await kill("master1", "master", "SIGKILL");
      await kill("master1", "node", "SIGKILL");
      await eventually("the first one to be back once more", 60_000, async () =>
        (await activeAgents()) === 1 ? true : undefined,
      );
    }
    const after = (await Promise.all(["db", "api", "web"].map((name) => healthy(name, 2)))).flat();
    expect(idsOf(after)).toEqual(idsOf(tasks));
  } finally {
    for (const pid of stopped) process.kill(pid, "SIGCONT");
    await Promise.all(witnesses.map((witness) => witness.end("SIGTERM")));
  }
  for (const witness of witnesses) {
    expect(witness.lines().filter((line) => line.startsWith("wrong"))).toEqual([]);
    const sums = JSON.parse(witness.lines().at(-1) ?? "{}") as Readonly<Record<string, number>>;
    expect(Object.keys(sums)).toHaveLength(17);
    for (const [what, good] of Object.entries(sums)) expect(good, what).toBeGreaterThan(60);
  }
  expect(failures()).toEqual([]);
}, 300_000);

function idsOf(tasks: readonly MarathonTask[]): readonly string[] {
  return tasks.map((task) => task.id).toSorted();
}

/** Whether a machine hears discovery, asked on the machine itself. */
async function hearsDiscovery(machine: string): Promise<boolean> {
  const ip = cluster.up.agents.find(({ name }) => name === machine)?.ip ?? "";
  const script = `fetch("http://${ip}:62080/health").then(async (answer) =>
    process.stdout.write(String((await answer.json()).connected)))`;
  return (await inside(namespaceOf(machine), process.execPath, "-e", script)) === "true";
}

function cable(index: number, state: "up" | "down"): Promise<string> {
  return host("ip", "link", "set", `tt${id}-${String(index)}`, state);
}

it("[TT8] machines are partitioned and healed: who has all backends on his side notices nothing", async () => {
  const [near, far] = cluster.up.agents.map(({ ip }) => ip);
  const only = (ip = "") => ({ constraints: [["hostname", "CLUSTER", ip]] });
  const farApp = { ...tier("far", 1), ...only(far) };
  expect((await cluster.marathon("POST", "/v2/apps", farApp)).status).toBe(201);
  for (const name of ["db", "api", "web"]) await change(name, only(near), 2);
  expect(failures()).toEqual([]);
  const before = await healthy("far", 2);
  await eventually("the far machine to serve itself", 60_000, async () => {
    const question = { name: `far.${zone}`, port: 80, count: 4 };
    const { pages } = await askInside(namespaceOf("agent2"), question);
    return pages.length === 4 && pages.every((page) => page === "far/1") ? true : undefined;
  });
  const farVisitors = visit("agent2", "far", farVisitsPerSecond);
  try {
    // Three sides: the master, the far machine, the others.
    await cable(0, "down");
    await cable(2, "down");
    for (const machine of dataMachines)
      await eventually(`${machine} to notice`, 60_000, async () =>
        (await hearsDiscovery(machine)) ? undefined : true,
      );
    await cable(0, "up");
    await change("api", { instances: 3 }, 3);
    await cable(2, "up");
    for (const machine of dataMachines)
      await eventually(`${machine} to hear again`, 60_000, async () =>
        (await hearsDiscovery(machine)) ? true : undefined,
      );
    expect(idsOf(await healthy("far", 2))).toEqual(idsOf(before));
    expect(failures(farVisitors)).toEqual([]);
    const sums = await sumsOf(farVisitors);
    expect(sums).toMatchObject({ failed: 0 });
    expect(sums.good).toBeGreaterThan(10 * farVisitsPerSecond);
  } finally {
    await cable(0, "up");
    await cable(2, "up");
    await farVisitors.end();
  }
  expect(failures()).toEqual([]);
}, 300_000);

it("[TT7] at the end of it all not one request has failed, and every release was seen", async () => {
  const sums = await sumsOf(visitors);
  expect(failures()).toEqual([]);
  expect(sums).toMatchObject({ failed: 0 });
  expect(sums.good).toBeGreaterThan(10 * requestsPerSecond);
  expect(Object.keys(sums.releases)).toEqual(
    expect.arrayContaining(["web/1 api/1 db/1", "web/2 api/2 db/2", "web/3 api/3 db/3"]),
  );
}, 60_000);
