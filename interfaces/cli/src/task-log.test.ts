import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ScriptedCluster, until } from "./testing/scripted-cluster.ts";

let cluster = await ScriptedCluster.start();

const first = "web.instance-11111111-aaaa-bbbb-cccc-ddddeeeeffff._app.1";
const second = "web.instance-22222222-aaaa-bbbb-cccc-ddddeeeeffff._app.1";
const states = new Map<string, string>();
let appTasks: string[] = [];

beforeEach(async () => {
  await cluster.close();
  cluster = await ScriptedCluster.start();
  states.clear();
  appTasks = [];
  const { port } = cluster;
  cluster.on("GET /slaves", () => ({
    status: 200,
    json: {
      slaves: [
        { id: "S-0", hostname: "a1", pid: `slave(1)@127.0.0.1:${String(port)}`, active: true },
      ],
    },
  }));
  cluster.on("GET /v2/info", { status: 200, json: { version: "1.11.24", frameworkId: "F-1" } });
  cluster.on("GET /tasks", (_request, query) => {
    const id = query.get("task_id") ?? "";
    const state = states.get(id);
    const task = { id, framework_id: "F-1", slave_id: "S-0", state };
    return { status: 200, json: { tasks: state === undefined ? [] : [task] } };
  });
  cluster.on("GET /v2/apps/web", () => ({ status: 200, json: { app: { id: "/web" } } }));
  cluster.on("GET /v2/apps/web/tasks", () => ({
    status: 200,
    json: { tasks: appTasks.map((id) => ({ id, slaveId: "S-0" })) },
  }));
});

afterAll(() => cluster.close());

/** Makes a running task of /web with this output. */
function runTask(id: string, text: string): void {
  states.set(id, "TASK_RUNNING");
  appTasks.push(id);
  write(id, text);
}

function path(id: string, name = "stdout"): string {
  return `/frameworks/F-1/executors/${id}/runs/latest/${name}`;
}

function write(id: string, text: string, name = "stdout"): void {
  cluster.files.set(path(id, name), Buffer.from(text));
}

function append(id: string, text: string): void {
  write(id, (cluster.files.get(path(id))?.toString("utf8") ?? "") + text);
}

const hundred = Array.from({ length: 100 }, (_, at) => `line ${String(at)}\n`).join("");

describe("task log", () => {
  it("[CLI30] the last ten lines of a task, also of an ended one", async () => {
    runTask(first, hundred);
    states.set(first, "TASK_FAILED");
    const run = await cluster.run(["task", "log", first]);
    expect(run).toEqual({
      exitCode: 0,
      stdout: hundred.split("\n").slice(90).join("\n"),
      stderr: "",
    });
  });

  it.each([
    { lines: "3", text: "a\nb\nc\nd\n", shown: "b\nc\nd\n" },
    { lines: "3", text: "a\nb\nc\nd", shown: "b\nc\nd\n" },
    { lines: "9", text: "a\nb\n", shown: "a\nb\n" },
    { lines: "0", text: "a\nb\n", shown: "" },
    { lines: "all", text: hundred, shown: hundred },
    { lines: "2", text: "", shown: "" },
    { lines: "2", text: "\n\n\n", shown: "\n\n" },
    { lines: "1", text: "a\r\nb\r\n", shown: "b\n" },
    { lines: "2", text: `${"x".repeat(90_000)}\nend\n`, shown: `${"x".repeat(90_000)}\nend\n` },
  ])("[CLI30] --lines $lines", async ({ lines, text, shown }) => {
    runTask(first, text);
    const run = await cluster.run(["task", "log", first, "--lines", lines]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout === shown).toBe(true);
  });

  it("[CLI30] --stderr, and in JSON", async () => {
    runTask(first, "out\n");
    write(first, "err\n", "stderr");
    expect((await cluster.run(["task", "log", first, "--stderr"])).stdout).toBe("err\n");
    expect((await cluster.run(["task", "log", "/web", "--json"])).stdout).toBe(
      `${JSON.stringify({ task: first, stream: "stdout", line: "out" })}\n`,
    );
  });

  it("[CLI31] of an app with several instances each line says whose it is", async () => {
    runTask(first, "one\n");
    expect((await cluster.run(["task", "log", "web"])).stdout).toBe("one\n");
    runTask(second, "two\n");
    expect((await cluster.run(["task", "log", "/web"])).stdout).toBe(
      "11111111 one\n22222222 two\n",
    );
  });

  it.each([false, true])("[CLI34] no character is cut (left out: %s)", async (leavesOut) => {
    cluster.leavesOutCutCharacters = leavesOut;
    const text = `${"ä€😀".repeat(30_000)}\n`;
    runTask(first, `x${text}`);
    const run = await cluster.run(["task", "log", first, "--lines", "all"]);
    expect(run.stdout === `x${text}`).toBe(true);
  });

  it("[CLI34] bytes that are no text are shown as they come", async () => {
    runTask(first, "");
    cluster.files.set(path(first), Buffer.from([0x61, 0xff, 0xfe, 0xff, 0xff, 0xff, 0x0a, 0xff]));
    const run = await cluster.run(["task", "log", first]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout.startsWith("a")).toBe(true);
  });

  it.each([
    { args: ["task", "log", "nobody"], exitCode: 4, says: "There is no task and no app nobody." },
    {
      args: ["task", "log", "/nothing"],
      exitCode: 4,
      says: "There is no task and no app /nothing.",
    },
    { args: ["task", "log", "/web"], exitCode: 1, says: "No instance of /web runs." },
  ])("[CLI3, CLI30] $args", async ({ args, exitCode, says }) => {
    const run = await cluster.run(args);
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain(says);
  });

  it("[CLI30] of an app of which nothing runs, what the last failed instance printed", async () => {
    cluster.on("GET /v2/apps/web", {
      status: 200,
      json: { app: { id: "/web", lastTaskFailure: { taskId: first, slaveId: "S-0" } } },
    });
    write(first, "sh: no-such-command: not found\n", "stderr");
    const run = await cluster.run(["task", "log", "/web", "--stderr"]);
    expect(run.stdout).toBe("sh: no-such-command: not found\n");
    expect(run.stderr).toContain(`the one that failed last printed, ${first}:`);
    expect(run.stderr).not.toContain("printed nothing");
    expect(run.exitCode).toBe(0);
    write(first, "");
    const other = await cluster.run(["task", "log", "/web"]);
    expect(other.stdout).toBe("");
    expect(other.stderr).toContain(
      "It printed nothing there. Its errors: ./tutti task log /web --stderr",
    );
  });

  it("[CLI30] a task without a sandbox says why", async () => {
    runTask(first, "");
    cluster.files.clear();
    const run = await cluster.run(["task", "log", first]);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("It has not started yet, or its sandbox was removed");
  });
});

