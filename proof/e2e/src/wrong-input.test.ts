import { execFile } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCluster, type ProcessStatus } from "./cluster.ts";

const example = fileURLToPath(new URL("../../../sdk/examples/batch/main.ts", import.meta.url));

let cluster: TestCluster;
let pidsBefore: readonly string[];
const kept = { id: "/kept", cmd: "sleep 1000", cpus: 0.1, mem: 32 };

beforeAll(async () => {
  cluster = await TestCluster.start(["--agents", "1", "--public-agents", "0", "--no-sample"]);
  expect((await cluster.marathon("POST", "/v2/apps", kept)).status).toBe(201);
  await eventually("the kept app to run", 30_000, async () =>
    (await cluster.tasks(kept.id)).some((t) => t.state === "TASK_RUNNING") ? true : undefined,
  );
  pidsBefore = await pids();
}, 240_000);

afterAll(async () => {
  await cluster.down();
}, 120_000);

async function pids(): Promise<readonly string[]> {
  const status = await cluster.status();
  return status.machines.flatMap((m) =>
    m.processes.map((p: ProcessStatus) => `${m.name}/${p.name}/${String(p.pid)}`),
  );
}

/** A raw request to Marathon or the master; `secret` is added unless told otherwise. */
async function send(
  url: string,
  options: {
    method?: string;
    body?: string | Uint8Array<ArrayBuffer>;
    headers?: Record<string, string>;
    secret?: boolean;
  },
): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: options.method ?? "POST",
    headers: {
      "content-type": "application/json",
      ...(options.secret === false ? {} : { authorization: `Bearer ${cluster.up.secret}` }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: options.body }),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, text: await response.text() };
}

it("[SDK11] the example framework without the secret ends with 2 and says where the secret is", async () => {
  const state = join(cluster.dir, "batch-state");
  const words = ["--master", cluster.masterUrl, "--state", state, "/dev/null"];
  const outcome = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    const options = { timeout: 30_000, env: { ...process.env, TUTTI_SECRET: "" } };
    execFile(process.execPath, [example, ...words], options, (error, _stdout, stderr) => {
      resolve({ code: error?.code, stderr });
    });
  });
  expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining("TUTTI_SECRET") });
});

describe("Marathon refuses what is wrong, and says what to do", () => {
  const app = (fields: Record<string, unknown>): string =>
    JSON.stringify({ ...kept, id: "/wrong", ...fields });
  const cases: readonly (readonly [string, string, number, RegExp])[] = [
    ["broken JSON", '{"id": "/wrong", ', 400, /Invalid JSON/],
    ["a wrong type", app({ cpus: "many" }), 422, /cpus/],
    ["a negative amount", app({ cpus: -1 }), 422, /cpus/],
    ["a bad id", app({ id: "/Wrong_Id!" }), 422, /id/],
    ["neither cmd nor args", JSON.stringify({ id: "/wrong" }), 422, /cmd|args/],
    [
      "an unknown constraint",
      app({ constraints: [["hostname", "SOMEWHERE"]] }),
      422,
      /constraint/i,
    ],
    ["a port out of range", app({ portDefinitions: [{ port: 70_000 }] }), 422, /port/],
    ["a second app with the same id", JSON.stringify(kept), 409, /already exists/],
  ];
  for (const [name, body, status, text] of cases) {
    it(`[WI1] ${name}: ${String(status)}`, async () => {
      const answer = await send(`${cluster.marathonUrl}/v2/apps`, { body });
      expect(answer.text).toMatch(text);
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.text)).toHaveProperty("message");
    });
  }

  it("[WI1] an unknown field is named", async () => {
    const answer = await send(`${cluster.marathonUrl}/v2/apps`, { body: app({ colour: "red" }) });
    expect([400, 422]).toContain(answer.status);
    expect(answer.text).toMatch(/colour/);
  });

  it("[WI2] a task larger than any agent is accepted, waits, and says why", async () => {
    const large = { id: "/large", cmd: "sleep 1", cpus: 10_000, mem: 32 };
    expect((await cluster.marathon("POST", "/v2/apps", large)).status).toBe(201);
    await eventually("the queue to say why", 30_000, async () => {
      const queue = JSON.stringify((await cluster.marathon("GET", "/v2/queue")).body);
      return queue.includes("/large") && queue.includes("InsufficientCpus") ? true : undefined;
    });
    expect((await cluster.marathon("DELETE", "/v2/apps/large?force=true")).status).toBe(200);
  });

  it("[WI3] an oversized body is refused while it arrives", async () => {
    const answer = await send(`${cluster.marathonUrl}/v2/apps`, {
      body: app({ cmd: "x".repeat(40_000_000) }),
    }).catch((error: unknown) => ({ status: 413, text: String(error) }));
    expect(answer.status).toBe(413);
  });

  it("[WI4] a write without the secret is 401 and says how to get one; a read needs none", async () => {
    const write = await send(`${cluster.marathonUrl}/v2/apps`, { body: app({}), secret: false });
    expect(write.status).toBe(401);
    expect(write.text).toMatch(/Bearer/);
    expect(
      (await send(`${cluster.marathonUrl}/v2/apps`, { method: "GET", secret: false })).status,
    ).toBe(200);
    const wrong = await send(`${cluster.marathonUrl}/v2/apps`, {
      body: app({}),
      headers: { authorization: "Bearer no" },
    });
    expect(wrong.status).toBe(401);
  });

  it("[WI5] a page of another site cannot write, nor a name that is not ours", async () => {
    const foreign = await send(`${cluster.marathonUrl}/v2/apps`, {
      body: app({}),
      headers: { origin: "http://elsewhere.example" },
    });
    expect(foreign.status).toBe(403);
  });
});

