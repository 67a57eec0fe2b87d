import { describe, expect, it } from "vitest";
import { parseConstraint, validateApp } from "@tutti/marathon-v2";
import type { AppInput, VersionedApp } from "@tutti/marathon-v2";
import type { Offer } from "@tutti/mesos-v1";
import type { Instance } from "../instance.ts";
import { sequenceRandom } from "../testing/sequence-random.ts";
import { attributeTexts } from "./attributes.ts";
import { buildTask } from "./build-task.ts";
import { meetsConstraint } from "./constraints.ts";
import { matchOffer } from "./match-offer.ts";
import type { Candidate } from "./match-offer.ts";
import { OfferPool } from "./offer-pool.ts";
import { taskEnvironment } from "./task-environment.ts";

const env = { wallMs: 1_800_000_000_000, random: sequenceRandom() };

function app(input: AppInput): VersionedApp {
  const valid = validateApp(
    { id: "/shop/web", ...(input.args === undefined ? { cmd: "serve" } : {}), ...input },
    { roles: ["*", "slave_public"] },
  );
  if (!valid.ok) throw new Error(JSON.stringify(valid.error.details));
  const version = "2026-11-22T10:00:00.000Z";
  const versionInfo = { lastScalingAt: version, lastConfigChangeAt: version };
  return { ...valid.value, version, versionInfo };
}

function candidate(input: AppInput): Candidate {
  const definition = app(input);
  return {
    app: definition,
    constraints: definition.constraints.flatMap((constraint) => {
      const parsed = parseConstraint(constraint);
      return parsed.ok ? [{ written: constraint, constraint: parsed.value }] : [];
    }),
    resourceRoles: definition.acceptedResourceRoles ?? ["*"],
  };
}

function offer(changes: Partial<Offer> = {}): Offer {
  return {
    id: { value: "offer-1" },
    framework_id: { value: "f" },
    agent_id: { value: "agent-1" },
    hostname: "host1",
    allocation_info: { role: "*" },
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 2 } },
      { name: "mem", type: "SCALAR", scalar: { value: 1024 } },
      {
        name: "ports",
        type: "RANGES",
        ranges: {
          range: [
            { begin: 31_000, end: 31_001 },
            { begin: 31_500, end: 31_500 },
          ],
        },
      },
    ],
    attributes: [
      { name: "rack", type: "TEXT", text: { value: "r1" } },
      { name: "level", type: "SCALAR", scalar: { value: 2.5 } },
    ],
    ...changes,
  };
}

function instance(host: string, rack: string): Instance {
  return {
    id: `web.instance-${host}`,
    taskId: `web.instance-${host}._app.1`,
    appId: "/web",
    version: "v",
    configVersion: "v",
    goal: "Running",
    condition: "Running",
    taskState: "TASK_RUNNING",
    role: "*",
    agentId: host,
    host,
    attributes: [{ name: "rack", text: rack }],
    hostPorts: [],
    ipAddresses: [],
    healthJudge: "none",
    failuresMax: 0,
    stagedAtMs: 0,
    sinceMs: 0,
  };
}

