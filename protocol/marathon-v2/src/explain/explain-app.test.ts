import { describe, expect, it } from "vitest";
import { explainApp, formatExplanation, formatWait } from "./explain-app.ts";
import type { AppFacts, MachineFacts, PortRange } from "./facts.ts";

const nowMs = Date.UTC(2026, 10, 22, 10, 0, 0);
const counts = { ready: 0, notReady: 0, starting: 0, stopping: 0, unreachable: 0, replaced: 0 };
const base: AppFacts = {
  id: "/web",
  nowMs,
  wanted: 3,
  counts: { ...counts, ready: 2 },
  outdated: 0,
  needs: { cpus: 4, mem: 128, disk: 0, gpus: 0, ports: 1 },
  roles: ["*"],
  toLaunch: 1,
  sick: [],
  unreachable: [],
  machinesFrom: "master",
  machines: [],
};

const free = { cpus: 2.5, mem: 4096, disk: 1000, gpus: 0 };
const large = { cpus: 8, mem: 8192, disk: 1000, gpus: 0 };
const small: MachineFacts = { name: "agent-2", lack: { type: "amounts" }, free, total: large };
const smaller: MachineFacts = {
  name: "agent-1",
  lack: { type: "amounts" },
  free: { cpus: 1, mem: 64, disk: 0, gpus: 0 },
  total: large,
};
const failure = {
  state: "TASK_FAILED",
  message: "Command exited with status 3",
  host: "agent-1",
  taskId: "web.instance-1._app.1",
  atMs: nowMs - 5000,
};
const check = { text: "the HTTP check of /health", failuresMax: 3 };

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

/** The situation, what differs from two of three instances, and the whole text. */
type Case = readonly [string, Partial<AppFacts>, string];

const running: readonly Case[] = [
  [
    "[WHY1] everything runs",
    { counts: { ...counts, ready: 3 }, toLaunch: 0, readySinceMs: nowMs - 7_500_000 },
    "All 3 instances run, since 2026-11-22 07:55:00 UTC (2 h 5 min).",
  ],
  [
    "[WHY1] one instance, healthy",
    {
      wanted: 1,
      counts: { ...counts, ready: 1 },
      toLaunch: 0,
      check,
      readySinceMs: nowMs - 40_000,
    },
    "Its only instance runs and is healthy, since 2026-11-22 09:59:20 UTC (40 s).",
  ],
  [
    "[WHY1] everything runs again after a failure of late",
    { counts: { ...counts, ready: 3 }, toLaunch: 0, lastFailure: failure },
    "All 3 instances run.\n" +
      "The last failure was 5 s ago on agent-1: Command exited with status 3 (failed).\n" +
      "> See what it printed: ./tutti task log web.instance-1._app.1 --stderr",
  ],
  [
    "[WHY1] more run than are wanted",
    { wanted: 1, counts: { ...counts, ready: 2, stopping: 1 }, toLaunch: 0 },
    "2 instances run, 1 is wanted.\n1 instance is being stopped.",
  ],
  [
    "[WHY1] between two decisions",
    { toLaunch: 0 },
    "2 of 3 instances run.\nMarathon is about to start the rest; ask again in a moment.",
  ],
  [
    "[WHY2] scaled to 0",
    { wanted: 0, counts, toLaunch: 0 },
    "The app is scaled to 0: no instance is wanted.\n> Start it with ./tutti app scale /web 1.",
  ],
  [
    "[WHY2] scaled to 0, not all are gone",
    { wanted: 0, counts: { ...counts, ready: 1, stopping: 1 }, toLaunch: 0 },
    "The app is scaled to 0; 1 instance still runs.\n1 instance is being stopped.",
  ],
  [
    "[WHY2] removed",
    { wanted: 0, isRemoved: true, counts: { ...counts, stopping: 2 }, toLaunch: 0 },
    "The app is being removed.\n2 instances are being stopped.",
  ],
];

