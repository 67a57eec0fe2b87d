import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ScriptedCluster } from "./testing/scripted-cluster.ts";

let cluster = await ScriptedCluster.start();

const zone = "l4lb.thisdcos.directory";
const backend = { agentId: "S-0", frameworkId: "F-1" };
const first = { ...backend, address: "10.0.0.1", port: 31_001, taskId: "web.1", connections: 3 };
const second = { ...backend, address: "10.0.0.2", port: 31_002, taskId: "web.2", connections: 0 };
const vips = [
  {
    address: "11.0.0.1",
    port: 80,
    protocol: "tcp",
    names: [`web.marathon.${zone}`],
    backends: [first, second],
  },
  { address: "1.2.3.4", port: 5000, protocol: "udp", names: [], backends: [] },
];
const tasks = [
  { id: "web.1", host: "10.0.0.1", state: "TASK_RUNNING", healthCheckResults: [{ alive: true }] },
  { id: "web.2", host: "10.0.0.2", state: "TASK_RUNNING" },
  { id: "web.3", host: "10.0.0.3", state: "TASK_RUNNING", healthCheckResults: [{ alive: false }] },
  { id: "web.4", host: "10.0.0.3", state: "TASK_STAGING" },
].map((task) => ({ appId: "/shop/web", ports: [31_000], slaveId: "S-0", version: "v", ...task }));
const app = {
  id: "/shop/web",
  cmd: "run",
  instances: 4,
  cpus: 1,
  mem: 32,
  disk: 0,
  gpus: 0,
  version: "2026-11-22T10:00:00.000Z",
  versionInfo: { lastConfigChangeAt: "2026-11-22T10:00:00.000Z" },
  unreachableStrategy: "disabled",
  labels: {},
  healthChecks: [],
  portDefinitions: [{ port: 10_000, protocol: "tcp", name: "http", labels: { VIP_0: "/w/eb:80" } }],
  tasks,
};

beforeEach(async () => {
  await cluster.close();
  cluster = await ScriptedCluster.start();
  const pid = `slave(1)@127.0.0.1:${String(cluster.port)}`;
  const agent = { id: "S-0", hostname: "a1", pid, active: true };
  cluster.on("GET /slaves", { status: 200, json: { slaves: [agent] } });
  cluster.on("GET /v1/vips/detail", { status: 200, json: { available: true, vips } });
  cluster.on("GET /v2/info", { status: 200, json: { name: "marathon", version: "1.11.24" } });
  cluster.on("GET /v2/apps", {
    status: 200,
    json: { apps: [app, { ...app, id: "/other", portDefinitions: [] }] },
  });
  cluster.on("GET /v2/apps/shop/web", { status: 200, json: { app } });
  cluster.on("GET /v2/queue", { status: 200, json: { queue: [] } });
});

afterAll(() => cluster.close());