describe("constraints", () => {
  const others = [instance("host1", "r1"), instance("host2", "r1"), instance("host3", "r2")];
  const cases: readonly (readonly [readonly string[], readonly Instance[], boolean])[] = [
    [["hostname", "UNIQUE"], [], true],
    [["hostname", "UNIQUE"], others, false],
    [["@hostname", "UNIQUE"], others.slice(1), true],
    [["rack", "UNIQUE"], others.slice(2), true],
    [["hostname", "CLUSTER", "host1"], [], true],
    [["hostname", "CLUSTER", "host2"], [], false],
    [["rack", "CLUSTER"], others.slice(0, 2), true],
    [["rack", "CLUSTER"], others, false],
    [["rack", "LIKE", "r[12]"], [], true],
    [["rack", "LIKE", "r"], [], false],
    [["rack", "UNLIKE", "r[23]"], [], true],
    [["absent", "LIKE", ".*"], [], false],
    [["absent", "UNLIKE", ".*"], [], true],
    [["rack", "GROUP_BY"], [], true],
    [["rack", "GROUP_BY"], others, false],
    [["rack", "GROUP_BY", "3"], others, false],
    [["rack", "GROUP_BY"], [instance("a", "r1"), instance("b", "r2")], true],
    [["rack", "MAX_PER", "2"], others, false],
    [["rack", "MAX_PER", "3"], others, true],
    [["rack", "IS", "r1"], [], true],
    [["level", "IS", "2.5"], [], true],
    [["level", "IS", "2"], [], false],
  ];
  for (const [constraint, instances, expected] of cases) {
    it(`[MAR14] ${constraint.join(" ")} with ${instances.length} others`, () => {
      const parsed = parseConstraint(constraint);
      const pool = new OfferPool(offer());
      expect(parsed.ok && meetsConstraint(parsed.value, pool, instances)).toBe(expected);
    });
  }

  it("[MAR14] compares ranges and sets as Marathon writes them", () => {
    expect(
      attributeTexts([
        {
          name: "r",
          type: "RANGES",
          ranges: {
            range: [
              { begin: 7, end: 9 },
              { begin: 1, end: 2 },
            ],
          },
        },
        { name: "s", type: "SET", set: { item: ["b", "a"] } },
      ]),
    ).toEqual([
      { name: "r", text: "[1-2,7-9]" },
      { name: "s", text: "{a,b}" },
    ]);
  });
});

describe("matching", () => {
  const mismatches: readonly (readonly [string, AppInput, Partial<Offer>])[] = [
    ["UnfulfilledRole", { role: "slave_public" }, {}],
    ["UnfulfilledRole", { acceptedResourceRoles: ["slave_public"] }, {}],
    ["UnfulfilledConstraint", { constraints: [["rack", "CLUSTER", "r9"]] }, {}],
    ["AgentMaintenance", {}, { unavailability: { start: { nanoseconds: 1 } } }],
    ["InsufficientCpus", { cpus: 2.001 }, {}],
    ["InsufficientMemory", { mem: 1025 }, {}],
    ["InsufficientDisk", { disk: 1 }, {}],
    ["InsufficientGpus", { gpus: 1 }, {}],
    ["InsufficientPorts", { ports: [0, 0, 0, 0] }, {}],
    ["InsufficientPorts", { ports: [80], requirePorts: true }, {}],
  ];
  for (const [reason, input, changes] of mismatches) {
    it(`[MAR12] ${reason} ${JSON.stringify(input)}`, () => {
      const match = matchOffer(candidate(input), new OfferPool(offer(changes)), [], env);
      expect(match).toMatchObject({ type: "mismatch", reason });
    });
  }

  it("[MAR13] takes what it needs until nothing is left", () => {
    const pool = new OfferPool(offer());
    const wanted = candidate({ cpus: 0.7, mem: 100 });
    const ports = new Set<number>();
    for (let index = 0; index < 2; index += 1) {
      const match = matchOffer(wanted, pool, [], env);
      expect(match.type).toBe("match");
      if (match.type === "match") for (const port of match.hostPorts) ports.add(port);
    }
    expect(ports.size).toBe(2);
    expect(matchOffer(wanted, pool, [], env)).toMatchObject({ reason: "InsufficientCpus" });
  });

  it("[MAR13] takes reserved resources first, with their reservation", () => {
    const reservations = [{ type: "STATIC" as const, role: "slave_public" }];
    const pool = new OfferPool(
      offer({
        allocation_info: { role: "slave_public" },
        resources: [
          { name: "cpus", type: "SCALAR", scalar: { value: 1 } },
          { name: "cpus", type: "SCALAR", scalar: { value: 0.5 }, reservations },
          { name: "mem", type: "SCALAR", scalar: { value: 1024 }, reservations },
        ],
      }),
    );
    const input = { cpus: 0.8, mem: 1, ports: [], acceptedResourceRoles: ["slave_public", "*"] };
    expect(matchOffer(candidate(input), pool, [], env)).toEqual({
      type: "match",
      hostPorts: [],
      resources: [
        { name: "cpus", type: "SCALAR", scalar: { value: 0.5 }, reservations },
        { name: "cpus", type: "SCALAR", scalar: { value: 0.3 } },
        { name: "mem", type: "SCALAR", scalar: { value: 1 }, reservations },
      ],
    });
  });

  it("[MAR15] requires the very ports", () => {
    const input = { ports: [31_500, 31_000], requirePorts: true, cpus: 0.1, mem: 1 };
    expect(matchOffer(candidate(input), new OfferPool(offer()), [], env)).toMatchObject({
      type: "match",
      hostPorts: [31_500, 31_000],
    });
  });
});

