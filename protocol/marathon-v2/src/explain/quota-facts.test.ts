import { describe, expect, it } from "vitest";
import type { App } from "../app.ts";
import type { MasterAgent } from "./master-agents.ts";
import { type MasterRole, quotaHolds } from "./quota-facts.ts";

type Given = Record<string, number>;

function role(name: string, guarantee: Given, limit: Given, consumed: Given = {}): MasterRole {
  return { name, quota: { guarantee, limit, consumed } };
}

function agent(cpus: number, used: number, isActive = true): MasterAgent {
  const resource = (value: number): object => ({ name: "cpus", scalar: { value }, role: "*" });
  return {
    id: "S0",
    hostname: "h",
    active: isActive,
    unreserved_resources_full: [resource(cpus)],
    used_resources_full: [resource(used)],
  } as MasterAgent;
}

/** An app that needs 0.1 cpus. */
function app(changes: Partial<App> = {}): App {
  return { id: "/web", cpus: 0.1, mem: 32, disk: 0, gpus: 0, ...changes } as App;
}

const roomy = [agent(4, 0.4)];
const limitOfStar = { type: "limit", role: "*", of: "*", name: "cpus", limit: 0.4, used: 0.4 };

type Case = readonly [
  string,
  Partial<App>,
  readonly MasterAgent[],
  readonly MasterRole[],
  readonly object[],
];

const cases: readonly Case[] = [
  ["[WHY15] no quota at all", {}, roomy, [{ name: "*" }, role("a", {}, {}, { cpus: 1 })], []],
  [
    "[WHY15] a limit that is reached",
    {},
    roomy,
    [role("*", {}, { cpus: 0.4 }, { cpus: 0.4 })],
    [limitOfStar],
  ],
  [
    "[WHY15] a limit with room for exactly one more",
    {},
    roomy,
    [role("*", {}, { cpus: 0.4 }, { cpus: 0.3 })],
    [],
  ],
  ["[WHY15] a limit of another role", {}, roomy, [role("a", {}, { cpus: 0 })], []],
  ["[WHY15] a limit of something else", { gpus: 0 }, roomy, [role("*", {}, { gpus: 0 })], []],
  [
    "[WHY15] the limit of a role above",
    { role: "eng/web" },
    roomy,
    [role("eng", {}, { mem: 64 }, { mem: 64 }), role("en", {}, { mem: 0 })],
    [{ type: "limit", role: "eng", of: "eng/web", name: "mem", limit: 64, used: 64 }],
  ],
  [
    "[WHY15] one of two roles has room",
    { acceptedResourceRoles: ["*", "slave_public"] },
    roomy,
    [role("*", {}, { cpus: 0.4 }, { cpus: 0.4 })],
    [],
  ],
  [
    "[WHY15] reserved resources only",
    { acceptedResourceRoles: ["slave_public"] },
    roomy,
    [role("slave_public", {}, { cpus: 0 })],
    [],
  ],
  [
    "[WHY16] a guarantee that is not used, of nearly all that is free",
    {},
    [agent(2, 0), agent(1, 0)],
    [role("dev", { cpus: 2.95 }, {})],
    [{ type: "promise", roles: ["dev"], name: "cpus", held: 2.95, free: 3 }],
  ],
  [
    "[WHY16] machines that are away have nothing free",
    {},
    [agent(2, 0), agent(1, 0, false)],
    [role("dev", { cpus: 2.95 }, {})],
    [{ type: "promise", roles: ["dev"], name: "cpus", held: 2.95, free: 2 }],
  ],
  ["[WHY16] a guarantee that is used", {}, roomy, [role("dev", { cpus: 4 }, {}, { cpus: 4 })], []],
  ["[WHY16] a guarantee that leaves enough", {}, roomy, [role("dev", { cpus: 3.5 }, {})], []],
  [
    "[WHY16] its own guarantee comes before what is held for others",
    {},
    roomy,
    [role("*", { cpus: 1 }, {}, { cpus: 0.4 }), role("dev", { cpus: 9 }, {})],
    [],
  ],
  [
    "[WHY16] a guarantee below counts once with that of its parent",
    {},
    [agent(3, 0)],
    [role("a", { cpus: 2 }, {}), role("a/b", { cpus: 1.5 }, {}), role("c", { cpus: 1 }, {})],
    [{ type: "promise", roles: ["a", "a/b", "c"], name: "cpus", held: 3, free: 3 }],
  ],
  [
    "[WHY16] the rest of a limit is held for a guarantee below it",
    { role: "a/x" },
    [agent(9, 0)],
    [role("a", {}, { cpus: 2 }, { cpus: 1 }), role("a/b", { cpus: 1 }, {})],
    [{ type: "promise", roles: ["a/b"], name: "cpus", held: 1, free: 1, within: "a" }],
  ],
];

describe("what quota keeps from one more instance", () => {
  it.each(cases)("%s", (_name, changes, agents, roles, expected) => {
    expect(quotaHolds(app(changes), agents, roles)).toEqual(expected);
  });
});
