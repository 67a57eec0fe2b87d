import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandTable } from "./command-table.ts";
import { exitCodes } from "./exit-codes.ts";
import { runCommand, ScriptedCluster, until } from "./testing/scripted-cluster.ts";

let cluster: ScriptedCluster;
let dir: string;

beforeAll(async () => {
  cluster = await ScriptedCluster.start();
  cluster.on("GET /v2/deployments", { status: 200, json: [] });
  dir = mkdtempSync(join(tmpdir(), "tutti-cli-"));
});

afterAll(async () => {
  await cluster.close();
  rmSync(dir, { recursive: true });
});

function writeClusterFile(more: object): void {
  const file = {
    id: "c1",
    name: "blue",
    masters: [{ name: "m1", ip: "127.0.0.1" }],
    agents: [],
    secret: "s3cret",
    open: false,
    masterUrl: cluster.url,
    marathonUrl: `${cluster.url}/`,
    ...more,
  };
  writeFileSync(join(dir, "cluster.json"), JSON.stringify(file));
}

const list = ["deployment", "list"];

describe("which cluster", () => {
  it("[CLI1, CLI2] that of cluster.json, with its secret", async () => {
    writeClusterFile({});
    const run = await runCommand(list, { dir }).ended;
    expect(run).toEqual({ exitCode: 0, stdout: "No deployment runs.\n", stderr: "" });
    expect(cluster.seen.at(-1)?.authorization).toBe("Bearer s3cret");
    expect((await runCommand([...list, "--dir", dir]).ended).exitCode).toBe(0);
    expect((await runCommand(["--dir", dir, ...list]).ended).exitCode).toBe(0);
  });

  it("[CLI1] a cluster whose network is not on this host does not run, and nothing is asked", async () => {
    writeClusterFile({ network: "namespaces", masterUrl: "http://192.0.2.2:5050" });
    const seen = cluster.seen.length;
    const run = await runCommand(list, { dir }).ended;
    expect(run).toMatchObject({ exitCode: 3, stdout: "" });
    expect(run.stderr).toMatch(/does not run: its network is not there.\n.*tutti .*up/);
    expect(cluster.seen).toHaveLength(seen);
  });

  it("[CLI41] the way out leads to the directory that was named", async () => {
    writeClusterFile({});
    cluster.on("GET /v2/apps", { status: 200, json: { apps: [] } });
    const shown = await runCommand(["app", "show", "/web", "--dir", dir]).ended;
    expect(shown).toMatchObject({
      exitCode: 4,
      stderr: `tutti: There is no app /web.\nSee ./tutti --dir ${dir} app list.\n`,
    });
  });

  it("[CLI1, CLI8] two clusters at once are refused; help is named behind --dir too", async () => {
    writeClusterFile({});
    const seen = cluster.seen.length;
    const both = await runCommand([...list, "--dir", dir, "--url", cluster.url]).ended;
    expect(both).toMatchObject({ exitCode: 2, stdout: "" });
    expect(both.stderr).toContain("--dir and an address both name a cluster.");
    expect(cluster.seen).toHaveLength(seen);
    const without = await runCommand(["--dir", dir, "task", "log"]).ended;
    expect(without.stderr).toContain("See ./tutti task log --help.\n");
  });

  it("[CLI2] no secret for an open cluster, another where one is given", async () => {
    writeClusterFile({ open: true });
    await runCommand(list, { dir }).ended;
    expect(cluster.seen.at(-1)?.authorization).toBeUndefined();
    await runCommand([...list, "--secret", "mine"], { dir }).ended;
    expect(cluster.seen.at(-1)?.authorization).toBe("Bearer mine");
  });

  it("[CLI1, CLI2] that of the environment, unless a directory is named", async () => {
    const env = {
      TUTTI_MASTER: "http://127.0.0.1:1",
      TUTTI_MARATHON: cluster.url,
      TUTTI_SECRET: "e",
    };
    expect((await runCommand(list, { env }).ended).exitCode).toBe(0);
    expect(cluster.seen.at(-1)?.authorization).toBe("Bearer e");
    const gone = await runCommand([...list, "--dir", "/nonexistent"], { env }).ended;
    expect(gone.exitCode).toBe(3);
  });

  it("[CLI1, CLI3] no cluster: says how to start one", async () => {
    const run = await runCommand(list, { dir: "/nonexistent" }).ended;
    expect(run).toEqual({
      exitCode: 3,
      stdout: "",
      stderr:
        "tutti: There is no cluster in /nonexistent: /nonexistent/cluster.json cannot be read.\n" +
        "Start one with ./tutti up, or name one with --dir, --url or TUTTI_MASTER.\n",
    });
  });

  it("[CLI1] a broken cluster.json, an address that is none", async () => {
    writeFileSync(join(dir, "cluster.json"), '{"masters":');
    const broken = await runCommand(list, { dir }).ended;
    expect(broken).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/does not describe a cluster/),
    });
    const address = await runCommand([...list, "--url", "ftp://x"], { dir }).ended;
    expect(address).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/no address of a cluster/),
    });
  });

  it("[CLI3] a cluster that cannot be reached: says where and what to do", async () => {
    const run = await runCommand([
      ...list,
      "--url",
      "http://127.0.0.1:1",
      "--marathon-url",
      "127.0.0.1:1",
    ]).ended;
    expect(run).toEqual({
      exitCode: 3,
      stdout: "",
      stderr:
        "tutti: Marathon at http://127.0.0.1:1 cannot be reached: nothing listens there (connection refused).\n" +
        "The address was named by --url, --marathon-url, TUTTI_MASTER or TUTTI_MARATHON: is it right?\n",
    });
  });

  it("[CLI3, CLI16] a cluster of a directory that cannot be reached is to be started", async () => {
    writeClusterFile({ marathonUrl: "http://127.0.0.1:1" });
    const run = await runCommand(list, { dir }).ended;
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain(
      "Marathon does not listen; if it ended just now it is started again: waiting up to 5 s.\n",
    );
    expect(run.stderr).toContain(
      "See ./tutti status; what does not come back by itself ./tutti up starts again.\n",
    );
  }, 120_000);

  it("[CLI16] a process that is started again meanwhile answers", async () => {
    const own = await ScriptedCluster.start();
    const { url, port } = own;
    await own.close();
    writeClusterFile({ marathonUrl: url });
    const run = runCommand(list, { dir });
    await until("the wait is told", () => run.notes().includes("waiting up to 5 s"));
    const again = await ScriptedCluster.start(port);
    again.on("GET /v2/deployments", { status: 200, json: [] });
    expect(await run.ended).toMatchObject({ exitCode: 0, stdout: "No deployment runs.\n" });
    await again.close();
  });

  it("[CLI9] one that does not lead sends to the one that does", async () => {
    const other = await ScriptedCluster.start();
    const location = cluster.url.replace("http:", "");
    other.on("GET /slaves", { status: 307, headers: { location: `${location}/slaves` } });
    cluster.on("GET /slaves", { status: 200, json: { slaves: [] } });
    const run = await other.run(["node", "list"]);
    expect(run).toMatchObject({
      exitCode: 0,
      stdout: "No agent has registered. See ./tutti status.\n",
    });
    other.on("GET /slaves", { status: 307, headers: { location: "/slaves" } });
    const loop = await other.run(["node", "list"]);
    expect(loop.exitCode).toBe(1);
    expect(loop.stderr).toContain("answered with status 307");
    await other.close();
  });

  it("[CLI3] an address where something else listens", async () => {
    const other = await ScriptedCluster.start();
    other.on("GET /v2/deployments", { status: 200, text: "<!doctype html><title>Shop</title>" });
    other.on("GET /slaves", { status: 404, json: { message: "URI not found: /slaves" } });
    const page = await other.run(list);
    expect(page).toMatchObject({ exitCode: 1, stdout: "" });
    expect(page.stderr).toBe(
      `tutti: What listens at ${other.url} is not Marathon: it answers with a page, status 200.\n` +
        "The master's address is given by --url (its port is mostly 5050), Marathon's by --marathon-url (8080).\n",
    );
    const path = await other.run(["node", "list"]);
    expect(path.stderr).toContain("is not the master: it knows no such path.");
    await other.close();
  });
});