describe("tasks", () => {
  it("[MAR16] get Marathon's environment", () => {
    const definition = app({
      cpus: 0.5,
      mem: 64,
      env: { COLOR: "red", PORT: "mine" },
      labels: { "team-a": "core" },
      portDefinitions: [{ port: 10_001, name: "http" }, { port: 0 }],
    });
    const place = { taskId: "t", host: "host1", hostPorts: [31_000, 31_001] };
    const variables = taskEnvironment(definition, place).variables ?? [];
    expect(Object.fromEntries(variables.map(({ name, value }) => [name, value]))).toEqual({
      COLOR: "red",
      HOST: "host1",
      MARATHON_APP_ID: "/shop/web",
      MARATHON_APP_LABELS: "TEAM_A",
      MARATHON_APP_LABEL_TEAM_A: "core",
      MARATHON_APP_RESOURCE_CPUS: "0.5",
      MARATHON_APP_RESOURCE_DISK: "0.0",
      MARATHON_APP_RESOURCE_GPUS: "0",
      MARATHON_APP_RESOURCE_MEM: "64.0",
      MARATHON_APP_VERSION: "2026-11-22T10:00:00.000Z",
      MESOS_TASK_ID: "t",
      PORT: "mine",
      PORT0: "31000",
      PORT1: "31001",
      PORTS: "31000,31001",
      PORT_10001: "31000",
      PORT_31001: "31001",
      PORT_HTTP: "31000",
    });
  });

  it("[MAR17] leave HTTP checks to Marathon and commands to the executor", () => {
    const placed = { ...instance("host1", "r1"), hostPorts: [31_000] };
    const http = buildTask(app({ healthChecks: [{ path: "/up" }] }), placed, []);
    expect(http.health_check).toMatchObject({
      type: "HTTP",
      http: { scheme: "http", port: 31_000, path: "/up" },
      consecutive_failures: 3,
    });
    expect(http.labels?.labels).toEqual([{ key: "tutti.health.reportOnly", value: "true" }]);
    const check = { protocol: "COMMAND" as const, command: { value: "true" } };
    const command = buildTask(app({ healthChecks: [check] }), placed, []);
    expect(command.health_check).toMatchObject({ type: "COMMAND" });
    expect(command.labels).toBeUndefined();
  });

  it("[MAR16] say their name, ports, labels, grace period and user", () => {
    const definition = app({
      args: ["./serve", "-v"],
      taskKillGracePeriodSeconds: 7,
      user: "web",
      labels: { a: "b" },
      portDefinitions: [{ port: 80, name: "http", labels: { VIP_0: "/web:80" } }],
    });
    const task = buildTask(definition, { ...instance("host1", "r1"), hostPorts: [31_000] }, []);
    expect(task).toMatchObject({
      name: "web.shop",
      kill_policy: { grace_period: { nanoseconds: 7_000_000_000 } },
      labels: { labels: [{ key: "a", value: "b" }] },
      command: { shell: false, value: "./serve", arguments: ["./serve", "-v"], user: "web" },
      discovery: {
        name: "web.shop",
        visibility: "FRAMEWORK",
        ports: {
          ports: [
            {
              number: 31_000,
              name: "http",
              protocol: "tcp",
              labels: { labels: [{ key: "VIP_0", value: "/web:80" }] },
            },
          ],
        },
      },
    });
  });
});
