import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TaskInfo } from "@tutti/mesos-v1";
import { commandTask, framework } from "../core/testing/tasks.ts";
import { startHttpMaster } from "./testing/http-master.ts";
import { freePort, secret, startFixture, until } from "./testing/agent-fixture.ts";
import type { AgentFixture } from "./testing/agent-fixture.ts";
import { startAgent } from "./start-agent.ts";

let fixture: AgentFixture;

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(async () => {
  await fixture.close();
});

async function run(taskId: string, extra: Partial<TaskInfo>, last: string): Promise<void> {
  const { master } = fixture.peer;
  master.launch(framework, commandTask(taskId, extra));
  await until(() => master.statesOf(taskId).at(-1) === last, `${taskId} is ${last}`);
}

async function get(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${fixture.agent.url}${path}`);
  return { status: response.status, text: await response.text() };
}

async function getJson(path: string): Promise<unknown> {
  const { text } = await get(path);
  return JSON.parse(text);
}

async function call(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${fixture.agent.url}/api/v1`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const sandbox = "/frameworks/f1/executors/t-files/runs/latest";

describe("a task", () => {
  it("[AGT18] runs in its sandbox, as an unprivileged user, with the environment Mesos gives", async () => {
    const command = {
      value: "env | sort; echo ===; pwd; id -u; stat -c %A .; echo oops >&2",
      environment: { variables: [{ name: "FOO", value: "a b 'c'\n$d" }] },
    };
    await run("t-env", { command }, "TASK_FINISHED");
    const read = await getJson(
      "/files/read?path=/frameworks/f1/executors/t-env/runs/latest/stdout&offset=0",
    );
    const { data } = read as { readonly data: string };
    const [environment = "", rest = ""] = data.split("===\n");
    const directory = /MESOS_SANDBOX=(.*)/.exec(environment)?.[1] ?? "";
    expect(directory).toMatch(
      /\/work\/slaves\/m1-S0\/frameworks\/f1\/executors\/t-env\/runs\/[0-9a-f-]{36}$/,
    );
    const port = fixture.config.port;
    for (const line of [
      "FOO=a b 'c'",
      "LIBPROCESS_IP=127.0.0.1",
      "LIBPROCESS_PORT=0",
      `MESOS_AGENT_ENDPOINT=127.0.0.1:${port}`,
      "MESOS_ALLOCATION_ROLE=*",
      "MESOS_CHECKPOINT=1",
      `MESOS_DIRECTORY=${directory}`,
      "MESOS_EXECUTOR_ID=t-env",
      "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD=5secs",
      "MESOS_FRAMEWORK_ID=f1",
      "MESOS_HTTP_COMMAND_EXECUTOR=0",
      "MESOS_RECOVERY_TIMEOUT=15mins",
      "MESOS_SLAVE_ID=m1-S0",
      `MESOS_SLAVE_PID=slave(1)@127.0.0.1:${port}`,
      "MESOS_SUBSCRIPTION_BACKOFF_MAX=2secs",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      `PWD=${directory}`,
    ]) {
      expect(environment).toContain(`${line}\n`);
    }
    const [pwd, uid, mode] = rest.split("\n");
    expect(pwd).toBe(directory);
    expect(mode).toBe("drwxr-x---");
    if (process.getuid?.() === 0) expect(uid).toBe("65534");
  });

  it("[AGT17] of a user that is root by another name is refused", async () => {
    const passwd = execFileSync("cat", ["/etc/passwd"], { encoding: "utf8" });
    expect(passwd).toContain("root:x:0:");
    await run("t-root", { command: { value: "true", user: "0" } }, "TASK_ERROR");
    await run(
      "t-nobody",
      { command: { value: "true", user: "no-such-user" } },
      process.getuid?.() === 0 ? "TASK_FAILED" : "TASK_ERROR",
    );
  });

  it("[AGT10] is killed on order", async () => {
    await run("t-kill", {}, "TASK_RUNNING");
    fixture.peer.master.order({ type: "killTask", frameworkId: "f1", taskId: "t-kill" });
    await until(() => fixture.peer.master.statesOf("t-kill").at(-1) === "TASK_KILLED", "killed");
    expect(fixture.peer.master.told.get("t-kill")?.at(-1)?.status.message).toBe(
      "Command terminated with signal Terminated",
    );
  });

  it("[AGT24] is checked by command, HTTP and TCP on the machine", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/sick" ? 503 : 200;
      response.end("x");
    });
    const port = await freePort();
    await new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
    const timing = { delay_seconds: 0, interval_seconds: 0.1, grace_period_seconds: 0 };
    const checks: Record<string, TaskInfo["health_check"]> = {
      "t-command": { type: "COMMAND", command: { value: "test -e stdout" }, ...timing },
      "t-http": { type: "HTTP", http: { port, path: "/" }, ...timing },
      "t-tcp": { type: "TCP", tcp: { port }, ...timing },
      "t-sick": { type: "HTTP", http: { port, path: "/sick" }, consecutive_failures: 2, ...timing },
      "t-dead": {
        type: "TCP",
        tcp: { port: await freePort() },
        consecutive_failures: 1,
        ...timing,
      },
    };
    const { master } = fixture.peer;
    for (const [taskId, check] of Object.entries(checks)) {
      master.launch(
        framework,
        commandTask(taskId, { ...(check === undefined ? {} : { health_check: check }) }),
      );
    }
    for (const taskId of ["t-command", "t-http", "t-tcp"]) {
      await until(
        () => master.told.get(taskId)?.at(-1)?.status.healthy === true,
        `${taskId} is healthy`,
      );
    }
    await until(() => master.statesOf("t-sick").at(-1) === "TASK_KILLED", "t-sick is killed");
    await until(() => master.statesOf("t-dead").at(-1) === "TASK_KILLED", "t-dead is killed");
    const sick = master.told.get("t-sick")?.find(({ status }) => status.healthy === false);
    expect(sick?.status.message).toBe(
      "HTTP health check failed: Unexpected HTTP response code: 503",
    );
    server.close();
  });
});

