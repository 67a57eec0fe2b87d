import { describe, expect, it } from "vitest";
import type { App } from "../app.ts";
import type { Task } from "../task.ts";
import type { Lack, MachineVerdict } from "./facts.ts";
import { partFor, rolesOf } from "./free-resources.ts";
import { machineFacts, portHolders } from "./machine-facts.ts";
import type { NamesOfMachines } from "./machine-facts.ts";
import type { FullResource, MasterAgent } from "./master-agents.ts";

function scalar(name: string, value: number, more: Partial<FullResource> = {}): FullResource {
  return { name, type: "SCALAR", scalar: { value }, role: "*", ...more };
}

function ports(begin: number, end: number, more: Partial<FullResource> = {}): FullResource {
  return { name: "ports", type: "RANGES", ranges: { range: [{ begin, end }] }, role: "*", ...more };
}

function agent(more: Partial<MasterAgent> = {}): MasterAgent {
  return {
    id: "S0",
    hostname: "10.0.0.1",
    pid: "slave(1)@10.0.0.1:5051",
    active: true,
    reserved_resources_full: {},
    unreserved_resources_full: [scalar("cpus", 4), scalar("mem", 1000), ports(31_000, 31_009)],
    used_resources_full: [scalar("cpus", 0.3), scalar("cpus", 0.6), ports(31_005, 31_005)],
    ...more,
  };
}

const busyAgent = agent({ used_resources_full: [ports(31_005, 31_006)] });

const reserved = { role: "slave_public", reservations: [{ role: "slave_public", type: "STATIC" }] };
const publicAgent = agent({
  id: "S1",
  hostname: "10.0.0.2",
  pid: "slave(1)@10.0.0.2:5051",
  unreserved_resources_full: [],
  reserved_resources_full: { slave_public: [scalar("cpus", 8, reserved), ports(80, 80, reserved)] },
  used_resources_full: [],
});

describe("what is free of an agent", () => {
  it("[CLI40] is what it has without what is used, in thousandths, and the ports between", () => {
    expect(partFor(agent(), ["*"])).toEqual({
      total: { cpus: 4, mem: 1000, disk: 0, gpus: 0 },
      free: { cpus: 3.1, mem: 1000, disk: 0, gpus: 0 },
      ports: [
        { begin: 31_000, end: 31_004 },
        { begin: 31_006, end: 31_009 },
      ],
      offered: [{ begin: 31_000, end: 31_009 }],
    });
  });

  it("[CLI40] counts the resources of the accepted roles only", () => {
    expect(partFor(publicAgent, ["*"])).toBeUndefined();
    expect(partFor(publicAgent, ["*", "slave_public"])?.free.cpus).toBe(8);
    expect(rolesOf(publicAgent)).toEqual(["slave_public"]);
    expect(rolesOf(agent())).toEqual(["*"]);
  });

  it("[CLI40] counts no volumes and nothing that is shared, revocable or reserved dynamically", () => {
    const other = agent({
      unreserved_resources_full: [
        scalar("cpus", 1),
        scalar("cpus", 1, { revocable: {} }),
        scalar("cpus", 1, { shared: {} }),
        scalar("disk", 9, { disk: {} }),
        scalar("cpus", 1, { reservations: [{ role: "*", type: "DYNAMIC" }] }),
      ],
      used_resources_full: [],
    });
    expect(partFor(other, ["*"])?.total).toEqual({ cpus: 1, mem: 0, disk: 0, gpus: 0 });
  });
});

// Only what the placement reads of an app.
const app = {
  id: "/web",
  cpus: 1,
  mem: 10,
  disk: 0,
  gpus: 0,
  requirePorts: false,
  portDefinitions: [{ port: 10_000 }],
} as unknown as App;

function namesOf(
  machines: readonly { readonly ip: string; readonly name: string }[],
): NamesOfMachines {
  const names = new Map(machines.map(({ ip, name }) => [ip, name]));
  return { nameOf: (host) => names.get(host) ?? host, all: () => machines };
}

function lackOf(
  definition: Partial<App>,
  known: { readonly agent?: MasterAgent; readonly lack?: Lack } = {},
): Lack | undefined {
  const verdicts: readonly MachineVerdict[] =
    known.lack === undefined ? [] : [{ agentId: "S0", host: "h", lack: known.lack }];
  const lists = { agents: [known.agent ?? agent()], recovered: [] };
  const [machine] = machineFacts({ ...app, ...definition }, lists, {
    verdicts,
    names: namesOf([]),
    holders: (agentId, port) => (port === 31_005 ? `holder on ${agentId}` : undefined),
  });
  return machine?.lack;
}