describe("wrong usage", () => {
  it.each([
    {
      args: ["app", "lst"],
      says: "Unknown command 'lst'; did you mean list?\nSee ./tutti app --help.",
    },
    { args: ["tsk"], says: "Unknown command 'tsk'; did you mean task?\nSee ./tutti --help." },
    {
      args: ["app", "add", "x", "--forse"],
      says: "Unknown option '--forse'; did you mean --force?\nSee ./tutti app add --help.",
    },
    {
      args: ["app", "show"],
      says: "Missing required argument 'id'.\nSee ./tutti app show --help.",
    },
    { args: ["app", "scale", "/web", "many"], says: "many is no number of instances." },
    {
      args: ["app", "show", "/Web"],
      says: '"/Web" is no id of an app: it has upper-case letters.',
    },
    { args: ["app", "show", "we!b"], says: '"we!b" is no id of an app: "!" cannot be in it.' },
    { args: ["app", "show", "web-"], says: "must begin and end with a letter or a digit." },
    { args: ["app", "show", "/"], says: "it has no name in it." },
    {
      args: ["app", "update", "/web", "cpus"],
      says: "cpus has no value, and there is no file of that name.\nWrite cpus=VALUE",
    },
    { args: ["app", "update", "/web", "cpus", "2"], says: "cpus has no value" },
    { args: ["app", "add", "/"], says: "/ cannot be read: it is a directory." },
    { args: ["app", "update", "/web", "a b=1"], says: "a b=1 is no change of an app." },
    { args: ["app", "update", "/web", "container.type=MESOS"], says: "cannot be set by itself" },
    { args: ["app", "add", "/nonexistent.json"], says: "there is no such file" },
    { args: ["task", "log", "x", "--lines", "-1"], says: "Give a number of lines, or all." },
    { args: ["app", "restart", "/a", "--timeout", "soon"], says: "seconds above zero" },
    { args: ["up"], says: "Run ./tutti up." },
  ])("[CLI8, CLI3] $args", async ({ args, says }) => {
    const before = cluster.seen.length;
    const run = await cluster.run(args);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toContain(says);
    expect(cluster.seen.length).toBe(before);
  });

  it("[CLI8] a noun without a verb shows the help of the noun", async () => {
    const run = await runCommand(["app"]).ended;
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(/Usage: tutti app[\s\S]*needs a command/);
  });

  it.each([
    { stdin: "{", says: "is not JSON" },
    { stdin: "[]", says: "does not hold one app definition" },
    { stdin: '{"cmd":"x"}', says: "has no id" },
    {
      stdin: `{"id":"/a","cmd":"${"x".repeat(1_048_576)}"}`,
      says: "larger than an app definition",
    },
  ])("[CLI8] a definition that cannot be used: $says", async ({ stdin, says }) => {
    const run = await cluster.run(["app", "add", "-"], { stdin });
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(new RegExp(says)) });
  });
});

