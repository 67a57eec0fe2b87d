import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCluster, tutti, type MarathonTask } from "./cluster.ts";
import { leftovers } from "./leftovers.ts";
import { Story } from "./testing/story.ts";

let cluster: TestCluster;
let mark: string;
/** What a machine runs of Tutti, without what keeps it running. */
const ownProcesses = new Set(["master", "services", "agent", "node"]);
const story = new Story(
  "[GF1] One command makes a whole cluster with an app that answers, and nothing has to be there beforehand: no bootstrap node, no",
  "script that finds addresses, no configuration. One command ends it, and nothing is left over.",
  "Answers the installation of DC/OS.",
);

beforeAll(async () => {
  cluster = await TestCluster.start();
  story.did("tutti up");
  for (const { name } of cluster.up.masters) story.saw(`${name} is a master`);
  for (const agent of cluster.up.agents)
    story.saw(`${agent.name} is a ${agent.public ? "public" : "private"} agent`);
  mark = (JSON.parse(readFileSync(join(cluster.dir, "cluster.json"), "utf8")) as { id: string }).id;
}, 240_000);

afterAll(async () => {
  await cluster.down();
}, 120_000);

const web = {
  id: "/story/web",
  cmd: 'trap "exit 0" TERM; while :; do sleep 0.2; done',
  cpus: 0.1,
  mem: 32,
  instances: 2,
  constraints: [["hostname", "UNIQUE"]],
  healthChecks: [
    {
      protocol: "COMMAND",
      command: { value: "true" },
      gracePeriodSeconds: 5,
      intervalSeconds: 1,
      timeoutSeconds: 5,
      maxConsecutiveFailures: 3,
      delaySeconds: 0,
    },
  ],
  taskKillGracePeriodSeconds: 2,
} as const;

/** Resolves with the tasks once exactly `count` run and are healthy and no deployment is left. */
function healthy(
  appId: string,
  count: number,
  timeoutMs = 60_000,
): Promise<readonly MarathonTask[]> {
  return eventually(`${String(count)} healthy instances of ${appId}`, timeoutMs, async () => {
    const answer = await cluster.marathon("GET", `/v2/apps${appId}?embed=app.tasks`);
    const app = (answer.body as { app?: AppView }).app;
    if (app === undefined || app.deployments.length > 0) return undefined;
    const running = app.tasks.filter((t) => t.state === "TASK_RUNNING");
    const alive = running.filter((t) => t.healthCheckResults?.some((h) => h.alive) === true);
    return running.length === count && alive.length === count ? running : undefined;
  });
}

interface AppView {
  readonly instances: number;
  readonly deployments: readonly { readonly id: string }[];
  readonly tasks: readonly MarathonTask[];
}

function ids(tasks: readonly MarathonTask[]): readonly string[] {
  return tasks.map((t) => t.id).toSorted();
}

