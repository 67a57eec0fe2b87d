import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, TestCluster, type MarathonTask } from "./cluster.ts";
import { askInside } from "./inside-machine.ts";

const zone = "marathon.l4lb.thisdcos.directory";
const requestsPerSecond = 25;

let cluster: TestCluster;
/** What tasks run, where the user nobody can read it: Node and the programs. */
let programs: string;
let id: string;
let visitors: ChildProcess | undefined;
let output = "";

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
    const { pages } = await askInside(`tutti-${id}-public1`, question);
    return pages.length === 6 && pages.every((page) => page === "web/1 api/1 db/1")
      ? true
      : undefined;
  });
  visitors = spawn(
    "nsenter",
    [
      `--net=/run/netns/tutti-${id}-public1`,
      "--",
      process.execPath,
      join(programs, "visitors.cjs"),
      `http://web.${zone}/`,
      String(requestsPerSecond),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  visitors.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
}, 300_000);

afterAll(async () => {
  visitors?.kill("SIGKILL");
  await cluster.down();
  rmSync(programs, { recursive: true, force: true });
}, 120_000);

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

function failures(): readonly string[] {
  return output.split("\n").filter((line) => line.startsWith('{"atMs"'));
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

it("[TT6] agents that re-register late after a failover of the master keep their names and VIPs", async () => {
  const stopped = [
    await kill("agent1", "agent", "SIGSTOP"),
    await kill("agent2", "agent", "SIGSTOP"),
  ];
  try {
    await kill("master1", "master", "SIGKILL");
    await eventually("the new master to lead", 30_000, async () => {
      const response = await fetch(`${cluster.masterUrl}/health`);
      return response.status === 200 ? true : undefined;
    });
    // One agent after the other: the master knows half of the tasks meanwhile.
    for (const pid of stopped.splice(0, 1)) process.kill(pid, "SIGCONT");
    await eventually("one agent to be back", 60_000, async () => {
      const response = await fetch(`${cluster.masterUrl}/slaves`);
      const { slaves } = (await response.json()) as { slaves: readonly { active: boolean }[] };
      return slaves.filter(({ active }) => active).length >= 2 ? true : undefined;
    });
    const question = { name: `web.${zone}`, port: 80, count: 12 };
    const { pages } = await askInside(`tutti-${id}-public1`, question);
    expect(pages.filter((page) => page !== "web/3 api/3 db/3")).toEqual([]);
  } finally {
    for (const pid of stopped) process.kill(pid, "SIGCONT");
  }
  expect(failures()).toEqual([]);
}, 240_000);

it("[TT7] at the end of it all not one request has failed, and every release was seen", async () => {
  const ended = new Promise((resolve) => visitors?.on("close", resolve));
  // nsenter has become the program itself.
  visitors?.kill("SIGTERM");
  await ended;
  const sums = JSON.parse(output.trim().split("\n").at(-1) ?? "{}") as Sums;
  expect(failures()).toEqual([]);
  expect(sums).toMatchObject({ failed: 0 });
  expect(sums.good).toBeGreaterThan(10 * requestsPerSecond);
  expect(Object.keys(sums.releases)).toEqual(
    expect.arrayContaining(["web/1 api/1 db/1", "web/2 api/2 db/2", "web/3 api/3 db/3"]),
  );
}, 60_000);
