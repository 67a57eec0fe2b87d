import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ScriptedCluster } from "./testing/scripted-cluster.ts";

let cluster = await ScriptedCluster.start();

const version = "2026-11-22T10:00:00.000Z";
const app = {
  id: "/web",
  cmd: "run",
  instances: 3,
  cpus: 4,
  mem: 32,
  disk: 0,
  gpus: 0,
  version,
  versionInfo: { lastScalingAt: version, lastConfigChangeAt: version },
  healthChecks: [],
  portDefinitions: [],
  requirePorts: false,
  unreachableStrategy: { inactiveAfterSeconds: 300, expungeAfterSeconds: 600 },
};
const task = {
  appId: "/web",
  state: "TASK_RUNNING",
  host: "10.0.0.1",
  ports: [],
  slaveId: "S0",
  version,
};

function show(changes: object, tasks: readonly object[], queued?: object): void {
  const shown = {
    ...app,
    tasks: tasks.map((each, at) => ({ ...task, id: `t${String(at)}`, ...each })),
    ...changes,
  };
  cluster.on("GET /v2/apps/web", { status: 200, json: { app: shown } });
  const queue = queued === undefined ? [] : [{ app: { id: "/other" } }, { app, ...queued }];
  cluster.on("GET /v2/queue", { status: 200, json: { queue } });
}

function agent(at: number, cpus: number): object {
  const resource = (value: number): object => ({ name: "cpus", scalar: { value }, role: "*" });
  return {
    id: `S${String(at)}`,
    hostname: `10.0.0.${String(at)}`,
    pid: `slave(1)@10.0.0.${String(at)}:5051`,
    active: true,
    unreserved_resources_full: [resource(8), { name: "mem", scalar: { value: 999 }, role: "*" }],
    used_resources_full: [resource(8 - cpus)],
  };
}

async function explain(): Promise<string> {
  const run = await cluster.run(["explain", "web"]);
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  return run.stdout;
}

beforeEach(async () => {
  await cluster.close();
  cluster = await ScriptedCluster.start();
  cluster.on("GET /slaves", { status: 200, json: { slaves: [agent(1, 0.5), agent(2, 2.5)] } });
  cluster.on("GET /v2/info", { status: 200, json: { version: "1.11.24" } });
});

afterAll(() => cluster.close());

