import { chmodSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, TestCluster } from "./cluster.ts";
import { startInside } from "./inside-process.ts";

let cluster: TestCluster;
/** What tasks run, where the user nobody can read it. */
let programs: string;

beforeAll(async () => {
  programs = mkdtempSync(join(tmpdir(), "tutti-drain-"));
  chmodSync(programs, 0o755);
  copyFileSync(process.execPath, join(programs, "node"));
  cpSync(fileURLToPath(new URL("../programs/", import.meta.url)), programs, { recursive: true });
  cluster = await TestCluster.start(["--no-sample"]);
}, 120_000);

afterAll(async () => {
  await cluster.down();
  rmSync(programs, { recursive: true, force: true });
}, 120_000);

/** An app behind a VIP that ends at once on SIGTERM and is to be held for `drainSeconds`. */
function app(id: string, drainSeconds: number): Record<string, unknown> {
  return {
    id,
    cmd: "exec sleep 100000",
    cpus: 0.05,
    mem: 32,
    instances: 1,
    labels: { drainSeconds: String(drainSeconds) },
    portDefinitions: [{ port: 0, name: "http", labels: { VIP_0: `${id}:80` } }],
  };
}

/** Whether the app's VIP has a backend, as discovery's machine lists it. */
async function hasBackend(id: string): Promise<boolean> {
  const { stdout } = await cluster.cli("vip", "list", "--json");
  return new RegExp(`"[^"]*${id.slice(1)}\\.marathon[^]*?"address"`).test(stdout);
}

/** Starts an app, kills its task, and answers how long it was held: from the order to its end, in ms. */
async function heldMs(id: string, drainSeconds: number): Promise<number> {
  expect((await cluster.marathon("POST", "/v2/apps", app(id, drainSeconds))).status).toBe(201);
  const [task] = await eventually(`${id} runs`, 60_000, async () => {
    const tasks = await cluster.tasks(id);
    return tasks[0]?.state === "TASK_RUNNING" ? tasks : undefined;
  });
  await eventually(`${id} is a backend`, 90_000, async () =>
    (await hasBackend(id)) ? true : undefined,
  );
  const startMs = performance.now();
  const order = await cluster.marathon("DELETE", `/v2/apps${id}/tasks?scale=true`);
  expect(order.status).toBe(200);
  await eventually(`${task?.id ?? id} has ended`, (drainSeconds + 30) * 1000, async () =>
    (await cluster.tasks(id)).every((one) => one.id !== task?.id) ? true : undefined,
  );
  const tookMs = performance.now() - startMs;
  console.error(`${id}: a hold of at most ${drainSeconds} s took ${Math.round(tookMs)} ms`);
  return tookMs;
}

it("[AGT36] a killed task's hold is over as soon as every machine has let go, long before drainSeconds", async () => {
  expect(await heldMs("/quick", 60)).toBeLessThan(30_000);
}, 300_000);

it("[AGT36] [DSC39] while one machine's process stands still the hold lasts drainSeconds", async () => {
  const process_ = await cluster.process("public1", "node");
  if (process_?.pid === undefined) throw new Error("public1 has no node process");
  process.kill(process_.pid, "SIGSTOP");
  try {
    expect(await heldMs("/late", 8)).toBeGreaterThan(7_500);
  } finally {
    process.kill(process_.pid, "SIGCONT");
  }
}, 300_000);

const keptRequests = 12;

/** A server that ends each connection after `keptRequests`, and ends at once on SIGTERM. */
function keptApp(release: number): Record<string, unknown> {
  return {
    ...app("/kept", 20),
    cmd: `exec ${join(programs, "node")} ${join(programs, "tier.cjs")} kept ${String(release)}`,
    mem: 96,
    instances: 3,
    env: { REQUESTS_PER_CONNECTION: String(keptRequests) },
    healthChecks: [
      {
        ...{ protocol: "MESOS_HTTP", path: "/health", portIndex: 0, delaySeconds: 0 },
        ...{ gracePeriodSeconds: 30, intervalSeconds: 1, timeoutSeconds: 10 },
      },
    ],
  };
}

/** Waits until so many instances of the app run, none other is left, and no deployment is under way. */
async function settled(count: number): Promise<readonly string[]> {
  return eventually(`${String(count)} instances of /kept`, 120_000, async () => {
    const { body } = await cluster.marathon("GET", "/v2/apps/kept?embed=app.deployments");
    const { app: now } = body as { app: { tasksHealthy: number; deployments: readonly unknown[] } };
    const tasks = await cluster.tasks("/kept");
    return now.deployments.length === 0 && now.tasksHealthy === count && tasks.length === count
      ? tasks.map((task) => task.id)
      : undefined;
  });
}

it("[TT9] clients that keep their connections lose no request while instances are replaced, killed and scaled", async () => {
  expect((await cluster.marathon("POST", "/v2/apps", keptApp(1))).status).toBe(201);
  await settled(3);
  const { id } = JSON.parse(readFileSync(join(cluster.dir, "cluster.json"), "utf8")) as {
    id: string;
  };
  const url = "http://kept.marathon.l4lb.thisdcos.directory/";
  const visitors = startInside(`tutti-${id}-public1`, "visitors.cjs", url, "40", "8");
  try {
    const upgrade = await cluster.marathon("PUT", "/v2/apps/kept", keptApp(2));
    expect(upgrade.status).toBe(200);
    const [victim = ""] = await settled(3);
    const kill = await cluster.marathon("DELETE", `/v2/apps/kept/tasks/${victim}`);
    expect(kill.status).toBe(200);
    await eventually("the killed instance to be replaced", 120_000, async () =>
      (await settled(3)).includes(victim) ? undefined : true,
    );
    const scale = await cluster.marathon("PUT", "/v2/apps/kept", { instances: 1 });
    expect(scale.status).toBe(200);
    await settled(1);
  } finally {
    await visitors.end("SIGTERM");
  }
  const lines = visitors.lines();
  expect(lines.slice(0, -1)).toEqual([]);
  const sums = JSON.parse(lines.at(-1) ?? "{}") as { good: number; onKept: number };
  // Most requests go over connections that were there: of so many one opens each.
  expect(sums.onKept / sums.good).toBeGreaterThan(1 - 2 / keptRequests);
  expect(sums).toMatchObject({ failed: 0, releases: { "kept/1": expect.any(Number) as number } });
}, 480_000);
