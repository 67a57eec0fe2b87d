import { describe, expect, it } from "vitest";
import { explainApp, formatExplanation, formatWait } from "./explain-app.ts";
import { base, type Case, counts, nowMs, small, textOf } from "../testing/explained-app.ts";
import type { AppFacts } from "./facts.ts";

const failure = {
  state: "TASK_FAILED",
  message: "Command exited with status 3",
  host: "agent-1",
  taskId: "web.instance-1._app.1",
  atMs: nowMs - 5000,
};
const check = { text: "the HTTP check of /health", failuresMax: 3 };

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
    "[WHY17] what never ran printed nothing",
    {
      counts: { ...counts, ready: 3 },
      toLaunch: 0,
      lastFailure: {
        ...failure,
        message: 'Failed to launch container: this machine has no user "nosuch"',
      },
    },
    "All 3 instances run.\n" +
      'The last failure was 5 s ago on agent-1: Failed to launch container: this machine has no user "nosuch" (failed).\n' +
      "> It never ran. Mend what the message names, on agent-1 or in its definition: ./tutti app update /web NAME=VALUE",
  ],
  [
    "[WHY17] what its memory limit killed needs more memory",
    {
      counts: { ...counts, ready: 3 },
      toLaunch: 0,
      lastFailure: { ...failure, message: "Memory limit exceeded: Requested: 128MB" },
    },
    "All 3 instances run.\n" +
      "The last failure was 5 s ago on agent-1: Memory limit exceeded: Requested: 128MB (failed).\n" +
      "> It wanted more memory than its 128 MB. Give it more: ./tutti app update /web mem=256",
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

const slow: readonly Case[] = [
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

describe("an explanation", () => {
  it.each([...running, ...deployments, ...slow, ...warnings, ...troubles])(
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