describe("the session over HTTP", () => {
  it("[AGT1] shows the secret and follows a redirect of Mesos's kind", async () => {
    const stranger = await startHttpMaster({ agentId: "x", secret: "another" });
    const follower = await startHttpMaster({ agentId: "x", secret, leader: fixture.peer.url });
    const before = fixture.peer.master.hellos.length;
    const config = {
      ...fixture.config,
      port: await freePort(),
      masters: [stranger.url, follower.url],
      workDir: `${fixture.dir}/other/work`,
      runtimeDir: `${fixture.dir}/other/run`,
    };
    const other = await startAgent(config);
    await until(() => fixture.peer.master.hellos.length > before, "the leader was found");
    await other.stop();
    await stranger.close();
    await follower.close();
    await until(
      () => fixture.peer.master.hellos.at(-1)?.agent.port === fixture.config.port,
      "back",
    );
  });

  it("[AGT7] survives a cut of the stream", async () => {
    const before = fixture.peer.master.hellos.length;
    fixture.peer.cut();
    await until(() => fixture.peer.master.hellos.length > before, "the agent calls again");
    await run("t-after", { command: { value: "true" } }, "TASK_FINISHED");
  });
});

describe("the endpoints", () => {
  beforeAll(async () => {
    const value =
      "printf 'line-one\\n'; echo data > out.txt; mkdir -p sub; printf '\\303\\251\\303\\251' > utf8; sleep 1000";
    await run(
      "t-files",
      { command: { value }, labels: { labels: [{ key: "a", value: "b" }] } },
      "TASK_RUNNING",
    );
    await until(
      async () => (await get(`/files/browse?path=${sandbox}`)).text.includes("utf8"),
      "files",
    );
  });

  it("[AGT30] /state has Mesos's shape, also under /slave(1), as JSONP, and with a trailing slash", async () => {
    const state = await getJson("/state");
    expect(state).toMatchObject({
      version: "1.12.0",
      id: "m1-S0",
      pid: `slave(1)@127.0.0.1:${fixture.config.port}`,
      resources: { cpus: 4, mem: 2048, disk: 1000, gpus: 0, ports: "[31000-32000]" },
      attributes: { rack: "a", public_ip: "true" },
      master_hostname: "127.0.0.1",
      frameworks: [
        {
          id: "f1",
          executors: expect.arrayContaining([
            expect.objectContaining({
              id: "t-files",
              name: "Command Executor (Task: t-files) (Command: sh -c 'printf 'line...')",
              source: "t-files",
              role: "*",
              labels: [{ key: "a", value: "b" }],
              queued_tasks: [],
              completed_tasks: [],
              tasks: [
                expect.objectContaining({
                  id: "t-files",
                  executor_id: "",
                  slave_id: "m1-S0",
                  state: "TASK_RUNNING",
                  resources: { disk: 0, mem: 64, gpus: 0, cpus: 0.5 },
                }),
              ],
            }),
          ]),
        },
      ],
    });
    expect(JSON.stringify(state)).not.toContain(secret);
    expect((await get("/slave(1)/state/")).status).toBe(200);
    expect((await get("/slave%281%29/health")).status).toBe(200);
    const padded = await get("/version?jsonp=cb");
    expect(padded.text).toMatch(/^cb\(\{"version":"1\.12\.0".*\}\)$/);
    expect((await get("/version?jsonp=a(b)")).status).toBe(400);
  });

  it("[AGT31] containers, statistics and metrics", async () => {
    expect(await getJson("/containers?container_id=nope")).toEqual([]);
    expect(await getJson("/monitor/statistics")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          executor_id: "t-files",
          framework_id: "f1",
          statistics: expect.objectContaining({ mem_limit_bytes: 67_108_864 }),
        }),
      ]),
    );
    expect(await getJson("/metrics/snapshot?timeout=2secs")).toMatchObject({
      "slave/registered": 1,
      "slave/cpus_total": 4,
      "slave/tasks_running": expect.any(Number),
    });
    expect((await get("/metrics/snapshot?timeout=bogus")).status).toBe(400);
  });

  it.each([
    ["/nope", 404, "404 Not Found."],
    ["/api/v1", 405, "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'."],
    ["/files/browse", 400, "Expecting 'path=value' in query.\n"],
    ["/files/browse?path=/nope", 404, ""],
    ["/files/browse?path=/etc", 404, ""],
    ["/files/read?path=/nope", 404, ""],
    [`/files/read?path=${sandbox}&offset=0`, 400, "Cannot read a directory.\n"],
    [
      `/files/read?path=${sandbox}/stdout&offset=x`,
      400,
      "Failed to parse offset: Failed to convert 'x' to number.\n",
    ],
    [`/files/read?path=${sandbox}/stdout&offset=-2`, 400, "Negative offset provided: -2.\n"],
    [`/files/read?path=${sandbox}/stdout&offset=-1`, 200, '{"data":"","offset":9}'],
    [`/files/read?path=${sandbox}/stdout`, 200, '{"data":"","offset":9}'],
    [
      `/files/read?path=${sandbox}/stdout&offset=0&length=-1`,
      200,
      '{"data":"line-one\\n","offset":0}',
    ],
    [`/files/read?path=${sandbox}/stdout&offset=0&length=4`, 200, '{"data":"line","offset":0}'],
    [`/files/read?path=${sandbox}/stdout&offset=100000`, 200, '{"data":"","offset":100000}'],
    [
      `/files/read?path=${sandbox}/stdout&offset=0&jsonp=cb`,
      200,
      'cb({"data":"line-one\\n","offset":0})',
    ],
    [`/files/read?path=${sandbox}/utf8&offset=0&length=3`, 200, '{"data":"é","offset":0}'],
    [`/files/browse?path=${sandbox}/stdout`, 200, "[]"],
    [`/files/browse?path=${sandbox}/sub/`, 200, "[]"],
    ["/files/download?path=/nope", 404, "404 Not Found."],
    [`/files/download?path=${sandbox}`, 400, "Cannot download a directory.\n"],
    [`/files/download?path=${sandbox}/out.txt`, 200, "data\n"],
    [`/files/browse?path=${sandbox}/../../..`, 400, `'${sandbox}/../../..' is inaccessible.\n`],
  ])("[AGT32] GET %s is %i", async (path, status, text) => {
    expect(await get(path)).toEqual({ status, text });
  });

  it("[AGT32] shows nothing outside the sandbox, whatever a task plants there", async () => {
    const state = (await getJson("/state")) as {
      readonly frameworks: readonly {
        readonly executors: readonly { readonly id: string; readonly directory: string }[];
      }[];
    };
    const dir = state.frameworks[0]?.executors.find(({ id }) => id === "t-files")?.directory ?? "";
    writeFileSync(`${fixture.dir}/outside`, "private");
    symlinkSync(`${fixture.dir}/outside`, `${dir}/link`);
    symlinkSync(fixture.dir, `${dir}/dirlink`);
    mkdirSync(`${dir}/inner`, { recursive: true });
    symlinkSync("../out.txt", `${dir}/inner/fine`);
    execFileSync("/usr/bin/mkfifo", [`${dir}/pipe`]);
    execFileSync("/bin/ln", [`${fixture.dir}/outside`, `${dir}/hard`]);
    symlinkSync("/dev/zero", `${dir}/device`);
    symlinkSync(`${"../".repeat(20)}etc/passwd`, `${dir}/climb`);
    symlinkSync("/proc/self/environ", `${dir}/self`);
    symlinkSync(".", `${dir}/inner/here`);
    symlinkSync("loop", `${dir}/loop`);
    const names = [
      "link",
      "dirlink",
      "dirlink/outside",
      "pipe",
      "inner/../../x",
      "%00",
      "stdout%00",
    ];
    names.push("..", "inner/..", "%2e%2e", "%2e%2e/%2e%2e/meta", "..%2f..", "inner/here/../../x");
    names.push("device", "climb", "self", "loop", "inner/here/here/../../../stdout");
    if (process.getuid?.() === 0) names.push("hard");
    for (const name of names) {
      for (const what of ["browse", "read", "download"]) {
        const { status, text } = await get(`/files/${what}?path=${sandbox}/${name}&offset=0`);
        expect([name, status, /private|root:/.test(text)]).toEqual([name, 400, false]);
      }
      const path = decodeURIComponent(`${sandbox}/${name}`);
      for (const body of [
        { type: "READ_FILE", read_file: { path, offset: 0 } },
        { type: "LIST_FILES", list_files: { path } },
      ]) {
        expect([name, (await call(body)).status]).toEqual([name, 400]);
      }
    }
    for (const path of [
      "/etc/passwd",
      "/frameworks/f1/executors/t-files/runs/../../../../meta/agent.sqlite",
      "/frameworks/../frameworks/f1/executors/t-files/runs/latest/stdout",
      `${dir}/../../../../../../../meta/agent.sqlite`,
      `${fixture.dir}/outside`,
      `${dir}x/stdout`,
      "/frameworks/f1/executors/%74-files%2f../runs/latest/stdout",
    ]) {
      const { status, text } = await get(`/files/read?path=${path}&offset=0`);
      expect([path, status === 404 || status === 400, text]).toEqual([
        path,
        true,
        expect.not.stringMatching(/private|root:|SQLite|line-one/),
      ]);
    }
    expect((await get(`/files/download?path=${sandbox}/inner/fine`)).text).toBe("data\n");
    const listed = (await getJson(`/files/browse?path=${sandbox}`)) as readonly {
      readonly mode: string;
      readonly path: string;
    }[];
    expect(listed.find(({ path }) => path === `${sandbox}/link`)?.mode).toBe("lrwxrwxrwx");
    expect(listed.find(({ path }) => path === `${sandbox}/pipe`)?.mode.slice(0, 1)).toBe("p");
  });

  it("[AGT34] /logging/toggle shows the level, and sets it for a while with the secret", async () => {
    expect(await get("/logging/toggle")).toEqual({ status: 200, text: "0\n" });
    expect((await get("/logging/toggle?level=1&duration=1mins")).status).toBe(401);
    const toggle = async (query: string): Promise<readonly [number, string]> => {
      const response = await fetch(`${fixture.agent.url}/logging/toggle?${query}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${secret}` },
      });
      return [response.status, await response.text()];
    };
    expect(await toggle("level=1")).toEqual([400, "Expecting 'duration=value' in query.\n"]);
    expect(await toggle("duration=1secs")).toEqual([400, "Expecting 'level=value' in query.\n"]);
    expect(await toggle("level=1&duration=soon")).toEqual([400, "Invalid duration 'soon'.\n"]);
    expect(await toggle("level=x&duration=1secs")).toEqual([400, "Invalid level 'NaN'.\n"]);
    expect(await toggle("level=3&duration=100ms")).toEqual([200, ""]);
    expect((await get("/logging/toggle")).text).toBe("3\n");
    await until(async () => (await get("/logging/toggle")).text === "0\n", "the level falls back");
  });

  it("[AGT32] downloads a large file whole, with its length", async () => {
    const state = (await getJson("/files/debug")) as Readonly<Record<string, string>>;
    const bytes = Buffer.alloc(5_000_001, "abcdefg");
    writeFileSync(`${state[sandbox] ?? ""}/large.bin`, bytes);
    const response = await fetch(`${fixture.agent.url}/files/download?path=${sandbox}/large.bin`);
    expect(response.headers.get("content-length")).toBe("5000001");
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.get("content-disposition")).toBe("attachment; filename=large.bin");
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });
});

