import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedCluster } from "./testing/scripted-cluster.ts";

let cluster: ScriptedCluster;
let appTasks: readonly string[] = [];

const root = "/frameworks/F-1/executors/web.1/runs/latest";
const folders: Readonly<Record<string, readonly (readonly [string, string, number])[]>> = {
  [root]: [
    ["stdout", "-rw-r--r--", 7],
    ["logs", "drwxr-x---", 4096],
  ],
  [`${root}/logs`]: [["a b.log", "-rw-------", 12]],
  [`${root}/stdout`]: [],
  [`${root}/empty`]: [],
};

beforeAll(async () => {
  cluster = await ScriptedCluster.start();
  const pid = `slave(1)@127.0.0.1:${String(cluster.port)}`;
  cluster.on("GET /slaves", {
    status: 200,
    json: { slaves: [{ id: "S-0", hostname: "a1", pid, active: true }] },
  });
  cluster.on("GET /v2/info", { status: 200, json: { version: "1.11.24", frameworkId: "F-1" } });
  cluster.on("GET /tasks", (_request, query) => {
    const id = query.get("task_id") ?? "";
    const isKnown = id.startsWith("web.");
    const executor = id === "web.9" ? { executor_id: "web.1" } : { executor_id: "" };
    const task = { id, framework_id: "F-1", slave_id: "S-0", state: "TASK_RUNNING", ...executor };
    return { status: 200, json: { tasks: isKnown ? [task] : [] } };
  });
  cluster.on("GET /v2/apps/web", { status: 200, json: { app: { id: "/web" } } });
  cluster.on("GET /v2/apps/web/tasks", () => ({
    status: 200,
    json: { tasks: appTasks.map((id) => ({ id, slaveId: "S-0" })) },
  }));
  cluster.on("GET /files/browse", (_request, query) => {
    const path = query.get("path") ?? "";
    const entries = folders[path];
    if (entries === undefined) return { status: 404, text: "" };
    return {
      status: 200,
      json: entries.map(([name, mode, size]) => ({
        path: `${path}/${name}`,
        mode,
        size,
        uid: "nobody",
        gid: "nogroup",
        nlink: 1,
        mtime: 1_795_348_766,
      })),
    };
  });
});

afterAll(() => cluster.close());

describe("task ls", () => {
  it("[CLI35] what lies in the sandbox", async () => {
    const run = await cluster.run(["task", "ls", "web.1"]);
    expect(run.stdout).toBe(
      [
        "MODE        USER    GROUP    SIZE  MODIFIED             NAME",
        "drwxr-x---  nobody  nogroup  4096  2026-11-22 11:59:26  logs/",
        "-rw-r--r--  nobody  nogroup  7     2026-11-22 11:59:26  stdout",
        "",
      ].join("\n"),
    );
  });

  it.each([
    { path: "logs", names: ["a b.log"] },
    { path: "/logs/./", names: ["a b.log"] },
    { path: "stdout", names: ["stdout"] },
    { path: "empty", names: [] },
  ])("[CLI35] $path in it", async ({ path, names }) => {
    const run = await cluster.run(["task", "ls", "web.1", path, "--json"]);
    const answer = JSON.parse(run.stdout) as { entries: { name: string }[] };
    expect(answer).toMatchObject({ task: "web.1", path });
    expect(answer.entries.map(({ name }) => name)).toEqual(names);
  });

  it("[CLI35] the shape of --json", async () => {
    const run = await cluster.run(["task", "ls", "web.1", "logs", "--json"]);
    expect(JSON.parse(run.stdout)).toEqual({
      task: "web.1",
      path: "logs",
      entries: [
        {
          name: "a b.log",
          isDirectory: false,
          size: 12,
          mode: "-rw-------",
          user: "nobody",
          group: "nogroup",
          modifiedAt: "2026-11-22T11:59:26.000Z",
        },
      ],
    });
  });

  it("[CLI35] a task with an executor of its own", async () => {
    const run = await cluster.run(["task", "ls", "web.9", "--json"]);
    expect(run.stdout).toContain("stdout");
  });

  it.each([
    { args: ["web.1", "none"], code: 4, says: "There is no none in the sandbox of task web.1." },
    { args: ["web.2"], code: 4, says: "Task web.2 has no sandbox on its machine." },
    { args: ["nothing"], code: 4, says: "There is no task and no app nothing." },
  ])("[CLI35] $args is refused", async ({ args, code, says }) => {
    const run = await cluster.run(["task", "ls", ...args]);
    expect(run.exitCode).toBe(code);
    expect(run.stderr).toContain(says);
  });

  it("[CLI35] an app stands for its only task", async () => {
    appTasks = ["web.1"];
    expect((await cluster.run(["task", "ls", "/web"])).stdout).toContain("stdout");
    appTasks = ["web.1", "web.2"];
    const several = await cluster.run(["task", "ls", "/web"]);
    expect(several).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/has 2 instances: name one task/),
    });
    appTasks = [];
    const none = await cluster.run(["task", "ls", "/web"]);
    expect(none).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(/tutti explain \/web/),
    });
  });
});
