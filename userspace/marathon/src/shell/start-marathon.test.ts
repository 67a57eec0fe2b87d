import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchJson, httpRequest } from "@tutti/http";
import type { JsonResponse } from "@tutti/http";
import type { RunningMarathon } from "./config.ts";
import { startMarathon } from "./start-marathon.ts";

const secret = "s3cret";
const stateDir = mkdtempSync(join(tmpdir(), "tutti-marathon-"));
let marathon: RunningMarathon;

/** No master answers at this address: apps wait, everything else works. */
function start(): Promise<RunningMarathon> {
  return startMarathon({
    ip: "127.0.0.1",
    port: 0,
    masters: ["http://127.0.0.1:1"],
    secret,
    open: false,
    stateDir,
    log: () => undefined,
  });
}

function call(
  method: string,
  path: string,
  options: { readonly json?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<JsonResponse> {
  return fetchJson({
    method,
    url: marathon.url + path,
    headers: { Authorization: `Bearer ${secret}`, ...options.headers },
    ...(options.json === undefined ? {} : { json: options.json }),
  });
}

beforeAll(async () => {
  marathon = await start();
});

afterAll(async () => {
  await marathon.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const web = { id: "/web", cmd: "sleep 1000", cpus: 0.1, mem: 32, labels: { team: "core" } };

describe("Marathon's API", () => {
  it("[MAR3] creates an app: 201, its place, its deployment", async () => {
    const created = await call("POST", "/v2/apps/?force=false", { json: web });
    expect(created.status).toBe(201);
    expect(created.headers).toMatchObject({
      location: "/v2/apps/web",
      "x-marathon-leader": marathon.url,
      "x-frame-options": "DENY",
    });
    const id = created.headers["marathon-deployment-id"];
    expect(created.json).toMatchObject({ id: "/web", instances: 1, deployments: [{ id }] });
  });

  const refusals: readonly {
    readonly name: string;
    readonly method: string;
    readonly path: string;
    readonly json?: unknown;
    readonly status: number;
    readonly body: unknown;
  }[] = [
    {
      name: "[MAR3] a second app with the same id",
      method: "POST",
      path: "/v2/apps",
      json: web,
      status: 409,
      body: { message: "An app with id [/web] already exists." },
    },
    {
      name: "[APP1] a wrong type",
      method: "POST",
      path: "/v2/apps",
      json: { ...web, cpus: "much" },
      status: 422,
      body: {
        message: "Invalid JSON",
        details: [{ path: "/cpus", errors: ["must be a number, got the string 'much'"] }],
      },
    },
    {
      name: "[APP8] a broken rule",
      method: "POST",
      path: "/v2/apps",
      json: { id: "/Upper", cmd: "x" },
      status: 422,
      body: expect.objectContaining({
        message: "Object is not valid",
        details: [expect.objectContaining({ path: "/id" })],
      }),
    },
    {
      name: "[MAR4] an unknown app",
      method: "GET",
      path: "/v2/apps/absent",
      status: 404,
      body: { message: "App '/absent' does not exist" },
    },
    {
      name: "[MAR4] a patch of an unknown app",
      method: "PATCH",
      path: "/v2/apps/absent",
      json: { instances: 2 },
      status: 404,
      body: { message: "App '/absent' does not exist" },
    },
    {
      name: "[MAR26] a change of a locked app",
      method: "PUT",
      path: "/v2/apps/web",
      json: { instances: 3 },
      status: 409,
      body: expect.objectContaining({ deployments: [{ id: expect.any(String) }] }),
    },
    {
      name: "[MAR41] an unknown path",
      method: "GET",
      path: "/v2/absent",
      status: 404,
      body: { message: "URI not found: /v2/absent" },
    },
    {
      name: "[MAR41] a wrong method",
      method: "DELETE",
      path: "/v2/apps",
      status: 405,
      body: {
        message:
          "Method Not Allowed: DELETE is not possible here, use GET or POST or PUT or PATCH or HEAD.",
      },
    },
    {
      name: "[MAR41] a body that is too large",
      method: "POST",
      path: "/v2/apps",
      json: { ...web, cmd: "x".repeat(2_000_000) },
      status: 413,
      body: { message: "The body may have at most 1048576 bytes: split the request." },
    },
    {
      name: "[APP10] a broken selector",
      method: "GET",
      path: "/v2/apps?label=a%20like%20b",
      status: 422,
      body: expect.objectContaining({ message: expect.stringContaining("label selector") }),
    },
    {
      name: "[MAR28] an unknown deployment",
      method: "DELETE",
      path: "/v2/deployments/absent",
      status: 404,
      body: { message: "DeploymentPlan absent does not exist" },
    },
    {
      name: "[MAR7] scale and wipe at once",
      method: "DELETE",
      path: "/v2/apps/web/tasks?scale=true&wipe=true",
      status: 400,
      body: { message: "You cannot use scale and wipe at the same time." },
    },
    {
      name: "[MAR7] an unknown task",
      method: "DELETE",
      path: "/v2/apps/web/tasks/absent",
      status: 404,
      body: { message: "Task 'absent' does not exist" },
    },
  ];
  for (const { name, method, path, json, status, body } of refusals) {
    it(`${name}: ${status}`, async () => {
      const answer = await call(method, path, json === undefined ? {} : { json });
      expect({ status: answer.status, body: answer.json }).toEqual({ status, body });
    });
  }

  it("[APP1] broken JSON: 400, and where", async () => {
    const response = await httpRequest({
      method: "POST",
      url: `${marathon.url}/v2/apps`,
      headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
      body: '{"id": ',
    });
    expect(response.status).toBe(400);
    expect(JSON.parse(await response.text())).toMatchObject({
      message: "Invalid JSON",
      details: [{ path: "/" }],
    });
  });

  it("[MAR41] another type of body: 415", async () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await call("POST", "/v2/apps", { json: web, headers })).status).toBe(415);
  });

  it("[MAR8] without the secret: 401, and what to do; reading is free", async () => {
    const answer = await fetchJson({
      method: "POST",
      url: `${marathon.url}/v2/apps`,
      json: web,
      headers: { Authorization: "Bearer wrong" },
    });
    expect(answer.status).toBe(401);
    expect(answer.json).toMatchObject({ message: expect.stringContaining("Authorization") });
    const read = await fetchJson({ method: "GET", url: `${marathon.url}/v2/apps` });
    expect(read.status).toBe(200);
  });

  const reads: readonly (readonly [string, unknown])[] = [
    ["/v2/apps/?embed=apps.tasks", { apps: [{ id: "/web", tasks: [], tasksRunning: 0 }] }],
    ["/v2/apps?label=team%3D%3Dcore", { apps: [{ id: "/web" }] }],
    ["/v2/apps?label=team%3D%3Dother", { apps: [] }],
    ["/v2/apps?id=WE&cmd=sleep", { apps: [{ id: "/web" }] }],
    ["/v2/apps//web", { app: { id: "/web", tasks: [] } }],
    ["/v2/apps/*", { "*": [{ id: "/web" }] }],
    ["/v2/apps/web/tasks", { tasks: [] }],
    ["/v2/apps/web/versions", { versions: [expect.any(String)] }],
    ["/v2/tasks?status=running", { tasks: [] }],
    ["/v2/deployments", [{ affectedApps: ["/web"], currentStep: 2, totalSteps: 2 }]],
    ["/v2/groups", { id: "/", apps: [{ id: "/web" }], groups: [] }],
    [
      "/v2/info",
      {
        name: "marathon",
        elected: true,
        masterConnection: { connected: false, reason: expect.any(String) },
      },
    ],
    ["/metrics", { gauges: { "marathon.apps.active.gauge": { value: 1 } } }],
    [
      "/v2/queue",
      {
        queue: [
          {
            app: { id: "/web" },
            count: 1,
            delay: { timeLeftSeconds: 0, overdue: true },
            why: expect.stringContaining("no connection to the master"),
          },
        ],
      },
    ],
  ];
  for (const [path, expected] of reads) {
    it(`[MAR42] GET ${path}`, async () => {
      const answer = await call("GET", path);
      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject(expected as object);
    });
  }

  it("[MAR42] a version of an app", async () => {
    const { json } = await call("GET", "/v2/apps/web/versions");
    const [version] = (json as { readonly versions: readonly string[] }).versions;
    expect((await call("GET", `/v2/apps/web/versions/${version ?? ""}`)).json).toMatchObject({
      id: "/web",
      version,
    });
    expect((await call("GET", "/v2/apps/web/versions/2000-01-01T00:00:00.000Z")).status).toBe(404);
  });

  it("[MAR42] tasks as lines of endpoints", async () => {
    const answer = await call("GET", "/v2/tasks", { headers: { Accept: "text/plain" } });
    expect(answer.text).toMatch(/^web\t\d+\t\n$/);
  });

  it("[MAR42] /ping", async () => {
    expect((await call("GET", "/ping")).text).toBe("pong");
  });

  it("[MAR43] the event stream tells of itself and of what was asked for", async () => {
    const response = await httpRequest({
      method: "GET",
      url: `${marathon.url}/v2/events?event_type=event_stream_attached&event_type=api_post_event`,
      headers: { Accept: "text/event-stream" },
      dedicated: true,
      bodyTimeoutMs: 10_000,
    });
    expect(response.headers["content-type"]).toContain("text/event-stream");
    await call("PUT", "/v2/apps/streamed", { json: { cmd: "true", instances: 0 } });
    let text = "";
    for await (const chunk of response.stream()) {
      text += new TextDecoder().decode(chunk);
      if (text.includes("api_post_event\ndata") && text.endsWith("\n\n")) break;
    }
    response.cancel();
    expect(text).toMatch(/event: event_stream_attached\ndata: \{"remoteAddress":"127\.0\.0\.1"/);
    expect(text).toContain('"clientIp":"127.0.0.1","uri":"/v2/apps/streamed"');
    expect(text).not.toContain("deployment_info");
  });

  it("[MAR43] the event stream is nothing else", async () => {
    const headers = { Accept: "application/json" };
    expect((await call("GET", "/v2/events", { headers })).status).toBe(406);
  });

  it("[MAR27] started again, it knows its apps and goes on with their deployments", async () => {
    const before = (await call("GET", "/v2/deployments")).json as readonly { id: string }[];
    await marathon.stop();
    marathon = await start();
    expect((await call("GET", "/v2/apps/web")).status).toBe(200);
    const after = (await call("GET", "/v2/deployments")).json as readonly { id: string }[];
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    const [first] = after;
    const rollback = await call("DELETE", `/v2/deployments/${first?.id ?? ""}`);
    expect(rollback.status).toBe(200);
    expect((await call("GET", "/v2/apps/web")).status).toBe(404);
  });
});