describe("why a machine cannot take one more instance", () => {
  const unique: Lack = { type: "constraint", constraint: ["hostname", "UNIQUE"], value: "h" };
  const fixed = (...numbers: readonly number[]): Partial<App> => ({
    requirePorts: true,
    portDefinitions: numbers.map((port) => ({ port, protocol: "tcp", labels: {} })),
  });
  it.each<readonly [string, Lack | undefined, Lack | undefined]>([
    ["it can", lackOf({}), undefined],
    ["too few cpus", lackOf({ cpus: 3.2 }), { type: "amounts" }],
    ["too little disk", lackOf({ disk: 1 }), { type: "amounts" }],
    ["a constraint, by Marathon's verdict", lackOf({ cpus: 9 }, { lack: unique }), unique],
    [
      "an old verdict about amounts is not believed",
      lackOf({}, { lack: { type: "amounts" } }),
      undefined,
    ],
    [
      "deactivated by an operator, which is no failure",
      lackOf({}, { agent: agent({ active: false, deactivated: true }) }),
      { type: "maintenance", cause: "deactivated" },
    ],
    [
      "drained by an operator",
      lackOf(
        {},
        { agent: agent({ active: false, deactivated: true, drain_info: { state: "DRAINING" } }) },
      ),
      { type: "maintenance", cause: "draining" },
    ],
    ["maintenance", lackOf({}, { lack: { type: "maintenance" } }), { type: "maintenance" }],
    [
      "kept for a role",
      lackOf({}, { agent: publicAgent }),
      { type: "role", keptFor: "slave_public" },
    ],
    [
      "kept for a role, and deactivated",
      lackOf({}, { agent: { ...publicAgent, deactivated: true } }),
      { type: "role", keptFor: "slave_public", cause: "deactivated" },
    ],
    [
      "kept for nobody",
      lackOf({ acceptedResourceRoles: ["slave_public"] }),
      { type: "role", keptFor: "*" },
    ],
    [
      "ports taken, by a task and by nobody known",
      lackOf(fixed(31_005, 31_006, 31_001), { agent: busyAgent }),
      { type: "takenPorts", ports: [{ port: 31_005, holder: "holder on S0" }, { port: 31_006 }] },
    ],
    [
      "ports that it never offers, whatever is taken",
      lackOf(fixed(31_005, 80, 31_001)),
      { type: "unofferedPorts", ports: [80], offered: [{ begin: 31_000, end: 31_009 }] },
    ],
    [
      "too few ports",
      lackOf({
        portDefinitions: Array.from({ length: 10 }, () => ({
          port: 0,
          protocol: "tcp",
          labels: {},
        })),
      }),
      { type: "ports", free: 9 },
    ],
  ])("[CLI40] %s", (_name, lack, expected) => {
    expect(lack).toEqual(expected);
  });

  it("[CLI40] machines that are inactive, recovered or not registered are away, by their names", () => {
    const names = namesOf([
      { ip: "10.0.0.1", name: "agent1" },
      { ip: "10.0.0.9", name: "agent9" },
    ]);
    const lists = {
      agents: [agent({ active: false }), publicAgent],
      recovered: [{ id: "S8", hostname: "10.0.0.8" }],
    };
    const machines = machineFacts(app, lists, { verdicts: [], names, holders: () => undefined });
    expect(machines.map(({ name, isAway }) => [name, isAway])).toEqual([
      ["10.0.0.2", undefined],
      ["10.0.0.8", true],
      ["agent1", true],
      ["agent9", true],
    ]);
    expect(machines[0]).toMatchObject({ free: { cpus: 8 }, offered: [{ begin: 80, end: 80 }] });
  });
});

describe("who has a port", () => {
  it("[CLI40] an app by its id, another framework's task by its name, no ended task", () => {
    const own = [{ slaveId: "S0", ports: [80], appId: "/web" }] as unknown as readonly Task[];
    const task = { slave_id: "S0", state: "TASK_RUNNING" };
    const holders = portHolders(own, [
      { ...task, name: "web", resources: { ports: "[80-80]" } },
      { ...task, name: "db", resources: { ports: "[5432-5432, 6000-6001]" } },
      { ...task, name: "old", state: "TASK_FAILED", resources: { ports: "[9-9]" } },
      { ...task, name: "none" },
    ]);
    expect([80, 5432, 6001, 9].map((port) => holders("S0", port))).toEqual([
      "/web",
      "db",
      "db",
      undefined,
    ]);
    expect(holders("S1", 80)).toBeUndefined();
  });
});

describe("a machine that a role rules out", () => {
  const on = (constraint: App["constraints"][number], more: Partial<MasterAgent> = {}): unknown => {
    const [fact] = machineFacts(
      { ...app, constraints: [constraint] } as App,
      { agents: [{ ...publicAgent, ...more }], recovered: [] },
      {
        verdicts: [],
        names: { nameOf: (host) => host, all: () => [] },
        holders: () => undefined,
      },
    );
    return fact?.lack;
  };
  const kept = { type: "role", keptFor: "slave_public" };

  it.each<[App["constraints"][number], Partial<MasterAgent>, boolean]>([
    [["hostname", "UNIQUE"], {}, false],
    [["hostname", "IS", "10.0.0.2"], {}, false],
    [["hostname", "IS", "10.0.0.1"], {}, true],
    [["hostname", "LIKE", "10\\.0\\.0\\.[12]"], {}, false],
    [["hostname", "UNLIKE", "10\\..*"], {}, true],
    [["rack", "CLUSTER", "a"], { attributes: { rack: "b" } }, true],
    [["rack", "CLUSTER"], { attributes: { rack: "b" } }, false],
    [["rack", "GROUP_BY"], {}, true],
    [["rack", "UNLIKE", "a"], {}, false],
    [["@zone", "IS", "a"], {}, false],
  ])("[WHY7] %j is judged where no offer is needed", (constraint, more, isBroken) => {
    const isOpen =
      constraint[0] === "@zone" || (constraint[1] === "CLUSTER" && constraint.length < 3);
    const allowed = isOpen ? kept : { ...kept, isAllowed: true };
    expect(on(constraint, more)).toEqual(isBroken ? { ...kept, constraint } : allowed);
  });
});