describe("tutti vip", () => {
  it("[CLI70] list: backends, and the connections of all machines together", async () => {
    const run = await cluster.run(["vip", "list"]);
    const stderr =
      "A virtual IP without backends refuses connections; it goes away ten minutes after its last one.\n";
    expect(run).toMatchObject({ exitCode: 0, stderr });
    // The scripted cluster is the master's machine and the agent's: each connection is told twice.
    expect(run.stdout).toBe(
      [
        "VIRTUAL IP                               PROTOCOL  ADDRESS       BACKENDS  CONNECTIONS",
        "1.2.3.4:5000                             udp       1.2.3.4:5000  0         0",
        `web.marathon.${zone}:80  tcp       11.0.0.1:80   2         6`,
        "",
      ].join("\n"),
    );
    const json = await cluster.run(["vip", "list", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      vips: [
        { address: "1.2.3.4", port: 5000, protocol: "udp", names: [], backends: [] },
        { names: [`web.marathon.${zone}`], backends: [{ taskId: "web.1", connections: 6 }, {}] },
      ],
    });
  });

  it("[CLI70] list: none, and not served here", async () => {
    const json = { available: false, reason: "there is no nft", vips: [] };
    cluster.on("GET /v1/vips/detail", { status: 200, json });
    const run = await cluster.run(["vip", "list"]);
    expect(run.stdout).toContain('There are no virtual IPs. A port gets one by the label "VIP_0"');
    expect(run.stderr).toBe(
      "Virtual IPs are not served on the master's machine: there is no nft.\n",
    );
  });

  it("[CLI70] list: a cluster without them", async () => {
    cluster.on("GET /v1/vips/detail", { status: 404, text: "404 page not found\n" });
    const run = await cluster.run(["vip", "list"]);
    expect(run).toMatchObject({ exitCode: 1, stdout: "" });
    expect(run.stderr).toMatch(/^tutti: This cluster serves no virtual IPs\.\n.* root/);
  });

  it.each([
    `web.marathon.${zone}:80`,
    "web.marathon",
    "WEB",
    "web:80",
    "11.0.0.1",
    "11.0.0.1:80",
    "/web:80",
    "/web.marathon",
  ])(
    "[CLI71] show %s: health and connections of each backend, and why a task is none",
    async (name) => {
      const run = await cluster.run(["vip", "show", name]);
      expect(run).toMatchObject({ exitCode: 0, stderr: "" });
      const rows = run.stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | "));
      expect(rows).toEqual([
        `web.marathon.${zone}:80 tcp`,
        " | address | 11.0.0.1:80",
        "",
        "TASK | APP | MACHINE | BACKEND | HEALTH | CONNECTIONS",
        "web.1 | /shop/web | 10.0.0.1 | 10.0.0.1:31001 | healthy | 6",
        "web.2 | /shop/web | 10.0.0.2 | 10.0.0.2:31002 | - | 0",
        "web.3 | /shop/web | 10.0.0.3 | none: it is not healthy | unhealthy | -",
        "web.4 | /shop/web | 10.0.0.3 | none: it is starting | - | -",
        "",
      ]);
    },
  );

  it("[CLI71] show: for programs, and where a label of the app names it", async () => {
    const named = { ...app, portDefinitions: [], labels: { VIP_PORT0: "/web:80" } };
    cluster.on("GET /v2/apps", { status: 200, json: { apps: [named] } });
    const json = await cluster.run(["vip", "show", "web", "--json"]);
    const { vips: shown } = JSON.parse(json.stdout) as { readonly vips: readonly object[] };
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({
      members: [
        { taskId: "web.1", app: "/shop/web", backend: "10.0.0.1:31001", healthy: true, out: null },
        { taskId: "web.2", healthy: null, connections: 0, out: null },
        { taskId: "web.3", backend: null, healthy: false, out: "it is not healthy" },
        { taskId: "web.4", backend: null, healthy: null, out: "it is starting" },
      ],
    });
    const text = await cluster.run(["vip", "show", "web"]);
    expect(text.stdout).toContain("none: it is not healthy");
  });

  it("[CLI71] show: one without backends, and one that is not there", async () => {
    const none = await cluster.run(["vip", "show", "1.2.3.4"]);
    expect(none.stdout).toContain("No backend: connections are refused.");
    const unknown = await cluster.run(["vip", "show", `wbe.marathon.${zone}:80`]);
    expect(unknown).toEqual({
      exitCode: 4,
      stdout: "",
      stderr:
        `tutti: There is no virtual IP wbe.marathon.${zone}:80.\n` +
        `Did you mean web.marathon.${zone}:80?\n`,
    });
  });
});

describe("names that are not of this moment", () => {
  it.each([
    ["vip", "list"],
    ["vip", "show", "web"],
    ["dns", "leader.mesos"],
  ])("[CLI74] %s %s: age and what is held are told", async (...argv) => {
    const host = { host: "leader.mesos.", ip: "10.0.0.9" };
    cluster.on("GET /v1/hosts/leader.mesos", { status: 200, json: [host] });
    const held = { tasks: 7, reason: "7 of 9 tasks went at once" };
    cluster.on("GET /health", { status: 200, json: { ageSeconds: 95.4, held } });
    const run = await cluster.run(argv);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain(
      "This is 95 s old: the master has not been heard since. See ./tutti status.\n" +
        "Names of 7 lost tasks are held: 7 of 9 tasks went at once.\n",
    );
    cluster.on("GET /health", { status: 200, json: { ageSeconds: 4 } });
    expect((await cluster.run(argv)).stderr).not.toContain("old");
  });
});