describe("the ground floor: from nothing to a healthy app", () => {
  it("[GF1] up ends with the sample app, two instances on two machines", async () => {
    expect(cluster.up.masters).toHaveLength(1);
    expect(cluster.up.agents.filter((a) => !a.public)).toHaveLength(2);
    expect(cluster.up.agents.filter((a) => a.public)).toHaveLength(1);
    const answer = await cluster.marathon("GET", "/v2/apps?embed=apps.tasks");
    const apps = (answer.body as { apps: readonly (AppView & { id: string })[] }).apps;
    const sample = apps.find((app) => app.tasks.length === 2);
    expect(sample?.tasks.map((t) => t.state)).toEqual(["TASK_RUNNING", "TASK_RUNNING"]);
    expect(new Set(sample?.tasks.map((t) => t.host)).size).toBe(2);
    story.saw(`${sample?.id ?? "no app"} has ${String(sample?.tasks.length)} instances that run`);
    for (const task of sample?.tasks ?? []) {
      const page = await fetch(`http://${task.host}:${String(task.ports[0])}/`);
      expect(page.status).toBe(200);
    }
    story.saw("they are on two machines, and each answers with 200");
    const { machines } = await cluster.status();
    story.did("tutti status");
    for (const { name, processes } of machines) {
      const own = processes.filter((one) => ownProcesses.has(one.name));
      story.saw(`${name} runs ${own.map((one) => one.name).join(", ")}`);
    }
  });

  it("[GF2] a posted app is placed on two machines, scaled, upgraded, and seen from the command line", async () => {
    expect((await cluster.marathon("POST", "/v2/apps", web)).status).toBe(201);
    const first = await healthy(web.id, 2);
    expect(new Set(first.map((t) => t.host)).size).toBe(2);

    const unconstrained = { ...web, constraints: [], instances: 4 };
    expect((await cluster.marathon("PUT", `/v2/apps${web.id}`, unconstrained)).status).toBe(200);
    await healthy(web.id, 4);
    const scaled = await cluster.cli("app", "scale", web.id, "2");
    expect(scaled).toMatchObject({ exitCode: 0 });
    const before = await healthy(web.id, 2);

    const upgraded = await cluster.marathon("PUT", `/v2/apps${web.id}`, {
      ...unconstrained,
      instances: 2,
      env: { RELEASE: "2" },
    });
    expect(upgraded.status).toBe(200);
    const after = await healthy(web.id, 2);
    expect(ids(after).some((id) => ids(before).includes(id))).toBe(false);

    const list = await cluster.cli("task", "list", "--json");
    expect(list.exitCode).toBe(0);
    expect(list.stdout).toContain(after[0]?.id);
  });

  it("[GF3] a program that writes to both streams is read with task log", async () => {
    const talker = {
      id: "/story/talker",
      cmd: "echo to-stdout; echo to-stderr >&2; sleep 1000",
      cpus: 0.1,
      mem: 32,
    };
    expect((await cluster.marathon("POST", "/v2/apps", talker)).status).toBe(201);
    await eventually("output of /story/talker", 90_000, async () => {
      const out = await cluster.cli("task", "log", talker.id);
      const err = await cluster.cli("task", "log", talker.id, "--stderr");
      return out.stdout.includes("to-stdout") &&
        !out.stdout.includes("to-stderr") &&
        err.stdout.includes("to-stderr")
        ? true
        : undefined;
    });
    const removed = await cluster.cli("app", "remove", talker.id);
    expect(removed.exitCode).toBe(0);
    expect((await cluster.marathon("GET", `/v2/apps${talker.id}`)).status).toBe(404);
  });
});

describe("kill -9, one after another", () => {
  for (const [rule, machineRole, processName] of [
    ["GF4", "master", "master"],
    ["GF5", "agent", "agent"],
    ["GF6", "master", "services"],
  ] as const) {
    it(`[${rule}] of ${processName}: it returns, and no healthy task was touched`, async () => {
      const before = await healthy(web.id, 2);
      const status = await cluster.status();
      const hostOfTask = before[0]?.host;
      const machine = status.machines.find((m) =>
        machineRole === "master"
          ? m.role === "master"
          : m.ip === hostOfTask || m.name === hostOfTask,
      );
      const victim = machine?.processes.find((p) => p.name === processName);
      expect(victim).toBeDefined();
      process.kill(victim?.pid ?? -1, "SIGKILL");
      await eventually(`${processName} to run again`, 90_000, async () => {
        const now = await cluster.process(machine?.name ?? "", processName);
        return now !== undefined && now.pid !== victim?.pid ? now : undefined;
      });
      await healthy(web.id, 2);
      // New work is accepted, placed and runs: the whole chain is alive again.
      const probe = {
        id: `/story/after-${rule.toLowerCase()}`,
        cmd: "sleep 1000",
        cpus: 0.1,
        mem: 32,
      };
      await eventually("Marathon to accept an app", 90_000, async () =>
        (await cluster.marathon("POST", "/v2/apps", probe)).status === 201 ? true : undefined,
      );
      await eventually("the app to run", 60_000, async () =>
        (await cluster.tasks(probe.id)).some((t) => t.state === "TASK_RUNNING") ? true : undefined,
      );
      expect(ids(await healthy(web.id, 2))).toEqual(ids(before));
      expect((await cluster.marathon("DELETE", `/v2/apps${probe.id}`)).status).toBe(200);
    });
  }

  it("[GF7] of a task: it is replaced, the other one stays", async () => {
    const before = await healthy(web.id, 2);
    const victim = before[0];
    const pid = await taskPid(victim?.id ?? "");
    process.kill(pid, "SIGKILL");
    await eventually("the killed task to be gone", 90_000, async () =>
      ids(await cluster.tasks(web.id)).includes(victim?.id ?? "") ? undefined : true,
    );
    const after = await healthy(web.id, 2);
    expect(ids(after)).toContain(before[1]?.id);
    expect(ids(after)).not.toContain(victim?.id);
  });
});