describe("tutti explain", () => {
  it("[CLI40, WHY4] what is missing, from the master's numbers", async () => {
    show({}, [{}, {}], { count: 1 });
    expect(await explain()).toBe(
      "2 of 3 instances run.\n" +
        "The third needs 4 cpus on one machine; the largest free piece is 2.5 cpus on 10.0.0.2.\n" +
        "Lower cpus, or add a machine.\n",
    );
    const run = await cluster.run(["explain", "/web", "--json"]);
    expect(JSON.parse(run.stdout)).toEqual({
      id: "/web",
      instances: { wanted: 3, running: 2, ready: 2 },
      summary: "2 of 3 instances run.",
      reasons: ["INSUFFICIENT_CPUS"],
      details: [
        "The third needs 4 cpus on one machine; the largest free piece is 2.5 cpus on 10.0.0.2.",
      ],
      advice: ["Lower cpus, or add a machine."],
    });
  });

  it("[CLI40, WHY8] machines that the master waits for after a restart", async () => {
    show({}, [{}, {}], { count: 1 });
    const recovered = [{ id: "S3", hostname: "10.0.0.3" }];
    cluster.on("GET /slaves", {
      status: 200,
      json: { slaves: [agent(1, 0.5)], recovered_slaves: recovered },
    });
    expect(await explain()).toContain("The master has begun anew and expects 10.0.0.3 back.\n");
    cluster.on("GET /slaves", { status: 200, json: { slaves: [], recovered_slaves: recovered } });
    expect(await explain()).toContain(
      "There is no machine to run on: the master has begun anew and expects 10.0.0.3 back.\n",
    );
  });

  it("[CLI40, WHY2] a deployment", async () => {
    show({ deployments: [{ id: "d1" }] }, [
      {},
      { state: "TASK_STAGING" },
      { version: "2026-11-21T00:00:00.000Z" },
    ]);
    const actions = [{ action: "RestartApplication", app: "/web" }];
    cluster.on("GET /v2/deployments", {
      status: 200,
      json: [{ id: "d1", currentActions: actions, currentStep: 1, totalSteps: 2 }],
    });
    expect(await explain()).toBe(
      "2 of 3 instances run; a deployment is under way (step 1 of 2).\n" +
        "1 instance is starting.\n1 instance of the old version is still to be replaced.\n",
    );
  });

  it("[CLI40, WHY3] a back-off, with the command that shows the log", async () => {
    const failure = {
      state: "TASK_FAILED",
      message: "exit 3",
      host: "10.0.0.1",
      taskId: "t9",
      timestamp: new Date().toISOString(),
    };
    show({ instances: 1, lastTaskFailure: failure }, [], {
      count: 1,
      failures: 2,
      delay: { timeLeftSeconds: 7 },
    });
    expect((await explain()).replace(/\d+ s ago/, "0 s ago")).toBe(
      "Its only instance does not run.\n" +
        "Its instances ended too soon 2 times in a row; the next try is in 7 s. The last failure was 0 s ago " +
        "on 10.0.0.1: exit 3 (failed).\n" +
        "See what it printed: ./tutti task log t9 --stderr\n",
    );
  });

  it("[CLI40, WHY9, WHY10] instances that are sick, away and replaced", async () => {
    const check = { protocol: "MESOS_TCP", maxConsecutiveFailures: 2 };
    const away = { state: "TASK_UNREACHABLE", host: "10.0.0.2" };
    show({ healthChecks: [check] }, [
      { healthCheckResults: [{ alive: true }] },
      {
        healthCheckResults: [{ alive: false, consecutiveFailures: 1, lastFailureCause: "refused" }],
      },
      away,
      away,
    ]);
    expect(await explain()).toBe(
      "2 of 3 instances run, 1 of them healthy.\n" +
        "1 instance runs but is not healthy: the TCP check on 10.0.0.1 fails: refused. " +
        "After 2 in a row the instance is replaced.\n" +
        "1 instance is on 10.0.0.2, which cannot be reached; it is replaced after 5 min.\n" +
        "1 instance more on machines that cannot be reached has been replaced.\n" +
        "See what it printed: ./tutti task log t1 --stderr\nSee ./tutti node list and ./tutti status.\n",
    );
  });

  it("[CLI40, WHY11] Marathon has no connection to the master", async () => {
    show({}, [{}], { count: 2 });
    const masterConnection = { connected: false, reason: "connect ECONNREFUSED" };
    cluster.on("GET /v2/info", { status: 200, json: { version: "1.11.24", masterConnection } });
    expect(await explain()).toContain(
      "Marathon has no connection to the master: connect ECONNREFUSED; until then nothing can be started.",
    );
  });

  it("[CLI40] without the master: what Marathon remembers", async () => {
    const lack = { type: "amounts" };
    const verdict = {
      agentId: "S5",
      host: "h5",
      lack,
      free: { cpus: 1, mem: 99, disk: 0, gpus: 0 },
    };
    show({}, [{}, {}], { count: 1, verdicts: [verdict] });
    cluster.on("GET /slaves", { status: 500, text: "no" });
    expect(await explain()).toContain("the largest free piece is 1 cpu on h5.");
  });

  it("[CLI40, WHY15, WHY16] what the quota of roles keeps from it, from the master's roles", async () => {
    cluster.on("GET /slaves", { status: 200, json: { slaves: [agent(1, 8)] } });
    show({}, [{}, {}], { count: 1 });
    const star = { limit: { cpus: 9 }, guarantee: {}, consumed: { cpus: 8, mem: 64 } };
    cluster.on("GET /roles", { status: 200, json: { roles: [{ name: "*", quota: star }] } });
    expect(await explain()).toBe(
      "2 of 3 instances run.\n" +
        "The role * may use 9 cpus and uses 8: one more instance needs 4.\n" +
        "Raise the limit of the role * (UPDATE_QUOTA), or end something of the role.\n",
    );
    const dev = { limit: {}, guarantee: { cpus: 5 }, consumed: {} };
    cluster.on("GET /roles", { status: 200, json: { roles: [{ name: "dev", quota: dev }] } });
    expect(await explain()).toContain("Of the 8 cpus that are free 5 are held for the role dev,");
    cluster.on("GET /roles", { status: 200, json: { roles: [{ name: "dev", weight: 1 }] } });
    expect(await explain()).toContain("10.0.0.1 has room for the third");
  });

  it("[CLI40, WHY5] who has the port, and that a machine never offers it", async () => {
    const ports = (begin: number, end: number): object => ({
      name: "ports",
      ranges: { range: [{ begin, end }] },
      role: "*",
    });
    const one = {
      ...agent(1, 4),
      unreserved_resources_full: [ports(1, 99)],
      used_resources_full: [ports(80, 80)],
    };
    const two = { ...agent(2, 4), unreserved_resources_full: [ports(1025, 32_000)] };
    cluster.on("GET /slaves", { status: 200, json: { slaves: [one, two] } });
    const small = { cpus: 0, mem: 0 };
    show({ ...small, requirePorts: true, portDefinitions: [{ port: 80 }] }, [{}, {}], {
      count: 1,
    });
    cluster.on("GET /v2/tasks", {
      status: 200,
      json: { tasks: [{ slaveId: "S1", ports: [80], appId: "/db" }] },
    });
    cluster.on("GET /tasks", { status: 200, json: { tasks: [] } });
    expect(await explain()).toContain(
      "The third needs port 80, which 10.0.0.2 does not offer: its ports are 1025 to 32000.\n" +
        "The third needs port 80: /db has it on 10.0.0.1.\n",
    );
  });

  it.each([
    { meant: "/web", says: "Did you mean /web?" },
    { meant: "/shop/wbe", says: "Did you mean /shop/wbe?" },
    { meant: "/database", says: "See ./tutti app list." },
  ])("[CLI41] an app that is unknown: $says", async ({ meant, says }) => {
    cluster.on("GET /v2/apps", { status: 200, json: { apps: [{ id: meant }] } });
    const run = await cluster.run(["explain", "wbe"]);
    expect(run).toEqual({
      exitCode: 4,
      stdout: "",
      stderr: `tutti: There is no app /wbe.\n${says}\n`,
    });
  });
});

