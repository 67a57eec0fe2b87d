import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand, ScriptedCluster } from "./testing/scripted-cluster.ts";

let cluster: ScriptedCluster;

beforeAll(async () => {
  cluster = await ScriptedCluster.start();
  cluster.on("GET /v2/deployments", { status: 200, json: [deployment] });
  cluster.on("GET /v2/apps", { status: 200, json: { apps: [web, batch] } });
  cluster.on("GET /v2/apps/web", { status: 200, json: { app: { ...web, tasks: [task] } } });
  cluster.on("GET /v2/tasks", { status: 200, json: { tasks: [task] } });
  cluster.on("GET /v2/apps/web/tasks", { status: 200, json: { tasks: [task] } });
  cluster.on("GET /v2/queue", { status: 200, json: { queue: [queued] } });
  cluster.on("GET /v2/info", { status: 200, json: { version: "1.11.24", frameworkId: "F-1" } });
  cluster.on("GET /slaves", { status: 200, json: { slaves: [agent] } });
});

afterAll(() => cluster.close());

const web = {
  id: "/web",
  cmd: "run",
  instances: 3,
  cpus: 0.1,
  mem: 32,
  version: "2026-11-22T10:00:00.000Z",
  tasksRunning: 1,
  tasksStaged: 1,
  tasksHealthy: 1,
  tasksUnhealthy: 0,
  healthChecks: [{ protocol: "HTTP" }],
  deployments: [{ id: "deployment-1" }],
  lastTaskFailure: {
    timestamp: "2026-11-22T09:00:00.000Z",
    state: "TASK_FAILED",
    host: "a1",
    message: "exit 3",
  },
};
const batch = { id: "/batch", instances: 0, cpus: 1, mem: 128, version: "v1" };
const task = {
  id: "web.instance-0f1e2d3c-aaaa-bbbb-cccc-ddddeeeeffff._app.1",
  appId: "/web",
  state: "TASK_RUNNING",
  host: "10.213.0.3",
  ports: [31005],
  slaveId: "S-0",
  startedAt: "2026-11-22T10:00:01.000Z",
  version: web.version,
  healthCheckResults: [{ alive: true }],
};
const deployment = {
  id: "deployment-1",
  version: web.version,
  affectedApps: ["/web"],
  steps: [],
  currentActions: [{ action: "ScaleApplication", app: "/web" }],
  currentStep: 1,
  totalSteps: 1,
  why: "1 of 3 instances run.",
};
const queued = {
  app: { id: "/web" },
  count: 1,
  delay: { timeLeftSeconds: 0, overdue: true },
  processedOffersSummary: {
    rejectSummaryLastOffers: [{ reason: "InsufficientCpus", declined: 3, processed: 3 }],
  },
  why: "no offer has 0.1 cpus",
};
const agent = {
  id: "S-0",
  hostname: "a1",
  port: 5051,
  pid: "slave(1)@10.213.0.3:5051",
  active: true,
  attributes: { public_ip: "true" },
  resources: { cpus: 2, mem: 1024 },
  used_resources: { cpus: 0.30000000000000004, mem: 32 },
};