describe("tutti dns", () => {
  beforeEach(() => {
    const known: Readonly<Record<string, object>> = {
      "web-shop.marathon.mesos": [{ host: "web-shop.marathon.mesos.", ip: "10.0.0.1" }],
      "web-shop.marathon.autoip.dcos.thisdcos.directory": [{ host: "x", ip: "10.0.0.1" }],
      [`web.marathon.${zone}`]: [{ host: "x", ip: "11.0.0.1" }],
      "leader.mesos": [{ host: "leader.mesos.", ip: "10.0.0.9" }],
    };
    for (const [name, json] of Object.entries(known)) {
      cluster.on(`GET /v1/hosts/${name}`, { status: 200, json });
    }
    const row = { service: "s", host: "h.slave.mesos.", ip: "10.0.0.1", port: "31001" };
    cluster.on("GET /v1/services/_web-shop._tcp.marathon.mesos", { status: 200, json: [row] });
  });

  it("[CLI72] a name, in any spelling", async () => {
    for (const name of ["leader.mesos", "LEADER.mesos.", "leader"]) {
      const run = await cluster.run(["dns", name]);
      expect(run.stdout).toBe("NAME          TYPE  LEADS TO\nleader.mesos  A     10.0.0.9\n");
    }
  });

  it("[CLI72] a service: address and port", async () => {
    const run = await cluster.run(["dns", "_web-shop._tcp.marathon.mesos", "--json"]);
    expect(JSON.parse(run.stdout)).toEqual({
      query: "_web-shop._tcp.marathon.mesos",
      records: [
        {
          name: "_web-shop._tcp.marathon.mesos",
          type: "SRV",
          address: "10.0.0.1",
          port: 31_001,
          host: "h.slave.mesos",
        },
      ],
    });
  });

  it.each(["/shop/web", "shop/web"])("[CLI72] the names of an app: %s", async (text) => {
    const run = await cluster.run(["dns", text, "--json"]);
    const { records } = JSON.parse(run.stdout) as { records: readonly { readonly name: string }[] };
    expect(records.map(({ name }) => name)).toEqual([
      "web-shop.marathon.mesos",
      "web-shop.marathon.autoip.dcos.thisdcos.directory",
      `web.marathon.${zone}`,
      "_web-shop._tcp.marathon.mesos",
    ]);
  });

  it("[CLI72] a name that leads nowhere", async () => {
    cluster.on("GET /v1/hosts/gone.mesos", { status: 200, json: [{ host: "", ip: "" }] });
    const run = await cluster.run(["dns", "gone.mesos"]);
    expect(run).toMatchObject({ exitCode: 4, stdout: "" });
    expect(run.stderr).toContain("gone.mesos leads nowhere at this moment.");
  });
});

describe("where an app is shown", () => {
  const problem = {
    frameworkId: "F-1",
    taskId: "web.1",
    name: "web.shop",
    code: "VIP_LABEL_INVALID",
    message: 'label VIP_0: "web:80" is neither an address nor a name; a name begins with "/"',
  };
  const sentence =
    'Label VIP_0: "web:80" is neither an address nor a name; a name begins with "/".';

  beforeEach(() => {
    const problems = [problem, { ...problem, taskId: "old.1", message: "of another life" }];
    cluster.on("GET /discovery/v1/problems", { status: 200, json: { problems } });
  });

  it("[CLI73] app show: addresses, names, virtual IPs and what is wrong with them", async () => {
    const json = await cluster.run(["app", "show", "shop/web", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      endpoints: {
        addresses: ["10.0.0.1:31000", "10.0.0.2:31000", "10.0.0.3:31000"],
        names: [
          "web-shop.marathon.mesos",
          "web-shop.marathon.autoip.dcos.thisdcos.directory",
          "web-shop.marathon.containerip.dcos.thisdcos.directory",
          "web-shop.marathon.agentip.dcos.thisdcos.directory",
          "_web-shop._tcp.marathon.mesos",
          "_http._web-shop._tcp.marathon.mesos",
        ],
        vips: [
          {
            vip: `web.marathon.${zone}:80`,
            address: "11.0.0.1:80",
            protocol: "tcp",
            backends: 2,
          },
        ],
      },
      warnings: [sentence],
    });
    const text = await cluster.run(["app", "show", "shop/web"]);
    expect(text.stdout).toContain("  names        web-shop.marathon.mesos\n");
    expect(text.stdout).toContain(
      `  virtual IPs  web.marathon.${zone}:80 (11.0.0.1:80) tcp, 2 backends of it\n`,
    );
    expect(text.stdout).toContain(`  warning      ${sentence}\n`);
  });

  it("[CLI73] app show: without the process that knows names", async () => {
    cluster.on("GET /v1/vips/detail", { status: 500, text: "no" });
    cluster.on("GET /discovery/v1/problems", { status: 500, text: "no" });
    const json = await cluster.run(["app", "show", "shop/web", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ endpoints: { vips: null }, warnings: [] });
  });

  it("[CLI73, WHY13] explain: what is wrong is told, also when all runs", async () => {
    const warning = {
      code: "NAMES_COLLAPSE",
      message: "In DNS it has the same name as /web-shop.",
    };
    cluster.on("GET /v2/apps/shop/web", {
      status: 200,
      json: { app: { ...app, instances: 1, tasks: [tasks[0]], warnings: [warning] } },
    });
    const run = await cluster.run(["explain", "shop/web"]);
    expect(run.stdout).toBe(
      `Its only instance runs.\nIn DNS it has the same name as /web-shop.\n${sentence}\n`,
    );
  });
});