describe("task log --follow", () => {
  it("[CLI32] shows what is added and ends with the task", async () => {
    runTask(first, "one\ntwo\n");
    const live = cluster.runLive(["task", "log", first, "--follow", "--lines", "1"]);
    await until("the last line", () => live.lines().length === 1);
    append(first, "three\nfo");
    await until("a new line", () => live.lines().length === 2);
    append(first, "ur\nfive");
    await until("a line in two parts", () => live.lines().length === 3);
    states.set(first, "TASK_FINISHED");
    expect(await live.ended).toEqual({
      exitCode: 0,
      stdout: "two\nthree\nfour\nfive\n",
      stderr: "",
    });
  });

  it("[CLI33] loses nothing across a rotation", async () => {
    runTask(first, "one\ntwo\n");
    const live = cluster.runLive(["task", "log", first, "-f"]);
    await until("both lines", () => live.lines().length === 2);
    write(first, "one\ntwo\nthree\n", "stdout.1");
    write(first, "4\n");
    await until("the rest of the old file and the new one", () => live.lines().length === 4);
    states.set(first, "TASK_KILLED");
    expect((await live.ended).stdout).toBe("one\ntwo\nthree\n4\n");
  });

  it("[CLI33] begins in the old file when the new one has not enough lines", async () => {
    runTask(first, "four\nfi");
    write(first, "one\ntwo\nthree\n", "stdout.1");
    const { stdout } = await cluster.run(["task", "log", first, "--lines", "4"]);
    expect(stdout).toBe("two\nthree\nfour\nfi\n");
    expect((await cluster.run(["task", "log", first, "--lines", "2"])).stdout).toBe("four\nfi\n");
  });

  it("[CLI33] goes on while the cluster is away", async () => {
    runTask(first, "one\n");
    const live = cluster.runLive(["task", "log", first, "--follow"]);
    await until("the first line", () => live.lines().length === 1);
    cluster.isAway = true;
    await until("it is told", () => live.notes().includes("Trying again."));
    append(first, "two\n");
    cluster.isAway = false;
    await until("the second line", () => live.lines().length === 2);
    live.breakPipe();
    expect(await live.ended).toMatchObject({ exitCode: 0 });
    expect(live.notes().match(/Trying again/g)).toHaveLength(1);
  });

  it("[CLI31, CLI32] takes in new instances of an app and ends when it is removed", async () => {
    runTask(first, "one\n");
    const live = cluster.runLive(["task", "log", "/web", "--follow"]);
    await until("the first instance", () => live.lines().length === 1);
    runTask(second, "two\n");
    appTasks = [second];
    append(first, "last");
    await until("the second instance", () => live.lines().length === 3);
    expect(live.lines().toSorted()).toEqual(["11111111 last", "11111111 one", "22222222 two"]);
    cluster.on("GET /v2/apps/web/tasks", { status: 404, json: { message: "no app" } });
    expect(await live.ended).toMatchObject({ exitCode: 0 });
  });

  it("[CLI7] ends quietly when its reader goes away", async () => {
    runTask(first, "one\n");
    const live = cluster.runLive(["task", "log", first, "--follow"]);
    await until("the first line", () => live.lines().length === 1);
    live.breakPipe();
    expect(await live.ended).toEqual({ exitCode: 0, stdout: "one\n", stderr: "" });
  });
});