describe("tutti explain of a task", () => {
  const status = { state: "TASK_RUNNING", timestamp: Date.now() / 1000 - 90 };
  function task(more: object): void {
    const shown = {
      id: "job_1",
      framework_id: "F-2",
      slave_id: "S1",
      state: "TASK_RUNNING",
      statuses: [status],
    };
    cluster.on("GET /tasks", { status: 200, json: { tasks: [{ ...shown, ...more }] } });
    const framework = { id: "F-2", name: "spark", connected: true };
    cluster.on("GET /frameworks", { status: 200, json: { frameworks: [framework] } });
  }

  it("[CLI42] that another framework runs", async () => {
    task({});
    const run = await cluster.run(["explain", "job_1"]);
    expect(run.stdout).toMatch(
      /^The task of spark runs on 10\.0\.0\.1, since .* UTC \(1 min\)\.\n$/,
    );
    const json = await cluster.run(["explain", "job_1", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      id: "job_1",
      state: "TASK_RUNNING",
      framework: "spark",
      machine: "10.0.0.1",
      reasons: ["RUNNING"],
    });
  });

  it("[CLI42] that has ended: the last word about it, from the operator's interface", async () => {
    task({ state: "TASK_FAILED", statuses: [{ ...status, state: "TASK_FAILED" }] });
    const said = {
      message: "Memory limit exceeded.",
      reason: "REASON_CONTAINER_LIMITATION_MEMORY",
    };
    const ended = {
      task_id: { value: "job_1" },
      framework_id: { value: "F-2" },
      statuses: [said],
    };
    cluster.on("POST /api/v1", {
      status: 200,
      json: { type: "GET_TASKS", get_tasks: { completed_tasks: [ended] } },
    });
    const run = await cluster.run(["explain", "job_1"]);
    expect(run.stdout).toBe(
      "The task of spark has ended on 10.0.0.1 1 min ago: failed.\n" +
        "The last word about it: Memory limit exceeded (container limitation memory).\n" +
        "It wanted more memory than it may have: give it more mem.\n",
    );
  });

  it.each([
    ["TASK_FAILED", "its log", "See what it printed: ./tutti task log job_1 --stderr"],
    ["TASK_FINISHED", "its log", "See what it printed: ./tutti task log job_1\n"],
    ["TASK_UNREACHABLE", "its machine", "See ./tutti node list and ./tutti status."],
  ])("[CLI42, WHY17] of one in %s %s is advised", async (state, _what, advice) => {
    task({ state, statuses: [{ ...status, state }] });
    const run = await cluster.run(["explain", "job_1"]);
    expect(run.stdout).toContain(advice);
  });

  it("[CLI42] that was refused: it printed nothing", async () => {
    task({ state: "TASK_ERROR", statuses: [{ ...status, state: "TASK_ERROR" }] });
    const refused = {
      task_id: { value: "job_1" },
      framework_id: { value: "F-2" },
      statuses: [{ message: "Task may not run as user 'root'" }],
    };
    cluster.on("POST /api/v1", {
      status: 200,
      json: { type: "GET_TASKS", get_tasks: { completed_tasks: [refused] } },
    });
    const run = await cluster.run(["explain", "job_1"]);
    expect(run.stdout).toBe(
      "The task of spark never ran: the cluster refused to start it on 10.0.0.1 1 min ago.\n" +
        "The last word about it: Task may not run as user 'root'.\n" +
        "Change in its definition what the message names.\n",
    );
  });

  it("[CLI42] that is an instance of an app", async () => {
    task({ id: "web.instance-1._app.1", state: "TASK_STAGING", statuses: [] });
    cluster.on("GET /v2/info", { status: 200, json: { version: "1.11.24", frameworkId: "F-2" } });
    const listed = [{ id: "web.instance-1._app.1", appId: "/web" }];
    cluster.on("GET /v2/tasks", { status: 200, json: { tasks: listed } });
    const run = await cluster.run(["explain", "web.instance-1._app.1"]);
    expect(run.stdout).toContain("The task of spark is starting on 10.0.0.1.\n");
    expect(run.stdout).not.toContain("task log");
    expect(run.stdout).toContain("It is an instance of /web: see ./tutti explain /web.\n");
  });

  it("[CLI42] that nobody knows", async () => {
    cluster.on("GET /tasks", { status: 200, json: { tasks: [] } });
    cluster.on("GET /v2/apps", { status: 200, json: { apps: [] } });
    expect((await cluster.run(["explain", "job-1"])).exitCode).toBe(4);
    const run = await cluster.run(["explain", "job_1"]);
    expect(run.exitCode).toBe(4);
    expect(run.stderr).toContain("There is no app and no task job_1.");
    expect((await cluster.run(["explain", "/job_1"])).exitCode).toBe(2);
  });
});