const deployments: readonly Case[] = [
  [
    "[WHY2] a deployment that starts instances",
    {
      counts: { ...counts, ready: 1, starting: 2 },
      toLaunch: 0,
      deployment: { action: "ScaleApplication", step: 2, steps: 2, apps: ["/web"] },
    },
    "1 of 3 instances runs; a deployment is under way (step 2 of 2).\n2 instances are starting.",
  ],
  [
    "[WHY2] a deployment that replaces instances",
    {
      counts: { ...counts, ready: 3, starting: 1 },
      outdated: 3,
      toLaunch: 0,
      check,
      deployment: { action: "RestartApplication", step: 1, steps: 1, apps: ["/web"] },
    },
    "All 3 instances run and are healthy; a deployment is under way (step 1 of 1).\n" +
      "1 instance is starting.\n3 instances of the old version are still to be replaced.",
  ],
  [
    "[WHY2] a deployment that is still at what comes before",
    {
      counts,
      toLaunch: 0,
      deployment: { step: 1, steps: 3, apps: ["/db", "/queue"] },
    },
    "0 of 3 instances run; a deployment is under way (step 1 of 3).\n" +
      "Its turn comes when /db and /queue are done.",
  ],
  [
    "[WHY2] a deployment that finds no machine",
    {
      machines: [small],
      deployment: { action: "ScaleApplication", step: 1, steps: 1, apps: ["/web"] },
    },
    "2 of 3 instances run; a deployment is under way (step 1 of 1).\n" +
      "The third needs 4 cpus on one machine; the largest free piece is 2.5 cpus on agent-2.\n" +
      "> Lower cpus, or add a machine.",
  ],
];

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
    "2 of 3 instances run.\nagent-1 has room for the third; it is to start in a moment.",
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
      '> To let it run there, add "slave_public" to its acceptedResourceRoles.',
  ],
  [
    "[WHY2] a start that takes long names its machine",
    {
      counts: { ...counts, ready: 1, starting: 2 },
      toLaunch: 0,
      startingSince: [
        { host: "agent-1", sinceMs: nowMs - 77_000 },
        { host: "agent-2", sinceMs: nowMs - 2000 },
      ],
    },
    "1 of 3 instances runs.\n" +
      "2 instances are starting, for 1 min already: agent-1 has not said yet that it runs.\n" +
      "> See ./tutti node list and ./tutti status.",
  ],
];

const warnings: readonly Case[] = [
  [
    "[WHY13] what is wrong with names and labels, last and at most two",
    { counts: { ...counts, ready: 3 }, toLaunch: 0, warnings: ["One.", "Two.", "Three.", "Four."] },
    "All 3 instances run.\nOne.\nTwo.\n> See 2 more warnings with ./tutti app show /web.",
  ],
  [
    "[WHY13] beside what is more important",
    { machines: [small], warnings: ["One."] },
    "2 of 3 instances run.\n" +
      "The third needs 4 cpus on one machine; the largest free piece is 2.5 cpus on agent-2.\nOne.\n" +
      "> Lower cpus, or add a machine.",
  ],
];