describe("POST /api/v1", () => {
  it.each([
    "GET_HEALTH",
    "GET_FLAGS",
    "GET_VERSION",
    "GET_METRICS",
    "GET_LOGGING_LEVEL",
    "GET_STATE",
    "GET_CONTAINERS",
    "GET_FRAMEWORKS",
    "GET_EXECUTORS",
    "GET_OPERATIONS",
    "GET_TASKS",
    "GET_AGENT",
    "GET_RESOURCE_PROVIDERS",
  ])("[AGT33] %s answers in JSON and in protobuf, without the secret", async (type) => {
    const json = await call({ type });
    expect(json.status).toBe(200);
    const body = (await json.json()) as Readonly<Record<string, unknown>>;
    expect(body["type"]).toBe(type);
    const binary = await call({ type }, { Accept: "application/x-protobuf" });
    expect(binary.headers.get("content-type")).toBe("application/x-protobuf");
    expect((await binary.arrayBuffer()).byteLength).toBeGreaterThan(1);
  });

  it("[AGT33] GET_TASKS has the task and its statuses", async () => {
    const response = await call({ type: "GET_TASKS" });
    const body = (await response.json()) as {
      readonly get_tasks: { readonly launched_tasks: readonly unknown[] };
    };
    expect(body.get_tasks.launched_tasks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          task_id: { value: "t-files" },
          state: "TASK_RUNNING",
          status_update_state: "TASK_RUNNING",
        }),
      ]),
    );
  });

  it("[AGT33] LIST_FILES and READ_FILE", async () => {
    const listed = await call({ type: "LIST_FILES", list_files: { path: sandbox } });
    const body = (await listed.json()) as {
      readonly list_files: { readonly file_infos: readonly unknown[] };
    };
    expect(body.list_files.file_infos).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: `${sandbox}/stdout`, size: 9 })]),
    );
    const read = await call({
      type: "READ_FILE",
      read_file: { path: `${sandbox}/stdout`, offset: 0, length: 50 },
    });
    expect(await read.json()).toEqual({
      type: "READ_FILE",
      read_file: { size: 9, data: "bGluZS1vbmUK" },
    });
    for (const offset of [100_000, 9_007_199_254_740_994]) {
      const beyond = await call({
        type: "READ_FILE",
        read_file: { path: `${sandbox}/stdout`, offset },
      });
      expect(await beyond.json()).toEqual({ type: "READ_FILE", read_file: { size: 9, data: "" } });
    }
  });

  it.each([
    [
      "broken JSON",
      "{not json",
      {},
      400,
      /^Failed to parse body into JSON: syntax error at line 1/,
    ],
    [
      "broken protobuf",
      "\u00ff\u00ff",
      { "Content-Type": "application/x-protobuf" },
      400,
      /^Failed to parse body into a protobuf object$/,
    ],
    ["a list", "[]", {}, 400, /^Expecting a JSON object$/],
    ["no type", {}, {}, 400, /^Failed to validate agent::Call: Expecting 'type' to be present$/],
    ["an unknown type", { type: "NO_SUCH" }, {}, 400, /Expecting 'type' to be present$/],
    ["UNKNOWN", { type: "UNKNOWN" }, {}, 501, /^501 Not Implemented\.$/],
    ["no part", { type: "READ_FILE" }, {}, 400, /Expecting 'read_file' to be present$/],
    [
      "a lacking field",
      { type: "READ_FILE", read_file: { path: "/x" } },
      {},
      400,
      /^Missing required fields: read_file\.offset$/,
    ],
    [
      "another media type",
      "x",
      { "Content-Type": "text/plain" },
      415,
      /^Expecting 'Content-Type' of application\/json or application\/x-protobuf or application\/recordio$/,
    ],
    [
      "nothing acceptable",
      { type: "GET_HEALTH" },
      { Accept: "text/html" },
      406,
      /^Expecting 'Accept' to allow application\/json or/,
    ],
    [
      "a stream",
      { type: "GET_HEALTH" },
      { Accept: "application/recordio" },
      406,
      /^Streaming response is not supported for GET_HEALTH call$/,
    ],
    ["a write without the secret", { type: "PRUNE_IMAGES" }, {}, 401, /Authorization: Bearer/],
    [
      "a write with it",
      { type: "LAUNCH_CONTAINER" },
      { Authorization: `Bearer ${secret}` },
      501,
      /no call LAUNCH_CONTAINER/,
    ],
  ] as const)("[AGT33] refuses %s", async (_what, body, headers, status, text) => {
    const response = await call(body, { ...headers });
    expect([response.status, await response.text()]).toEqual([status, expect.stringMatching(text)]);
  });
});

describe("wrong configuration", () => {
  it.each([
    [{ resources: "cpus" }, /agent configuration, resources: /],
    [{ attributes: "x" }, /agent configuration, attributes: /],
    [{ masters: [] }, /agent configuration, masters: name at least one/],
    [{ masters: ["10.0.0.1:5050"] }, /agent configuration, masters: /],
    [{ workDir: "here" }, /agent configuration, workDir: /],
    [{ resolvConf: "resolv.conf" }, "resolvConf: 'resolv.conf' is not an absolute path"],
  ])("[AGT25] %j is refused by name", async (wrong, message) => {
    await expect(startAgent({ ...fixture.config, ...wrong })).rejects.toThrow(message);
  });

  it("[AGT25] a second agent on the same folder, or port, is refused", async () => {
    await expect(startAgent(fixture.config)).rejects.toThrow("is in use by another agent");
    const config = {
      ...fixture.config,
      workDir: `${fixture.dir}/w2`,
      runtimeDir: `${fixture.dir}/r2`,
    };
    await expect(startAgent(config)).rejects.toThrow(/Cannot listen on 127\.0\.0\.1/);
  });
});
