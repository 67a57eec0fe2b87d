import { chmodSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, TestCluster, type MarathonTask } from "./cluster.ts";
import { askInside } from "./inside-machine.ts";
import { startInside, type InsideProcess } from "./inside-process.ts";

const host = "web.marathon.l4lb.thisdcos.directory";
const requestsPerSecond = 25;
const instances = 4;

let cluster: TestCluster;
/** What tasks run, where the user nobody can read it: Node and the programs. */
let programs: string;
let visitors: InsideProcess | undefined;

/** A server that ends at once on SIGTERM, on at least two machines, as the README documents it. */
function web(): Record<string, unknown> {
  return {
    id: "/web",
    cmd: `exec ${join(programs, "node")} ${join(programs, "tier.cjs")} web 1`,
    cpus: 0.05,
    mem: 96,
    instances,
    acceptedResourceRoles: ["*", "slave_public"],
    constraints: [["hostname", "MAX_PER", "2"]],
    portDefinitions: [{ port: 0, name: "http", labels: { VIP_0: "/web:80" } }],
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

beforeAll(async () => {
  programs = mkdtempSync(join(tmpdir(), "tutti-drain-"));
  chmodSync(programs, 0o755);
  copyFileSync(process.execPath, join(programs, "node"));
  cpSync(fileURLToPath(new URL("../programs/", import.meta.url)), programs, { recursive: true });
  cluster = await TestCluster.start(["--no-sample"]);
  expect((await cluster.marathon("POST", "/v2/apps", web())).status).toBe(201);
  await healthy();
  const text = readFileSync(join(cluster.dir, "cluster.json"), "utf8");
  const namespace = `tutti-${(JSON.parse(text) as { id: string }).id}-public1`;
  await eventually("a page by its virtual IP", 60_000, async () => {
    const { pages } = await askInside(namespace, { name: host, port: 80, count: 4 });
    return pages.every((page) => page === "web/1") && pages.length === 4 ? true : undefined;
  });
  visitors = startInside(namespace, "visitors.cjs", `http://${host}/`, String(requestsPerSecond));
}, 300_000);

afterAll(async () => {
  await visitors?.end();
  await cluster.down();
  rmSync(programs, { recursive: true, force: true });
}, 120_000);

/** Waits until all instances run and are healthy. */
function healthy(): Promise<readonly MarathonTask[]> {
  return eventually("healthy instances", 90_000, async () => {
    const tasks = await cluster.tasks("/web");
    const alive = tasks.filter(({ healthCheckResults: results }) =>
      results?.some((check) => check.alive),
    );
    return alive.length === instances && tasks.length === instances ? alive : undefined;
  });
}

function failures(): readonly string[] {
  return visitors?.lines().filter((line) => line.startsWith('{"atMs"')) ?? ["nobody visits"];
}

interface NodeRow {
  readonly name: string;
  readonly ip: string;
  readonly status: string;
}

async function nodes(): Promise<readonly NodeRow[]> {
  const { stdout } = await cluster.cli("node", "list", "--json");
  return (JSON.parse(stdout) as { nodes: readonly NodeRow[] }).nodes;
}

/** A machine with instances, other than `except`. */
async function machineWithInstances(except?: string): Promise<NodeRow> {
  const hosts = new Set((await healthy()).map((task) => task.host));
  const found = (await nodes()).find(({ ip, name }) => hosts.has(ip) && name !== except);
  if (found === undefined) throw new Error("no machine has instances");
  return found;
}

async function kill(machine: string, name: string): Promise<void> {
  const found = await cluster.process(machine, name);
  if (found === undefined) throw new Error(`${machine} has no ${name}`);
  process.kill(found.pid, "SIGKILL");
}

/** Drains a machine to its end; its instances run elsewhere, and nobody has noticed. */
async function drained({ name, ip }: NodeRow): Promise<void> {
  const outcome = await cluster.cli("node", "drain", name, "--timeout", "90");
  expect(outcome, outcome.stderr).toMatchObject({ exitCode: 0 });
  expect((await nodes()).find((node) => node.name === name)?.status).toBe("drained");
  const tasks = await healthy();
  expect(tasks.filter((task) => task.host === ip)).toEqual([]);
  expect(failures()).toEqual([]);
}

it("[ND1] a machine is drained under load without a failed request, although its servers end at once on SIGTERM", async () => {
  const machine = await machineWithInstances();
  await drained(machine);
  const explained = await cluster.cli("node", "reactivate", machine.name);
  expect(explained.exitCode).toBe(0);
  expect((await nodes()).find(({ name }) => name === machine.name)?.status).toBe("active");
}, 240_000);

it("[ND2] the same while the master, discovery and the machine's agent are killed", async () => {
  const machine = await machineWithInstances();
  expect((await cluster.cli("node", "drain", machine.name, "--no-wait")).exitCode).toBe(0);
  await kill(machine.name, "agent");
  await kill("master1", "master");
  await kill("master1", "node");
  await eventually("the drain to go on", 90_000, async () => {
    const outcome = await cluster.cli("node", "drain", machine.name, "--timeout", "60");
    return outcome.exitCode === 0 ? true : undefined;
  });
  await drained(machine);
  expect((await cluster.cli("node", "reactivate", machine.name)).exitCode).toBe(0);
}, 300_000);

it("[ND3] a machine that was drained is used again", async () => {
  const [first] = await healthy();
  const before = await nodes();
  const empty = before.find(({ ip }) => ip !== first?.host);
  expect(before.map(({ status }) => status)).toEqual(["active", "active", "active"]);
  const answer = await cluster.marathon("PUT", "/v2/apps/web?force=true", { instances: 6 });
  expect(answer.status).toBe(200);
  await eventually("two instances on each machine", 90_000, async () => {
    const hosts = (await cluster.tasks("/web"))
      .filter(({ state }) => state === "TASK_RUNNING")
      .map((task) => task.host);
    return hosts.length === 6 && hosts.includes(empty?.ip ?? "") ? true : undefined;
  });
  expect(failures()).toEqual([]);
}, 180_000);

it("[ND1] [ND2] the sum over all of it: not one failed request", async () => {
  await visitors?.end("SIGTERM");
  const sums = JSON.parse(visitors?.lines().at(-1) ?? "{}") as { good: number; failed: number };
  console.error(`${String(sums.good)} requests`);
  expect(sums.failed).toBe(0);
  expect(sums.good).toBeGreaterThan(requestsPerSecond * 4);
});
