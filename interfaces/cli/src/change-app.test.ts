import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ScriptedCluster, until } from "./testing/scripted-cluster.ts";

let cluster = await ScriptedCluster.start();

beforeEach(async () => {
  await cluster.close();
  cluster = await ScriptedCluster.start();
  cluster.on("GET /v2/deployments", { status: 200, json: [] });
});

afterAll(() => cluster.close());

const result = { version: "2026-11-22T10:00:00.000Z", deploymentId: "d-1" };
const web = { id: "/web", version: result.version, instances: 2, tasksRunning: 2 };

function deployment(why: string, currentStep = 1): object {
  return {
    id: "d-1",
    version: result.version,
    affectedApps: ["/web"],
    affectedPods: [],
    steps: [],
    currentActions: [{ action: "ScaleApplication", app: "/web" }],
    currentStep,
    totalSteps: 2,
    why,
  };
}

/** The deployment shows itself `times` times, is gone afterwards, and then `event` is heard. */
function scriptDeployment(times: number, event?: "deployment_success" | "deployment_failed"): void {
  let left = times;
  cluster.on("GET /v2/deployments", () => {
    left -= 1;
    if (left >= 0) return { status: 200, json: [deployment("1 of 2 instances run")] };
    if (event !== undefined) cluster.publish({ eventType: event, id: "d-1", reason: "cancelled" });
    return { status: 200, json: [] };
  });
}

function scriptApp(app: object): void {
  cluster.on("GET /v2/apps/web", { status: 200, json: { app } });
}

function isChange({ method }: { readonly method: string }): boolean {
  return method !== "GET";
}