const troubles: readonly Case[] = [
  [
    "[WHY3] it failed and waits",
    { backoff: { failures: 4, leftMs: 11_200 }, lastFailure: failure, machines: [small] },
    "2 of 3 instances run.\n" +
      "Its instances ended too soon 4 times in a row; the next try is in 12 s. " +
      "The last failure was 5 s ago on agent-1: Command exited with status 3 (failed).\n" +
      "> See what it printed: ./tutti task log web.instance-1._app.1 --stderr",
  ],
  [
    "[WHY3] the cluster refuses what its definition asks for: nothing was printed",
    {
      backoff: { failures: 8, leftMs: 11_200 },
      deployment: { action: "StartApplication", step: 1, steps: 1, apps: ["/web"] },
      lastFailure: { ...failure, state: "TASK_ERROR", message: "Task may not run as user 'root'" },
    },
    "2 of 3 instances run; a deployment is under way (step 1 of 1).\n" +
      "Its instances failed 8 times in a row; the next try is in 12 s. " +
      "The cluster refused to start the last one 5 s ago on agent-1: Task may not run as user 'root'.\n" +
      "> Change in its definition what the message names: ./tutti app update /web NAME=VALUE --force",
  ],
  [
    "[WHY3] it was refused of late, without a word",
    {
      toLaunch: 0,
      counts: { ...counts, ready: 3 },
      lastFailure: { ...failure, state: "TASK_ERROR", message: "" },
    },
    "All 3 instances run.\n" +
      "The cluster refused to start the last one 5 s ago on agent-1: it did not say why.\n" +
      "> Change in its definition what the message names: ./tutti app update /web NAME=VALUE",
  ],
  [
    "[WHY3] it ended by itself",
    { wanted: 1, counts, backoff: { failures: 1, leftMs: 300 } },
    "Its only instance does not run.\nAn instance ended too soon; the next try is in 1 s.",
  ],
  [
    "[WHY9] its check has not succeeded yet",
    {
      wanted: 1,
      counts: { ...counts, notReady: 1 },
      toLaunch: 0,
      check,
      sick: [{ host: "agent-1", taskId: "t1", failures: 0 }],
    },
    "Its only instance runs but is not healthy.\n" +
      "1 instance runs but is not healthy yet: the HTTP check of /health has not succeeded so far.\n" +
      "> See what it printed: ./tutti task log t1 --stderr",
  ],
  [
    "[WHY9] its check fails",
    {
      counts: { ...counts, ready: 1, notReady: 2 },
      toLaunch: 0,
      check,
      sick: [
        { host: "agent-1", taskId: "t1", failures: 1, cause: "refused" },
        { host: "agent-2", taskId: "t2", failures: 2, cause: "Connection refused.\n" },
      ],
    },
    "3 of 3 instances run, 1 of them healthy.\n" +
      "2 instances run but are not healthy: the HTTP check of /health on agent-2 failed 2 times in a row: " +
      "Connection refused. After 3 in a row the instance is replaced.\n" +
      "> See what it printed: ./tutti task log t2 --stderr",
  ],
  [
    "[WHY10] on a machine that cannot be reached",
    {
      counts: { ...counts, ready: 2, unreachable: 1 },
      toLaunch: 0,
      unreachable: [{ host: "agent-2", sinceMs: nowMs - 90_000 }],
      replacedAfterSeconds: 300,
    },
    "2 of 3 instances run.\n" +
      "1 instance is on agent-2, which cannot be reached for 1 min; it is replaced after 5 min.\n" +
      "> See ./tutti node list and ./tutti status.",
  ],
  [
    "[WHY10] never replaced, and replaced",
    {
      counts: { ...counts, ready: 1, unreachable: 2, replaced: 1 },
      toLaunch: 0,
      unreachable: [{ host: "agent-2" }, { host: "agent-3" }],
    },
    "1 of 3 instances runs.\n" +
      "2 instances are on agent-2 and agent-3, which cannot be reached; they are not replaced, as the app asks.\n" +
      "1 instance more on machines that cannot be reached has been replaced.\n" +
      "> See ./tutti node list and ./tutti status.",
  ],
  [
    "[WHY11] Marathon has lost the master",
    { noConnection: "connection refused", machines: [small] },
    "2 of 3 instances run.\n" +
      "Marathon has no connection to the master: connection refused; until then nothing can be started.\n" +
      "> See ./tutti status.",
  ],
  [
    "[WHY11] and everything runs",
    { noConnection: "ECONNREFUSED", counts: { ...counts, ready: 3 }, toLaunch: 0 },
    "All 3 instances run.\n" +
      "Marathon has no connection to the master: ECONNREFUSED; what runs goes on running.\n" +
      "> See ./tutti status.",
  ],
];

function textOf(facts: AppFacts): string {
  const { summary, details, advice } = explainApp(facts);
  return [summary, ...details, ...advice.map((line) => `> ${line}`)].join("\n");
}

describe("an explanation", () => {
  it.each([...running, ...deployments, ...placement, ...beside, ...warnings, ...troubles])(
    "%s",
    (_name, facts, text) => {
      expect(textOf({ ...base, ...facts })).toBe(text);
    },
  );

  it("[WHY12] has a reason for every program", () => {
    const reasons = (facts: Partial<AppFacts>): readonly string[] =>
      explainApp({ ...base, ...facts }).reasons;
    expect(reasons({ machines: [small] })).toEqual(["INSUFFICIENT_CPUS"]);
    expect(reasons({ counts: { ...counts, ready: 3 }, toLaunch: 0 })).toEqual(["RUNNING"]);
    expect(reasons({ wanted: 0, counts, toLaunch: 0 })).toEqual(["SCALED_TO_ZERO"]);
    expect(reasons({ toLaunch: 0 })).toEqual(["SETTLING"]);
  });

  it("[WHY12] is running text without its advice", () => {
    expect(formatWait(explainApp({ ...base, toLaunch: 0, counts }))).toContain("about to start");
    expect(formatWait(explainApp({ ...base, wanted: 0, toLaunch: 0, counts }))).toContain("scaled");
    expect(formatExplanation(explainApp({ ...base, machines: [small] }))).toBe(
      "2 of 3 instances run. The third needs 4 cpus on one machine; the largest free piece is " +
        "2.5 cpus on agent-2.",
    );
  });
});