describe("lists", () => {
  it("[CLI20] app list", async () => {
    expect((await cluster.run(["app", "list"])).stdout).toBe(
      [
        "ID      INSTANCES  HEALTH  CPUS  MEM  DEPLOYMENTS",
        "/batch  0/0        -       1     128  -",
        "/web    1/3        1/1     0.1   32   deployme",
        "",
      ].join("\n"),
    );
    const json = await cluster.run(["app", "list", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({
      apps: [
        {
          id: "/batch",
          instances: 0,
          staged: 0,
          running: 0,
          healthy: 0,
          unhealthy: 0,
          hasHealthChecks: false,
          cpus: 1,
          mem: 128,
          version: "v1",
          deployments: [],
        },
        {
          id: "/web",
          instances: 3,
          staged: 1,
          running: 1,
          healthy: 1,
          unhealthy: 0,
          hasHealthChecks: true,
          cpus: 0.1,
          mem: 32,
          version: web.version,
          deployments: ["deployment-1"],
        },
      ],
    });
  });

  it("[CLI20] app show says what the app waits for", async () => {
    expect((await cluster.run(["app", "show", "web"])).stdout).toBe(
      [
        "/web",
        "  instances    1 of 3 run, 1 start, 1 healthy, 0 unhealthy",
        "  command      run",
        "  resources    0.1 cpus, 32 MB memory each",
        "  version      2026-11-22T10:00:00.000Z",
        "  last failure 2026-11-22T09:00:00.000Z TASK_FAILED on a1: exit 3",
        "  names        web.marathon.mesos",
        "               web.marathon.autoip.dcos.thisdcos.directory",
        "               web.marathon.agentip.dcos.thisdcos.directory",
        "               _web._tcp.marathon.mesos",
        "  waits        ScaleApplication /web: 1 of 3 instances run",
        "  waits        no offer has 0.1 cpus",
        "",
        `${"ID".padEnd(task.id.length)}  STATE    HEALTH   HOST        PORTS  STARTED`,
        `${task.id}  running  healthy  10.213.0.3  31005  2026-11-22T10:00:01.000Z`,
        "",
      ].join("\n"),
    );
    const json = JSON.parse((await cluster.run(["app", "show", "web", "--json"])).stdout);
    expect(json.app).toEqual({ ...web, tasks: [task] });
    expect(json.waits).toHaveLength(2);
  });

  it("[CLI20] app show with a Marathon that says less", async () => {
    const { why: _, ...silent } = queued;
    cluster.on("GET /v2/queue", { status: 200, json: { queue: [silent] } });
    const { stdout } = await cluster.run(["app", "show", "web", "--json"]);
    expect(JSON.parse(stdout).waits).toEqual([
      "ScaleApplication /web: 1 of 3 instances run",
      "3 of the last offers refused: InsufficientCpus",
    ]);
    cluster.on("GET /v2/queue", { status: 200, json: { queue: [queued] } });
  });

  it.each([[["task", "list"]], [["task", "list", "web"]]])("[CLI20] %s", async (args) => {
    const json = await cluster.run([...args, "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({
      tasks: [
        {
          id: task.id,
          appId: "/web",
          framework: null,
          state: "TASK_RUNNING",
          healthy: true,
          host: "10.213.0.3",
          ports: [31005],
          agentId: "S-0",
          startedAt: task.startedAt,
          version: web.version,
        },
      ],
    });
    expect((await cluster.run(args)).stdout).toContain(task.id);
  });

  it("[CLI23] task list --all: what other frameworks run, too", async () => {
    const job = {
      id: "job_1",
      framework_id: "F-2",
      slave_id: "S-9",
      state: "TASK_RUNNING",
      resources: { cpus: 1, ports: "[31000-31001]" },
      statuses: [{ state: "TASK_RUNNING", timestamp: 1_795_348_766 }],
    };
    const own = { ...job, id: "web.1", framework_id: "F-1" };
    const ended = { ...job, id: "job_0", state: "TASK_FINISHED" };
    cluster.on("GET /tasks", { status: 200, json: { tasks: [job, own, ended] } });
    cluster.on("GET /frameworks", {
      status: 200,
      json: { frameworks: [{ id: "F-2", name: "spark" }] },
    });
    cluster.on("GET /v2/info", { status: 200, json: { version: "1.11.24", frameworkId: "F-1" } });
    const json = await cluster.run(["task", "list", "--all", "--json"]);
    const { tasks } = JSON.parse(json.stdout) as { readonly tasks: readonly object[] };
    expect(tasks).toHaveLength(2);
    expect(tasks[0]).toEqual({
      id: "job_1",
      appId: null,
      framework: "spark",
      state: "TASK_RUNNING",
      healthy: null,
      host: "S-9",
      ports: [31_000, 31_001],
      agentId: "S-9",
      startedAt: "2026-11-22T11:59:26.000Z",
      version: null,
    });
    const text = await cluster.run(["task", "list", "--all"]);
    expect(text.stdout).toMatch(/job_1 .* spark\n/);
    expect((await cluster.run(["task", "list", "web", "--all"])).exitCode).toBe(2);
  });

  it("[CLI20] deployment list", async () => {
    expect((await cluster.run(["deployment", "list"])).stdout).toBe(
      [
        "ID            APPS  STEP  WAITS",
        "deployment-1  /web  1/1   ScaleApplication /web: 1 of 3 instances run",
        "",
      ].join("\n"),
    );
    const json = await cluster.run(["deployment", "list", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({
      deployments: [
        {
          id: "deployment-1",
          version: web.version,
          apps: ["/web"],
          step: 1,
          steps: 1,
          actions: [{ action: "ScaleApplication", app: "/web" }],
          why: "1 of 3 instances run.",
        },
      ],
    });
  });

  it("[WHY14] deployment list: Marathon's sentences, with the names of cluster.json", async () => {
    const dir = mkdtempSync(join(tmpdir(), "tutti-cli-"));
    const file = {
      masters: [],
      agents: [{ name: "agent-1", ip: "10.213.0.4", public: false }],
      masterUrl: cluster.url,
      marathonUrl: cluster.url,
      secret: "s",
    };
    writeFileSync(join(dir, "cluster.json"), JSON.stringify(file));
    const why =
      "/web: It needs 4 cpus on one machine; the largest free piece is 1 cpu on 10.213.0.4.";
    cluster.on("GET /v2/deployments", { status: 200, json: [{ ...deployment, why }] });
    const text = await runCommand(["deployment", "list"], { dir }).ended;
    expect(text.stdout).toContain("the largest free piece is 1 cpu on agent-1");
    const json = await runCommand(["deployment", "list", "--json"], { dir }).ended;
    expect(JSON.parse(json.stdout)).toMatchObject({
      deployments: [{ why: why.replace("10.213.0.4", "agent-1") }],
    });
    rmSync(dir, { recursive: true });
    cluster.on("GET /v2/deployments", { status: 200, json: [deployment] });
  });

  it("[CLI20, CLI21] node list, with the names of cluster.json and who is missing", async () => {
    const dir = mkdtempSync(join(tmpdir(), "tutti-cli-"));
    const file = {
      id: "c1",
      name: "blue",
      masters: [],
      agents: [
        { name: "public-1", ip: "10.213.0.3", public: true },
        { name: "agent-1", ip: "10.213.0.4", public: false },
      ],
      secret: "s",
      open: false,
      masterUrl: cluster.url,
      marathonUrl: cluster.url,
    };
    writeFileSync(join(dir, "cluster.json"), JSON.stringify(file));
    const text = await runCommand(["node", "list"], { dir }).ended;
    expect(text.stdout).toBe(
      [
        "NAME      IP          PUBLIC  STATUS        CPUS USED  MB USED     ID",
        "agent-1   10.213.0.4  no      unregistered  -          -           -",
        "public-1  10.213.0.3  yes     active        0.3 of 2   32 of 1024  S-0",
        "",
      ].join("\n"),
    );
    const json = await runCommand(["node", "list", "--json"], { dir }).ended;
    expect(JSON.parse(json.stdout).nodes).toEqual([
      {
        name: "agent-1",
        ip: "10.213.0.4",
        id: null,
        public: false,
        status: "unregistered",
        cpus: null,
        mem: null,
      },
      {
        name: "public-1",
        ip: "10.213.0.3",
        id: "S-0",
        public: true,
        status: "active",
        cpus: { used: 0.30000000000000004, total: 2 },
        mem: { used: 32, total: 1024 },
      },
    ]);
    const gone = await runCommand(["node", "list"], { dir, gone: ["agent-1"] }).ended;
    expect(gone.stdout).toContain("agent-1   10.213.0.4  no      gone ");
    expect(gone.stderr).toBe("gone: removed from the cluster for ever; see ./tutti status.\n");
    const refusal = await runCommand(["node", "drain", "agent-1"], { dir, gone: ["agent-1"] })
      .ended;
    expect(refusal).toMatchObject({ exitCode: 4, stdout: "" });
    expect(refusal.stderr).toContain("agent-1 was removed from the cluster for ever.");
    const recovered = [{ id: "S-1", hostname: "10.213.0.4" }];
    cluster.on("GET /slaves", {
      status: 200,
      json: { slaves: [agent], recovered_slaves: recovered },
    });
    const back = await runCommand(["node", "list"], { dir }).ended;
    expect(back.stdout).toMatch(/agent-1 {3}10\.213\.0\.4 {2}no {6}expected .* S-1\n/);
    expect(back.stderr).toContain("waits for this machine to come back");
    cluster.on("GET /slaves", { status: 200, json: { slaves: [agent] } });
    rmSync(dir, { recursive: true });
  });

  it("[CLI20] cluster info", async () => {
    const json = await cluster.run(["cluster", "info", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({
      id: null,
      name: null,
      masterUrl: cluster.url,
      marathonUrl: cluster.url,
      marathonVersion: "1.11.24",
      frameworkId: "F-1",
      agents: { registered: 1, active: 1 },
      hasSecret: false,
    });
    expect((await cluster.run(["cluster", "info"])).stdout).toContain("agents     1 of 1 active");
  });

  it.each([
    { env: {}, isTty: true, hasColour: true },
    { env: {}, isTty: false, hasColour: false },
    { env: { NO_COLOR: "1" }, isTty: true, hasColour: false },
    { env: { NO_COLOR: "" }, isTty: true, hasColour: true },
    { env: { TERM: "dumb" }, isTty: true, hasColour: false },
  ])("[CLI6] $env on a terminal: $isTty", async ({ env, isTty, hasColour }) => {
    const run = await cluster.run(["app", "list"], { env, isTty });
    expect(run.stdout.includes("\u001b[")).toBe(hasColour);
    const json = await cluster.run(["app", "list", "--json"], { env, isTty });
    expect(json.stdout).not.toContain("\u001b[");
  });
});
