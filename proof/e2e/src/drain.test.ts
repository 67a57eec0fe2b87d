import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, TestCluster } from "./cluster.ts";

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(["--no-sample"]);
}, 120_000);

afterAll(async () => {
  await cluster.down();
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
  await eventually(`${id} is a backend`, 30_000, async () =>
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
  expect(await heldMs("/quick", 60)).toBeLessThan(15_000);
}, 180_000);

it("[AGT36] [DSC39] while one machine's process stands still the hold lasts drainSeconds", async () => {
  const process_ = await cluster.process("public1", "node");
  if (process_?.pid === undefined) throw new Error("public1 has no node process");
  process.kill(process_.pid, "SIGSTOP");
  try {
    expect(await heldMs("/late", 8)).toBeGreaterThan(7_500);
  } finally {
    process.kill(process_.pid, "SIGCONT");
  }
}, 180_000);