describe("waiting for a deployment", () => {
  it("[CLI10, CLI11] add posts the definition and waits for the event of the end", async () => {
    cluster.on("POST /v2/apps", { status: 201, json: { ...web, deployments: [{ id: "d-1" }] } });
    scriptApp(web);
    scriptDeployment(2, "deployment_success");
    const definition = { id: "/web", cmd: "sleep 1000", instances: 2 };
    const run = await cluster.run(["app", "add", "-"], { stdin: JSON.stringify(definition) });
    expect(run.stdout).toBe("/web: 2 of 2 instances run.\n");
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toBe(
      "deployment d-1: step 1 of 2, ScaleApplication /web: 1 of 2 instances run (0 s)\n",
    );
    const post = cluster.seen.find((request) => request.method === "POST");
    expect(post).toMatchObject({ target: "/v2/apps", body: definition });
    expect(cluster.seen[0]?.target).toMatch(/^\/v2\/events\?event_type=deployment_success/);
  });

  it("[CLI73] what is wrong with names and labels is told before the wait, and once", async () => {
    cluster.on("PATCH /v2/apps/web", { status: 200, json: result });
    scriptDeployment(1);
    const message = "In DNS it has the same name as /we.b.";
    scriptApp({ ...web, warnings: [{ code: "NAMES_COLLAPSE", message }] });
    const run = await cluster.run(["app", "scale", "/web", "2"]);
    expect(run).toMatchObject({ exitCode: 0, stdout: "/web: 2 of 2 instances run.\n" });
    expect(run.stderr).toMatch(
      /^Warning: In DNS it has the same name as \/we\.b\.\ndeployment d-1: /,
    );
    expect(run.stderr.split("Warning: ")).toHaveLength(2);
    const unwaited = await cluster.run(["app", "scale", "/web", "2", "--no-wait"]);
    expect(unwaited.stderr).toBe("Warning: In DNS it has the same name as /we.b.\n");
  });

  it("[CLI11] without an event the app itself tells", async () => {
    cluster.on("PATCH /v2/apps/web", { status: 200, json: result });
    scriptDeployment(1);
    scriptApp(web);
    const run = await cluster.run(["app", "scale", "/web", "2", "--json"]);
    expect(run).toEqual({
      exitCode: 0,
      stdout: `${JSON.stringify({ id: "/web", ...result, outcome: "success" })}\n`,
      stderr: "",
    });
    scriptDeployment(1);
    scriptApp({ ...web, version: "2025-01-01T00:00:00.000Z" });
    expect(await cluster.run(["app", "scale", "/web", "2"])).toMatchObject({ exitCode: 0 });
    scriptDeployment(1);
    scriptApp({ ...web, instances: 1, version: "2025-01-01T00:00:00.000Z" });
    const rolledBack = await cluster.run(["app", "scale", "/web", "2", "--json"]);
    expect(rolledBack.exitCode).toBe(6);
    expect(JSON.parse(rolledBack.stderr)).toMatchObject({ error: { code: "DEPLOYMENT_FAILED" } });
  });

  it("[CLI11] a deployment that failed", async () => {
    cluster.on("POST /v2/apps/web/restart", { status: 200, json: result });
    scriptApp(web);
    scriptDeployment(1, "deployment_failed");
    const run = await cluster.run(["app", "restart", "/web"]);
    expect(run.exitCode).toBe(6);
    expect(run.stdout).toBe("");
    expect(run.stderr).toContain("tutti: Deployment d-1 failed or was cancelled: cancelled.");
  });

  it("[CLI11] instances that ran and have fallen since are no success", async () => {
    cluster.on("POST /v2/apps", { status: 201, json: { ...web, deployments: [{ id: "d-1" }] } });
    scriptDeployment(1, "deployment_success");
    scriptApp({
      ...web,
      tasksRunning: 0,
      lastTaskFailure: {
        state: "TASK_FAILED",
        message: "Command exited with status 3",
        version: web.version,
        timestamp: "2026-11-22T10:00:01.000Z",
      },
    });
    const definition = { id: "/web", cmd: "exit 3", instances: 2 };
    const run = await cluster.run(["app", "add", "-"], { stdin: JSON.stringify(definition) });
    expect(run.exitCode).toBe(6);
    expect(run.stderr).toContain(
      "/web starts and ends again: exit status 3 (0 of 2 instances run).",
    );
    expect(run.stderr).toContain("./tutti task log /web");
  });

  it("[CLI11] an instance that was refused printed nothing", async () => {
    cluster.on("PATCH /v2/apps/web", { status: 200, json: result });
    scriptDeployment(1, "deployment_success");
    const refused = { state: "TASK_ERROR", message: "Task may not run as user 'root'" };
    const later = { version: result.version, timestamp: "2099-11-22T10:00:01.000Z" };
    scriptApp({ ...web, tasksRunning: 0, lastTaskFailure: { ...refused, ...later } });
    const run = await cluster.run(["app", "scale", "/web", "2"]);
    expect(run.exitCode).toBe(6);
    expect(run.stderr).toContain("with ./tutti app update /web NAME=VALUE.");
    expect(run.stderr).not.toContain("task log");
  });

  it("[CLI10] what the cluster refuses again and again is not waited for", async () => {
    cluster.on("POST /v2/apps", { status: 201, json: { ...web, deployments: [{ id: "d-1" }] } });
    scriptDeployment(1000);
    let asked = 0;
    cluster.on("GET /v2/apps/web", () => {
      asked += 1;
      const lastTaskFailure = {
        state: "TASK_ERROR",
        message: "Task may not run as user 'root'",
        taskId: `web.${String(asked)}`,
        version: web.version,
        timestamp: web.version,
        host: "10.0.0.1",
      };
      return { status: 200, json: { app: { ...web, tasksRunning: 0, lastTaskFailure } } };
    });
    const run = await cluster.run(["app", "add", "-"], { stdin: '{"id":"/web","user":"root"}' });
    expect(run).toMatchObject({ exitCode: 6, stdout: "" });
    expect(run.stderr).toBe(
      [
        "deployment d-1: step 1 of 2, ScaleApplication /web: 1 of 2 instances run (0 s)",
        "tutti: /web: the cluster refuses its instances; the deployment goes on trying.",
        "  TASK_ERROR: Task may not run as user 'root'",
        "Change its definition with ./tutti app update /web FILE --force, or end it with ./tutti app remove /web --force.",
        "",
      ].join("\n"),
    );
  });

  it("[CLI10] what would help is told once, with a default that nobody has written down", async () => {
    cluster.on("POST /v2/apps", { status: 201, json: { ...web, deployments: [{ id: "d-1" }] } });
    scriptApp({ ...web, tasksRunning: 0 });
    scriptDeployment(8, "deployment_success");
    const explanation = {
      reasons: ["INSUFFICIENT_CPUS"],
      advice: ["Lower cpus, or add a machine."],
    };
    cluster.on("GET /v2/queue", {
      status: 200,
      json: { queue: [{ app: { id: "/web" }, explanation }] },
    });
    const run = await cluster.run(["app", "add", "-"], { stdin: '{"id":"/web","cmd":"x"}' });
    const advice =
      '  Its definition does not say how many cpus: each instance asks for 1, Marathon\'s default. A small program needs less, such as "cpus": 0.1.\n' +
      "  Lower cpus, or add a machine.\n";
    expect(run.stderr.split(advice)).toHaveLength(2);
    scriptDeployment(4, "deployment_success");
    const said = await cluster.run(["app", "add", "-"], { stdin: '{"id":"/web","cpus":1}' });
    expect(said.stderr).toContain("\n  Lower cpus, or add a machine.\n");
    expect(said.stderr).not.toContain("default");
  });

  it.each([
    ["with an error", "exit status 3", "See why with ./tutti explain /web"],
    ["without one", "exit status 0", "An app's command is to go on running."],
  ])(
    "[CLI11] an instance that ends %s right after its start does not run",
    async (name, how, hint) => {
      cluster.on("POST /v2/apps", { status: 201, json: { ...web, deployments: [{ id: "d-1" }] } });
      scriptDeployment(1, "deployment_success");
      const startedAt = "2026-11-22T10:00:00.500Z";
      const tasks = ["t1", "t2"].map((id) => ({ id, state: "TASK_RUNNING", startedAt }));
      const [, second] = tasks;
      const lastTaskFailure = {
        state: "TASK_FAILED",
        message: "Command exited with status 3",
        version: web.version,
        timestamp: startedAt,
      };
      let looks = 0;
      cluster.on("GET /v2/apps/web", (_seen, query) => {
        if (query.getAll("embed").includes("app.counts")) looks += 1;
        if (looks < 2) return { status: 200, json: { app: { ...web, tasks } } };
        const later = { ...web, tasks: [second, { ...second, id: "t3" }] };
        const failed = name === "with an error" ? { ...later, lastTaskFailure } : later;
        return { status: 200, json: { app: failed } };
      });
      const run = await cluster.run(["app", "add", "-"], { stdin: '{"id":"/web","cmd":"x"}' });
      expect(run).toMatchObject({ exitCode: 6, stdout: "" });
      expect(run.stderr).toContain(`/web starts and ends again: ${how} (2 of 2 instances run).`);
      expect(run.stderr).toContain(hint);
    },
  );

  it("[CLI11] nothing runs, and Marathon waits before it tries again", async () => {
    cluster.on("POST /v2/apps", { status: 201, json: { ...web, deployments: [{ id: "d-1" }] } });
    scriptDeployment(1, "deployment_success");
    scriptApp({ ...web, tasksRunning: 0, tasks: [] });
    const queue = [{ app: { id: "/web" }, delay: { timeLeftSeconds: 2 } }];
    cluster.on("GET /v2/queue", { status: 200, json: { queue } });
    const run = await cluster.run(["app", "add", "-"], { stdin: '{"id":"/web","cmd":"true"}' });
    expect(run.exitCode).toBe(6);
    expect(run.stderr).toContain(
      "/web starts and ends again: exit status 0 (0 of 2 instances run).",
    );
  });

  it("[CLI10] one sentence in which only numbers change is told once", async () => {
    cluster.on("PATCH /v2/apps/web", { status: 200, json: result });
    scriptApp(web);
    let left = 4;
    cluster.on("GET /v2/deployments", () => {
      left -= 1;
      const why = `the next try is in ${String(left)} s`;
      return { status: 200, json: left > 0 ? [deployment(why)] : [] };
    });
    const run = await cluster.run(["app", "scale", "/web", "2"]);
    expect(run.stderr.match(/the next try is in/gu)).toHaveLength(1);
  });

  it("[CLI41] an app that is unknown, and one that is there already", async () => {
    cluster.on("PATCH /v2/apps/wbe", {
      status: 404,
      json: { message: "App '/wbe' does not exist" },
    });
    cluster.on("GET /v2/apps", { status: 200, json: { apps: [web] } });
    const scaled = await cluster.run(["app", "scale", "/wbe", "2"]);
    expect(scaled).toMatchObject({
      exitCode: 4,
      stderr: "tutti: There is no app /wbe.\nDid you mean /web?\n",
    });
    const message = "An app with id [/web] already exists.";
    cluster.on("POST /v2/apps", { status: 409, json: { message } });
    const added = await cluster.run(["app", "add", "-"], { stdin: '{"id":"/web","cmd":"true"}' });
    expect(added.exitCode).toBe(5);
    expect(added.stderr).toBe(
      `tutti: ${message}\nSee it with ./tutti app show /web; change it with ./tutti app update /web FILE.\n`,
    );
  });

  it("[CLI10] patience ends, the deployment goes on", async () => {
    cluster.on("PATCH /v2/apps/web", { status: 200, json: result });
    scriptDeployment(1000);
    const run = await cluster.run(["app", "scale", "/web", "2", "--timeout", "0.5"]);
    expect(run.exitCode).toBe(6);
    expect(run.stderr).toContain("has not ended within 0.5 s; it goes on.");
    expect(run.stderr).toContain("./tutti deployment cancel d-1");
  });

  it("[CLI10] while Marathon is away it goes on trying", async () => {
    cluster.on("PATCH /v2/apps/web", { status: 200, json: result });
    scriptDeployment(1000);
    scriptApp(web);
    const live = cluster.runLive(["app", "scale", "/web", "2"]);
    await until("progress", () => live.notes().includes("step 1 of 2"));
    cluster.isAway = true;
    await until("it is away", () => live.notes().includes("cannot be reached, trying again"));
    scriptDeployment(0);
    cluster.isAway = false;
    expect(await live.ended).toMatchObject({
      exitCode: 0,
      stdout: "/web: 2 of 2 instances run.\n",
    });
  });

  it("[CLI3] interrupted while waiting", async () => {
    cluster.on("PATCH /v2/apps/web", { status: 200, json: result });
    scriptDeployment(1000);
    const stop = new AbortController();
    const live = cluster.runLive(["app", "scale", "/web", "2"], { signal: stop.signal });
    await until("progress", () => live.notes().includes("step 1 of 2"));
    stop.abort();
    expect(await live.ended).toMatchObject({ exitCode: 130 });
  });

  it("[CLI10] --no-wait returns at once, --force overrides", async () => {
    cluster.on("DELETE /v2/apps/shop/web", { status: 200, json: result });
    const run = await cluster.run(["app", "remove", "shop/web", "--no-wait", "--force"]);
    expect(run).toEqual({
      exitCode: 0,
      stdout: "Deployment d-1 of /shop/web has started.\n",
      stderr: "",
    });
    expect(cluster.seen.map((request) => request.target)).toEqual(["/v2/apps/shop/web?force=true"]);
  });

  it("[CLI11] a removed app is gone", async () => {
    cluster.on("DELETE /v2/apps/web", { status: 200, json: result });
    scriptDeployment(1);
    expect(await cluster.run(["app", "remove", "/web"])).toMatchObject({
      exitCode: 0,
      stdout: "/web is removed.\n",
    });
  });

  it("[CLI22] watch waits for all that run, or for one, named by the beginning of its id", async () => {
    expect(await cluster.run(["deployment", "watch"])).toMatchObject({
      exitCode: 0,
      stdout: "No deployment runs.\n",
    });
    scriptDeployment(3, "deployment_success");
    expect(await cluster.run(["deployment", "watch", "d-", "--json"])).toMatchObject({
      exitCode: 0,
      stdout: '{"id":"d-1","apps":["/web"],"outcome":"success"}\n',
    });
    expect(await cluster.run(["deployment", "watch", "d-9"])).toMatchObject({ exitCode: 4 });
  });

  it("[CLI22] cancel rolls back, or stops", async () => {
    cluster.on("GET /v2/deployments", { status: 200, json: [deployment("x")] });
    cluster.on("DELETE /v2/deployments/d-1", (request) =>
      request.target.endsWith("?force=true")
        ? { status: 202 }
        : { status: 200, json: { version: "v", deploymentId: "d-2" } },
    );
    expect(await cluster.run(["deployment", "cancel", "d-1"])).toMatchObject({
      exitCode: 0,
      stdout: "Deployment d-1 is rolled back by deployment d-2.\n",
    });
    expect(await cluster.run(["deployment", "cancel", "d-1", "--force", "--json"])).toMatchObject({
      exitCode: 0,
      stdout: '{"id":"d-1","outcome":"stopped","rollbackDeploymentId":null}\n',
    });
  });
});

