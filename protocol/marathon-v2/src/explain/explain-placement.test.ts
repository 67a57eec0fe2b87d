import { describe, expect, it } from "vitest";
import { base, type Case, counts, free, large, small, textOf } from "../testing/explained-app.ts";
import type { MachineFacts, PortRange } from "./facts.ts";

const smaller: MachineFacts = {
  name: "agent-1",
  lack: { type: "amounts" },
  free: { cpus: 1, mem: 64, disk: 0, gpus: 0 },
  total: large,
};

function unique(name: string): MachineFacts {
  const lack = { type: "constraint", constraint: ["hostname", "UNIQUE"], value: name } as const;
  return { name, lack, free: large };
}

function constrained(name: string, constraint: readonly string[], value?: string): MachineFacts {
  const lack = {
    type: "constraint",
    constraint,
    ...(value === undefined ? {} : { value }),
  } as const;
  return { name, lack, free: large };
}

const privatePorts = { begin: 1025, end: 32_000 };

function unoffered(
  name: string,
  ports: readonly number[],
  offered: readonly PortRange[],
): MachineFacts {
  return { name, lack: { type: "unofferedPorts", ports, offered }, free: large };
}

function kept(name: string): MachineFacts {
  return { name, lack: { type: "role", keptFor: "slave_public" }, free: large };
}