describe("help", () => {
  it("[CLI8] tutti --help lists nouns and the launcher's commands", async () => {
    const run = await runCommand(["--help"]).ended;
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    for (const word of [
      "app",
      "task",
      "node",
      "deployment",
      "cluster",
      "up",
      "down",
      "status",
      "test",
    ]) {
      expect(run.stdout).toMatch(new RegExp(`^  ${word}\\b`, "m"));
    }
  });

  it("[CLI8] tutti help takes a noun, or a noun and a verb", async () => {
    const asked = await runCommand(["help", "app", "scale"]).ended;
    expect(asked).toEqual(await runCommand(["app", "scale", "--help"]).ended);
    expect((await runCommand(["help", "task"]).ended).stdout).toContain("Usage: tutti task");
  });

  it.each(commandTable.map(({ noun, verb }) => [noun, verb].filter((word) => word !== "")))(
    "[CLI8] tutti %s --help has examples",
    async (...words) => {
      const run = await runCommand([...words, "--help"]).ended;
      expect(run.exitCode).toBe(0);
      expect(run.stdout).toContain(`Examples:\n  $ ./tutti ${words.join(" ")}`);
      expect((await runCommand(["help", ...words]).ended).stdout).toBe(run.stdout);
    },
  );
});

describe("refusals", () => {
  it.each([
    { status: 400, code: "INVALID" },
    { status: 401, code: "UNAUTHENTICATED" },
    { status: 403, code: "FORBIDDEN" },
    { status: 404, code: "NOT_FOUND" },
    { status: 409, code: "CONFLICT" },
    { status: 422, code: "INVALID" },
    { status: 500, code: "REFUSED" },
    { status: 503, code: "REFUSED" },
  ] as const)("[CLI3, CLI5] status $status is $code", async ({ status, code }) => {
    cluster.on("GET /v2/tasks", { status, json: { message: "No." } });
    const run = await cluster.run(["task", "list", "--json"]);
    expect(run.exitCode).toBe(exitCodes[code]);
    expect(run.stdout).toBe("");
    expect(JSON.parse(run.stderr)).toMatchObject({ error: { code, message: "No.", status } });
  });

  it("[CLI4] each place of the definition with its errors", async () => {
    cluster.on("POST /v2/apps", {
      status: 422,
      json: {
        message: "Object is not valid",
        details: [
          { path: "/cpus", errors: ["must be greater than or equal to 0"] },
          { path: "/", errors: ["needs cmd or args", "another thing"] },
        ],
      },
    });
    const run = await cluster.run(["app", "add", "-"], { stdin: '{"id":"/a"}' });
    expect(run).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        "tutti: The definition of /a is not accepted in 2 places; nothing was changed.\n" +
        "  /cpus: must be greater than or equal to 0\n" +
        "  /: needs cmd or args\n  /: another thing\n" +
        `Write it like this: "cpus": 0.5.\n`,
    });
  });

  it("[CLI15] what was perhaps meant, and how the field is written", async () => {
    const operators = "UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS";
    const errors = [`Operator must be one of the following ${operators}, got 'uniqe'`];
    cluster.on("PATCH /v2/apps/web", {
      status: 422,
      json: { message: "Object is not valid", details: [{ path: "/constraints(0)", errors }] },
    });
    const change = 'constraints=[["hostname","uniqe"]]';
    const run = await cluster.run(["app", "update", "web", change]);
    expect(run).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        "tutti: The definition of /web is not accepted; nothing was changed.\n" +
        `  /constraints(0): ${String(errors[0])}; did you mean UNIQUE?\n` +
        `Write it like this: 'constraints=[["hostname", "UNIQUE"]]'.\n`,
    });
  });

  it("[CLI15] a refusal that says everything itself stays as it is", async () => {
    cluster.on("PATCH /v2/apps/web", { status: 422, json: { message: "It has its reasons." } });
    const run = await cluster.run(["app", "update", "web", "cpus=1"]);
    expect(run).toMatchObject({ exitCode: 1, stderr: "tutti: It has its reasons.\n" });
  });

  it("[CLI4] the deployments that hold an app, and how to go on", async () => {
    const message = "App is locked by one or more deployments.";
    cluster.on("PATCH /v2/apps/web", {
      status: 409,
      json: { message, deployments: [{ id: "d-1" }] },
    });
    const actions = [{ action: "ScaleApplication", app: "/web" }];
    cluster.on("GET /v2/deployments", {
      status: 200,
      json: [{ id: "d-1", currentActions: actions, why: "/web: It waits." }],
    });
    const run = await cluster.run(["app", "scale", "web", "2"]);
    expect(run.exitCode).toBe(5);
    expect(run.stderr).toBe(
      "tutti: /web is held by a deployment that has not ended. It is at work: ScaleApplication /web: It waits.\n" +
        "  held by deployment d-1\n" +
        "Wait with ./tutti deployment watch, or override the deployment with --force.\n",
    );
    const json = await cluster.run(["app", "scale", "web", "2", "--json"]);
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: "APP_LOCKED", deployments: ["d-1"] },
    });
  });

  it("[CLI4] what answers 404 without a word is no Marathon", async () => {
    cluster.on("GET /v2/tasks", { status: 404, text: "" });
    const run = await cluster.run(["task", "list"]);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("is not Marathon: it knows no such path.");
  });

  it("[CLI3] a service that does not answer in JSON", async () => {
    cluster.on("GET /v2/tasks", { status: 502, text: "Bad gateway\n" });
    const run = await cluster.run(["task", "list"]);
    expect(run).toMatchObject({ exitCode: 1, stderr: "tutti: Bad gateway\n" });
  });
});