describe("app update", () => {
  it.each([
    {
      changes: ["cpus=0.2", "mem=64", "cmd=1", 'constraints=[["hostname","UNIQUE"]]'],
      body: { cpus: 0.2, mem: 64, cmd: "1", constraints: [["hostname", "UNIQUE"]] },
    },
    {
      changes: ["env.MODE=dark", "env.OLD=", "labels.a.b=1"],
      body: { env: { KEEP: "x", MODE: "dark" }, labels: { "a.b": "1" } },
    },
    { changes: ["cmd=a=b c"], body: { cmd: "a=b c" } },
    { changes: ["user=root", "executor="], body: { user: "root", executor: "" } },
  ])("[CLI12] $changes", async ({ changes, body }) => {
    scriptApp({ ...web, env: { KEEP: "x", OLD: "y" }, labels: {} });
    cluster.on("PATCH /v2/apps/web", { status: 200, json: result });
    const run = await cluster.run(["app", "update", "web", ...changes, "--no-wait"]);
    expect(run.exitCode).toBe(0);
    expect(cluster.seen.findLast(isChange)).toMatchObject({ method: "PATCH", body });
  });

  it("[CLI12] nothing that is to change is wrong usage, told at once", async () => {
    const run = await cluster.run(["app", "update", "/web"], { stdin: '{"mem":99}' });
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
    expect(run.stderr).toContain("What is to change of /web is missing.");
    expect(run.stderr).toContain("./tutti app update /web cpus=0.2");
    expect(cluster.seen).toEqual([]);
  });

  it("[CLI12] from standard input", async () => {
    cluster.on("PATCH /v2/apps/web", { status: 200, json: result });
    await cluster.run(["app", "update", "/web", "-", "--no-wait"], { stdin: '{"mem":99}' });
    expect(cluster.seen.findLast(isChange)).toMatchObject({ method: "PATCH", body: { mem: 99 } });
  });
});