const placement: readonly Case[] = [
  [
    "[WHY4] too few cpus",
    { machines: [smaller, small] },
    "2 of 3 instances run.\n" +
      "The third needs 4 cpus on one machine; the largest free piece is 2.5 cpus on agent-2.\n" +
      "> Lower cpus, or add a machine.",
  ],
  [
    "[WHY4] more than any machine has: no waiting helps",
    { wanted: 1, counts, needs: { ...base.needs, cpus: 64 }, machines: [smaller, small] },
    "Its only instance does not run.\n" +
      "It needs 64 cpus on one machine; no machine is that large: the largest has 8 cpus.\n" +
      "> Lower cpus, or add a larger machine.",
  ],
  [
    "[WHY4] more of two things than any machine has",
    { needs: { ...base.needs, cpus: 64, mem: 100_000 }, machines: [smaller, small] },
    "2 of 3 instances run.\n" +
      "The third needs 64 cpus and 100000 MB of memory on one machine; no machine is that large: " +
      "the largest has 8 cpus and 8192 MB of memory.\n" +
      "> Lower cpus and mem, or add a larger machine.",
  ],
  [
    "[WHY4] all of it is there, on different machines, also when they are empty",
    {
      needs: { ...base.needs, cpus: 8, mem: 9000 },
      machines: [small, { ...smaller, total: { cpus: 2, mem: 16_000, disk: 0, gpus: 0 } }],
    },
    "2 of 3 instances run.\n" +
      "The third needs 8 cpus and 9000 MB of memory on one machine; no machine is that large: " +
      "none has all of it, even when nothing runs on it.\n" +
      "> Lower cpus or mem, or add a larger machine.",
  ],
  [
    "[WHY4] nothing is free",
    {
      counts,
      toLaunch: 3,
      machines: [{ ...small, free: { cpus: 0, mem: 0, disk: 0, gpus: 0 } }],
    },
    "0 of 3 instances run.\n" +
      "Each needs 4 cpus and 128 MB of memory on one machine; no machine has any cpus or memory free.\n" +
      "> Lower cpus and mem, or add a machine.",
  ],
  [
    "[WHY4] disk and gpus, for several",
    {
      counts: { ...counts, ready: 1 },
      toLaunch: 2,
      needs: { cpus: 1, mem: 1, disk: 5000, gpus: 1, ports: 0 },
      machines: [small],
    },
    "1 of 3 instances runs.\n" +
      "The other 2 need 5000 MB of disk and 1 gpu each on one machine; no machine is that large: " +
      "the largest has 1000 MB of disk, none has any gpus.\n" +
      "> Lower disk and gpus, or add a larger machine.",
  ],
  [
    "[WHY4] everything is there, but not on one machine",
    {
      needs: { cpus: 2, mem: 1000, disk: 0, gpus: 0, ports: 0 },
      machines: [
        { ...small, free: { ...free, mem: 500 } },
        { ...smaller, free: { cpus: 0.5, mem: 4000, disk: 0, gpus: 0 } },
      ],
    },
    "2 of 3 instances run.\n" +
      "The third needs 2 cpus and 1000 MB of memory on the same machine: agent-2 has only 500 MB of memory; " +
      "agent-1 has only 0.5 cpus.\n" +
      "> Lower cpus or mem, or add a machine.",
  ],
  [
    "[WHY5] too few ports",
    {
      machines: [{ name: "agent-1", lack: { type: "ports", free: 1 }, free: large }],
      needs: { ...base.needs, ports: 2 },
    },
    "2 of 3 instances run.\n" +
      "The third needs 2 free ports on one machine; agent-1 has the most, 1.\n" +
      "> Ask for fewer ports, or add a machine.",
  ],
  [
    "[WHY5] the port is taken",
    {
      machines: [
        {
          name: "agent-1",
          lack: { type: "takenPorts", ports: [{ port: 8080, holder: "/old" }] },
          free: large,
        },
        { name: "agent-2", lack: { type: "takenPorts", ports: [{ port: 8080 }] }, free: large },
      ],
    },
    "2 of 3 instances run.\n" +
      "The third needs port 8080: /old has it on agent-1; it is not free on agent-2.\n" +
      "> Stop what has the port, choose another one, or set requirePorts to false.",
  ],
  [
    "[WHY5, WHY7] a port that only a public machine offers, and nothing has",
    {
      wanted: 1,
      counts,
      machines: [
        unoffered("agent-1", [80], [privatePorts]),
        unoffered("agent-2", [80], [privatePorts]),
        {
          ...kept("public-1"),
          offered: [
            { begin: 1, end: 21 },
            { begin: 23, end: 5050 },
          ],
        },
        { ...kept("public-2"), offered: [{ begin: 8000, end: 9000 }] },
      ],
    },
    "Its only instance does not run.\n" +
      "It needs port 80, which agent-1 and agent-2 do not offer: their ports are 1025 to 32000.\n" +
      "public-1 is kept for the role slave_public, which the app does not accept.\n" +
      "> Choose a port that machines offer, or set requirePorts to false.\n" +
      '> To let it run there, add "slave_public" to its acceptedResourceRoles.',
  ],
  [
    "[WHY5] a port in the midst of those that machines offer, and not among them",
    {
      machines: [
        unoffered(
          "agent-1",
          [5051],
          [
            { begin: 1025, end: 5050 },
            { begin: 5052, end: 32_000 },
          ],
        ),
      ],
    },
    "2 of 3 instances run.\n" +
      "The third needs port 5051, which agent-1 does not offer: its ports are some of 1025 to 32000, without 5051.\n" +
      "> Choose a port that machines offer, or set requirePorts to false.",
  ],
  [
    "[WHY5] ports that are not offered, taken, and none at all",
    {
      machines: [
        unoffered("agent-1", [80, 443], [privatePorts, { begin: 33_000, end: 33_000 }]),
        unoffered("agent-2", [80], []),
        {
          name: "agent-3",
          lack: { type: "takenPorts", ports: [{ port: 80, holder: "/old" }] },
          free: large,
        },
      ],
    },
    "2 of 3 instances run.\n" +
      "The third needs ports 80 and 443, which agent-1 does not offer: its ports are some of 1025 to 33000.\n" +
      "The third needs port 80, which agent-2 does not offer: it offers no ports.\n" +
      "The third needs port 80: /old has it on agent-3.\n" +
      "> Choose a port that machines offer, or set requirePorts to false.\n" +
      "> Stop what has the port, choose another one, or set requirePorts to false.",
  ],
  [
    "[WHY5] the app has the port itself, on every machine",
    {
      machines: ["agent-1", "agent-2"].map((name) => ({
        name,
        lack: {
          type: "takenPorts",
          ports: [
            { port: 80, holder: "/web" },
            { port: 443, holder: "/web" },
          ],
        },
        free: large,
      })),
    },
    "2 of 3 instances run.\n" +
      "The third needs ports 80 and 443: an instance of its own has 80 on agent-1 and agent-2; " +
      "an instance of its own has 443 on agent-1 and agent-2.\n" +
      "> Add a machine, lower the number of instances, or set requirePorts to false.",
  ],
  [
    "[WHY6] one instance for each host",
    { machines: [unique("agent-1"), unique("agent-2")] },
    "2 of 3 instances run.\n" +
      "The constraint hostname UNIQUE rules out agent-1 and agent-2: it allows one instance for each hostname, " +
      "and there is one.\n" +
      "> Add a machine that the constraint allows, or change the constraint.",
  ],
  [
    "[WHY6] one instance for each host, and several machines are missing",
    { machines: [unique("agent-1"), unique("agent-2")], wanted: 5, toLaunch: 3 },
    "2 of 5 instances run.\n" +
      "The constraint hostname UNIQUE rules out agent-1 and agent-2: it allows one instance for each hostname, " +
      "and there is one.\n" +
      "> Add 3 machines that the constraint allows, or change the constraint.",
  ],
  [
    "[WHY6, WHY7] a public machine that the constraint rules out, too, and one that it allows",
    {
      machines: [
        constrained("agent-1", ["hostname", "LIKE", "x.*"], "agent-1"),
        {
          name: "public-1",
          lack: { type: "role", keptFor: "slave_public", constraint: ["hostname", "LIKE", "x.*"] },
          free: large,
        },
      ],
    },
    "2 of 3 instances run.\n" +
      "The constraint hostname LIKE x.* rules out agent-1: hostname must match x.*.\n" +
      "public-1 is kept for the role slave_public, which the app does not accept; the constraint hostname LIKE x.* rules it out, too.\n" +
      "> Add a machine that the constraint allows, or change the constraint.",
  ],
  [
    "[WHY6, WHY7] one instance for each host, and a public machine that has none",
    {
      machines: [
        unique("agent-1"),
        {
          name: "public-1",
          lack: { type: "role", keptFor: "slave_public", isAllowed: true },
          free: large,
        },
      ],
    },
    "2 of 3 instances run.\n" +
      "The constraint hostname UNIQUE rules out agent-1: it allows one instance for each hostname, and there is one.\n" +
      "public-1 is kept for the role slave_public, which the app does not accept.\n" +
      "> Add a machine that the constraint allows, or change the constraint.\n" +
      '> To let it run there, add "slave_public" to its acceptedResourceRoles.',
  ],
  [
    "[WHY6] attributes that machines do not have",
    {
      machines: [
        constrained("agent-1", ["rack", "IS", "a"]),
        constrained("agent-2", ["rack", "IS", "a"]),
        constrained("agent-3", ["zone", "LIKE", "eu-.*"], "us-1"),
        constrained("agent-4", ["zone", "LIKE", "eu-.*"]),
      ],
    },
    "2 of 3 instances run.\n" +
      "The constraint rack IS a rules out agent-1 and agent-2: rack must be a; they have no rack.\n" +
      "The constraint zone LIKE eu-.* rules out agent-3 and agent-4: zone must match eu-.*; agent-4 has no zone.\n" +
      "> Add a machine that the constraint allows, or change the constraint.",
  ],
  [
    "[WHY6] every other operator",
    {
      machines: [
        constrained("a", ["rack", "CLUSTER"], "b"),
        constrained("b", ["rack", "CLUSTER", "x"], "y"),
        constrained("c", ["rack", "GROUP_BY", "2"], "b"),
        constrained("d", ["rack", "MAX_PER", "2"], "b"),
        constrained("e", ["rack", "UNLIKE", "b"], "b"),
      ],
    },
    "2 of 3 instances run.\n" +
      "The constraint rack CLUSTER rules out a: all instances must have the same rack; it has b.\n" +
      "The constraint rack CLUSTER x rules out b: rack must be x; it has y.\n" +
      "The constraint rack GROUP_BY 2 rules out c: instances are spread evenly over the values of rack.\n" +
      "The constraint rack MAX_PER 2 rules out d: it allows 2 for each rack, and they are there.\n" +
      "The constraint rack UNLIKE b rules out e: rack must not match b; it has b.\n" +
      "> Add a machine that the constraint allows, or change the constraint.",
  ],
  [
    "[WHY7] only public machines are large enough",
    {
      machines: [
        smaller,
        small,
        { name: "public-1", lack: { type: "role", keptFor: "slave_public" }, free: large },
      ],
    },
    "2 of 3 instances run.\n" +
      "The third needs 4 cpus on one machine; the largest free piece is 2.5 cpus on agent-2.\n" +
      "public-1 is kept for the role slave_public, which the app does not accept.\n" +
      "> Lower cpus, or add a machine.\n" +
      '> To let it run there, add "slave_public" to its acceptedResourceRoles.',
  ],
  [
    "[WHY7] a public machine that is too small is not worth a word",
    {
      machines: [
        small,
        { name: "public-1", lack: { type: "role", keptFor: "slave_public" }, free },
      ],
    },
    "2 of 3 instances run.\n" +
      "The third needs 4 cpus on one machine; the largest free piece is 2.5 cpus on agent-2.\n" +
      "> Lower cpus, or add a machine.",
  ],
  [
    "[WHY7] public machines only, and there is none",
    {
      roles: ["slave_public"],
      machines: [{ name: "agent-1", lack: { type: "role", keptFor: "*" } }],
    },
    "2 of 3 instances run.\n" +
      "agent-1 has nothing for the role slave_public, and the app accepts nothing else.\n" +
      '> To let it run there, add "*" to its acceptedResourceRoles.',
  ],
  [
    "[WHY7] drained by an operator, beside a public one that is, too",
    {
      machines: [
        { name: "agent-1", lack: { type: "maintenance", cause: "drained" }, free: large },
        {
          name: "public-1",
          lack: { type: "role", keptFor: "slave_public", cause: "drained" },
          free: large,
        },
      ],
    },
    "2 of 3 instances run.\nagent-1 is drained by an operator.\n" +
      "public-1 is kept for the role slave_public, which the app does not accept; it is drained by an operator, too.\n" +
      "> Use agent-1 again with ./tutti node reactivate agent-1, or add a machine.",
  ],
  [
    "[WHY7] several that an operator has taken out of use",
    {
      machines: ["agent-1", "agent-2"].map((name) => ({
        name,
        lack: { type: "maintenance", cause: "deactivated" },
        free: large,
      })),
    },
    "2 of 3 instances run.\nagent-1 and agent-2 are deactivated by an operator.\n" +
      "> Use them again with ./tutti node reactivate NAME, or add a machine.",
  ],
  [
    "[WHY8] one that a new master waits for, beside one that is silent",
    {
      machines: [
        { name: "agent-1", isAway: true, isExpected: true },
        { name: "agent-2", isAway: true },
      ],
    },
    "2 of 3 instances run.\n" +
      "There is no machine to run on: the master hears nothing of agent-2; it has begun anew and expects agent-1 back.\n" +
      "> See ./tutti status.",
  ],
  [
    "[WHY7] in maintenance",
    { machines: [{ name: "agent-1", lack: { type: "maintenance" }, free: large }] },
    "2 of 3 instances run.\nagent-1 is in maintenance.\n" +
      "> Wait for the end of the maintenance, or add a machine.",
  ],
  [
    "[WHY8] there is room",
    { machines: [{ name: "agent-1", free: large }, small] },
    "2 of 3 instances run.\nagent-1 has room for the third; it is to start within half a minute.",
  ],
  [
    "[WHY8] no machine at all",
    {},
    "2 of 3 instances run.\n" +
      "There is no machine to run on: no agent has registered with the master.\n" +
      "> Add a machine; see ./tutti status.",
  ],
  [
    "[WHY8] nothing was offered so far, which is no trouble",
    { machinesFrom: "offers", waitingMs: 400 },
    "2 of 3 instances run.\nMarathon is looking for a machine; that takes a few seconds.",
  ],
  [
    "[WHY8] nothing was offered for long",
    { machinesFrom: "offers", roles: ["slave_public", "*"], waitingMs: 90_000 },
    "2 of 3 instances run.\nNo machine has offered anything to the role slave_public or * for 1 min.",
  ],
  [
    "[WHY8] there is room, and it waits since a moment",
    { machines: [{ name: "agent-1", free: large }], waitingMs: 100 },
    "2 of 3 instances run.\nIt waits for the first offer of a machine, which takes a second or two.",
  ],
  [
    "[WHY8] machines that are away",
    { machines: [small, { name: "agent-3", isAway: true }] },
    "2 of 3 instances run.\n" +
      "The third needs 4 cpus on one machine; the largest free piece is 2.5 cpus on agent-2.\n" +
      "The master hears nothing of agent-3.\n" +
      "> Lower cpus, or add a machine.\n> See ./tutti status.",
  ],
  [
    "[WHY8] all machines are away",
    { machines: ["a1", "a2", "a3", "a4", "a5"].map((name) => ({ name, isAway: true })) },
    "2 of 3 instances run.\n" +
      "There is no machine to run on: the master hears nothing of a1, a2, a3 and 2 more.\n" +
      "> See ./tutti status.",
  ],
];