describe("the master refuses what is wrong", () => {
  const scheduler = (): string => `${cluster.masterUrl}/api/v1/scheduler`;

  it("[WI6] broken JSON, no content type, an unknown call", async () => {
    expect((await send(scheduler(), { body: "{" })).status).toBe(400);
    expect(
      (await send(scheduler(), { body: "x", headers: { "content-type": "text/plain" } })).status,
    ).toBe(415);
    expect((await send(scheduler(), { body: '{"type":"NO_SUCH_CALL"}' })).status).toBe(400);
    expect((await send(scheduler(), { method: "GET" })).status).toBe(405);
  });

  it("[WI7] a call without the secret is 401", async () => {
    const body = JSON.stringify({
      type: "SUBSCRIBE",
      subscribe: { framework_info: { user: "nobody", name: "x" } },
    });
    expect((await send(scheduler(), { body, secret: false })).status).toBe(401);
  });

  it("[WI8] a framework with a stream id that is not its own is refused, its tasks stay", async () => {
    const frameworks = await send(`${cluster.masterUrl}/frameworks`, { method: "GET" });
    const id = (JSON.parse(frameworks.text) as { frameworks: { id: string }[] }).frameworks[0]?.id;
    const body = JSON.stringify({ framework_id: { value: id }, type: "TEARDOWN" });
    const answer = await send(scheduler(), {
      body,
      headers: { "mesos-stream-id": "00000000-0000-4000-8000-000000000000" },
    });
    expect(answer.status).toBe(400);
  });

  it("[WI9] a slow and a silent client are cut; others are served meanwhile", async () => {
    const address = new URL(cluster.masterUrl);
    const sockets = Array.from({ length: 50 }, () =>
      connect(Number(address.port), address.hostname),
    );
    const gone = sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once("close", () => {
            resolve();
          });
        }),
    );
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.resume();
      socket.write("POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Le");
    }
    expect((await send(`${cluster.masterUrl}/health`, { method: "GET" })).status).toBe(200);
    const ended = Promise.all(gone).then(() => "cut");
    const late = rest(30_000, "still open", { ref: false });
    expect(await Promise.race([ended, late])).toBe("cut");
  }, 60_000);
});

describe("after all that", () => {
  it("[WI10] the same processes live, and what was accepted is there", async () => {
    expect(await pids()).toEqual(pidsBefore);
    const apps = (await cluster.marathon("GET", "/v2/apps")).body as {
      apps: { id: string; tasksRunning: number }[];
    };
    expect(apps.apps.find((a) => a.id === "/kept")?.tasksRunning).toBe(1);
  });
});