/** The host's process id of a task: a shell of the task that finds itself by its environment. */
async function taskPid(taskId: string): Promise<number> {
  const { readdirSync } = await import("node:fs");
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      if (!environment.includes(`MESOS_TASK_ID=${taskId}`)) continue;
      if (readFileSync(`/proc/${pid}/status`, "utf8").includes("\nNSpid:") && nsPid(pid) === 1)
        return Number(pid);
    } catch {
      // It ended while we looked.
    }
  }
  throw new Error(`no process of task ${taskId}`);
}

function nsPid(pid: string): number {
  const line = readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .find((l) => l.startsWith("NSpid:"));
  return Number(line?.split(/\s+/).at(-1));
}

describe("two clusters side by side, and nothing left over", () => {
  it("[GF8] a second cluster runs beside the first; down of one leaves the other whole and nothing of itself", async () => {
    const before = await healthy(web.id, 2);
    const second = await TestCluster.start([
      "--agents",
      "1",
      "--public-agents",
      "0",
      "--no-sample",
    ]);
    const secondMark = (
      JSON.parse(readFileSync(join(second.dir, "cluster.json"), "utf8")) as { id: string }
    ).id;
    expect(second.up.masters[0]?.ip).not.toBe(cluster.up.masters[0]?.ip);
    expect(
      (
        await second.marathon("POST", "/v2/apps", {
          id: "/alone",
          cmd: "sleep 1000",
          cpus: 0.1,
          mem: 32,
        })
      ).status,
    ).toBe(201);
    await eventually("an app on the second cluster", 90_000, async () =>
      (await second.tasks("/alone")).some((t) => t.state === "TASK_RUNNING") ? true : undefined,
    );
    expect((await leftovers(secondMark)).length).toBeGreaterThan(5);
    const down = await second.down();
    expect(down).toMatchObject({ exitCode: 0 });
    expect(await leftovers(secondMark)).toEqual([]);
    expect(await leftovers(basename(second.dir))).toEqual([]);
    expect(ids(await healthy(web.id, 2))).toEqual(ids(before));
  });

  it("[GF9] up refuses options it does not have, with exit code 2 and without a trace", async () => {
    const dir = mkdtempSync(join(tmpdir(), "tutti-e2e-"));
    const outcome = await tutti(["up", "--isolated", "--agents", "minus-one", "--dir", dir]);
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toMatch(/agents/);
    expect(await leftovers(basename(dir))).toEqual([]);
    rmSync(dir, { recursive: true, force: true });
  });

  it("[GF10] down of the first leaves no process, namespace, mount, cgroup or table", async () => {
    const down = await tutti(["down", "--dir", cluster.dir]);
    expect(down).toMatchObject({ exitCode: 0 });
    story.did("tutti down");
    const left = [...(await leftovers(mark)), ...(await leftovers(basename(cluster.dir)))];
    expect(left).toEqual([]);
    story.saw("no process, namespace, mount, cgroup or table of it is left");
    await story.demandSame("one-command-installs");
  });
});