const beside: readonly Case[] = [
  [
    "[WHY8] there is room, for one of several",
    { counts: { ...counts, ready: 1 }, toLaunch: 2, machines: [{ name: "agent-1", free: large }] },
    "1 of 3 instances runs.\nagent-1 has room for one more; it is to start within half a minute.",
  ],
  [
    "[WHY4] too small beside machines whose port is taken: what each lacks",
    {
      needs: { cpus: 4, mem: 128, disk: 0, gpus: 0, ports: 1 },
      machines: [
        { name: "agent-1", lack: { type: "takenPorts", ports: [{ port: 80 }] }, free: large },
        small,
      ],
    },
    "2 of 3 instances run.\n" +
      "The third needs port 80: it is not free on agent-1.\nagent-2 has not 4 cpus free.\n" +
      "> Choose another port, or set requirePorts to false.\n" +
      "> Lower cpus, or add a machine.",
  ],
  [
    "[WHY6, WHY7] a constraint before a role",
    {
      machines: [
        { name: "public-1", lack: { type: "role", keptFor: "slave_public" }, free: large },
        constrained("agent-1", ["rack", "IS", "a"]),
      ],
    },
    "2 of 3 instances run.\n" +
      "The constraint rack IS a rules out agent-1: rack must be a; it has no rack.\n" +
      "public-1 is kept for the role slave_public, which the app does not accept.\n" +
      "> Add a machine that the constraint allows, or change the constraint.\n" +
      '> To let it run there, if the constraint allows that machine, add "slave_public" to its acceptedResourceRoles.',
  ],
];

describe("an app that finds no machine", () => {
  it.each([...placement, ...beside])("%s", (_name, facts, text) => {
    expect(textOf({ ...base, ...facts })).toBe(text);
  });
});
