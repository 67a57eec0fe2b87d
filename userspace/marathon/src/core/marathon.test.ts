import { describe, expect, it } from "vitest";
import type { AppInput } from "@tutti/marathon-v2";
import { ClusterModel } from "./testing/cluster-model.ts";
import type { ModelTask } from "./testing/model-agent.ts";
import { sequenceRandom } from "./testing/sequence-random.ts";
import type { ApiReply, ApiRequest } from "./types.ts";
import { launchQueue } from "./views/queue.ts";
import { allDeployments } from "./views/deployments.ts";

function cluster(agents = 3): ClusterModel {
  const model = new ClusterModel(sequenceRandom());
  for (let index = 1; index <= agents; index += 1) model.addAgent({ host: `host${index}` });
  model.connect();
  return model;
}

const web: AppInput = { id: "/web", cmd: "serve", cpus: 0.5, mem: 64, instances: 2 };

function create(model: ClusterModel, input: AppInput = web, force = false): ApiReply | undefined {
  return model.request({ type: "createApp", input, force });
}

function update(
  model: ClusterModel,
  input: AppInput,
  options: Partial<Extract<ApiRequest, { type: "updateApp" }>> = {},
): ApiReply | undefined {
  const mode = { partial: true, create: true, force: false, ...options };
  return model.request({ type: "updateApp", id: input.id ?? "/web", input, ...mode });
}

function refusal(reply: ApiReply | undefined): string {
  return reply?.type === "refused" ? reply.refusal.code : (reply?.type ?? "no reply");
}

function ids(tasks: readonly ModelTask[]): readonly string[] {
  return tasks.map(({ info }) => info.task_id.value);
}

function running(instances: number, input: Partial<AppInput> = {}): ClusterModel {
  const model = cluster();
  create(model, { ...web, instances, ...input });
  model.run(2000);
  expect(model.alive("/web")).toHaveLength(instances);
  return model;
}

describe("apps", () => {
  it("[MAR1] a new app is launched, spread over agents, and its deployment ends", () => {
    const model = running(2);
    expect(model.alive("/web").map(({ agent }) => agent.host)).toEqual(["host1", "host2"]);
    expect(model.marathon.world.deployments.size).toBe(0);
  });

  it("[MAR3] a second app with the same id is refused", () => {
    const model = running(1);
    expect(refusal(create(model))).toBe("CONFLICT");
  });

  it("[MAR3] an id cannot be an app and a group", () => {
    const model = running(1);
    expect(refusal(create(model, { ...web, id: "/web/api" }))).toBe("INVALID_OBJECT");
  });

  it("[MAR4] a partial update keeps what it does not name, a whole one resets it", () => {
    const model = running(1, { labels: { team: "a" } });
    update(model, { mem: 128 });
    model.run(5000);
    const app = model.marathon.world.apps.get("/web");
    expect(app?.visible).toMatchObject({ mem: 128, labels: { team: "a" } });
    update(model, { cmd: "other" }, { partial: false });
    model.run(5000);
    expect(app?.visible).toMatchObject({ cmd: "other", labels: {}, mem: 128, cpus: 1 });
  });

  it("[MAR4] an update of an unknown app creates it only where that is meant", () => {
    const model = cluster();
    expect(refusal(update(model, web, { create: false }))).toBe("NOT_FOUND");
    expect(update(model, web)).toMatchObject({ type: "deploymentStarted", createdApp: "/web" });
  });

  it("[MAR5] a version that comes back leaves alone instances that still run it", () => {
    const model = running(2);
    const versions = (): readonly string[] => [
      ...(model.marathon.world.apps.get("/web")?.versions.keys() ?? []),
    ];
    const [first = ""] = versions();
    const before = ids(model.alive("/web"));
    model.behaviour.startMs = 60_000;
    update(model, { cmd: "broken" });
    model.run(1000);
    update(model, { version: first }, { force: true });
    model.run(100_000);
    expect(ids(model.alive("/web"))).toEqual(before);
    expect(versions()).toHaveLength(3);
    expect(refusal(update(model, { version: "2000-01-01T00:00:00.000Z" }))).toBe("NOT_FOUND");
    expect(refusal(update(model, { version: first, mem: 1 }))).toBe("INVALID_OBJECT");
  });

  it("[MAR6] a deleted app is gone at once, its record when its tasks are", () => {
    const model = running(2);
    model.request({ type: "deleteApp", id: "/web", force: false });
    expect(model.marathon.world.apps.get("/web")?.visible).toBeUndefined();
    expect(refusal(update(model, { mem: 1 }, { create: false }))).toBe("NOT_FOUND");
    model.run(1000);
    expect(model.alive("/web")).toHaveLength(0);
    expect([...model.durable.keys()]).toEqual([]);
  });

  it("[MAR6] a deleted app can be made anew by force while its old tasks are stopped", () => {
    const model = running(2);
    model.behaviour.stopMs = 5000;
    model.request({ type: "deleteApp", id: "/web", force: false });
    expect(refusal(create(model))).toBe("APP_LOCKED");
    expect(create(model, { ...web, cmd: "anew" }, true)?.type).toBe("appCreated");
    model.run(20_000);
    expect(model.alive("/web").map(({ info }) => info.command?.value)).toEqual(["anew", "anew"]);
  });

  it("[MAR7] killed tasks are replaced, or not when the app is scaled with them", () => {
    const model = running(3);
    const [first, second] = ids(model.alive("/web"));
    const kill = { appId: "/web", scale: false, wipe: false, force: false };
    model.request({ type: "killAppTasks", ...kill, taskId: first ?? "" });
    model.run(2000);
    expect(model.alive("/web")).toHaveLength(3);
    expect(ids(model.alive("/web"))).not.toContain(first);
    const reply = model.request({
      type: "killTasks",
      taskIds: [second ?? ""],
      scale: true,
      wipe: false,
      force: false,
    });
    expect(reply?.type).toBe("deploymentStarted");
    model.run(2000);
    expect(model.alive("/web")).toHaveLength(2);
    expect(model.marathon.world.apps.get("/web")?.visible?.instances).toBe(2);
    expect(refusal(model.request({ type: "killAppTasks", ...kill, scale: true, wipe: true }))).toBe(
      "BAD_REQUEST",
    );
  });

  it("[MAR8] who shows no secret changes nothing", () => {
    const model = cluster();
    model.post({
      type: "apiRequest",
      requestId: 77,
      principal: { type: "anonymous" },
      clientIp: "10.0.0.9",
      uri: "/v2/apps",
      request: { type: "createApp", input: web, force: false },
    });
    expect(refusal(model.replies.get(77))).toBe("UNAUTHENTICATED");
    expect(model.marathon.world.apps.size).toBe(0);
  });

  it("[MAR11] service ports are given once and kept over updates", () => {
    const model = running(1, { portDefinitions: [{ port: 0, name: "http" }] });
    const portOf = (): number | undefined =>
      model.marathon.world.apps.get("/web")?.visible?.portDefinitions[0]?.port;
    const port = portOf();
    expect(port).toBeGreaterThanOrEqual(10_000);
    const before = ids(model.alive("/web"));
    update(model, { portDefinitions: [{ port: 0, name: "http" }] });
    model.run(5000);
    expect(portOf()).toBe(port);
    expect(ids(model.alive("/web"))).toEqual(before);
  });
});

describe("deployments", () => {
  it("[MAR26] hold their apps: others are refused with their ids, unless forced", () => {
    const model = running(2);
    model.behaviour.startMs = 10_000;
    const first = update(model, { cmd: "v2" });
    const second = update(model, { cmd: "v3" });
    expect(second).toMatchObject({
      refusal: { code: "APP_LOCKED", deploymentIds: [Reflect.get(first ?? {}, "deploymentId")] },
    });
    expect(update(model, { cmd: "v3" }, { force: true })?.type).toBe("deploymentStarted");
    model.run(60_000);
    expect(model.alive("/web").map(({ info }) => info.command?.value)).toEqual(["v3", "v3"]);
    expect(model.marathon.world.deployments.size).toBe(0);
  });

  it("[MAR25] follow dependencies", () => {
    const model = cluster();
    const inputs = [
      { ...web, id: "/shop/web", dependencies: ["/shop/db"], instances: 1 },
      { ...web, id: "/shop/db", instances: 1 },
    ];
    model.request({ type: "updateApps", inputs, partial: true, create: true, force: false });
    model.run(150);
    expect(model.alive("/shop/db")).toHaveLength(1);
    expect(model.alive("/shop/web")).toHaveLength(0);
    model.run(2000);
    expect(model.alive("/shop/web")).toHaveLength(1);
    expect(model.marathon.world.deployments.size).toBe(0);
  });

  it("[MAR25] refuse circular dependencies", () => {
    const model = cluster();
    const inputs = [
      { ...web, id: "/a", dependencies: ["/b"] },
      { ...web, id: "/b", dependencies: ["/a"] },
    ];
    const request = { type: "updateApps", inputs, partial: true, create: true } as const;
    expect(refusal(model.request({ ...request, force: false }))).toBe("INVALID_OBJECT");
  });

  it("[MAR28] cancelled by a rollback, the old version comes back and its tasks are left alone", () => {
    const model = running(2);
    const before = ids(model.alive("/web"));
    model.behaviour.startMs = 10_000;
    const reply = update(model, { cmd: "v2" });
    model.run(100);
    const id = String(Reflect.get(reply ?? {}, "deploymentId"));
    const rollback = model.request({ type: "cancelDeployment", id, force: false });
    expect(rollback?.type).toBe("deploymentStarted");
    model.run(60_000);
    expect(ids(model.alive("/web"))).toEqual(before);
    expect(model.marathon.world.deployments.size).toBe(0);
  });

  it("[MAR28] ended by force, everything stays as it is", () => {
    const model = running(2);
    model.behaviour.startMs = 10_000;
    const reply = update(model, { cmd: "v2" });
    const id = String(Reflect.get(reply ?? {}, "deploymentId"));
    expect(model.request({ type: "cancelDeployment", id, force: true })?.type).toBe(
      "deploymentStopped",
    );
    model.run(60_000);
    expect(model.alive("/web")).toHaveLength(2);
    expect(model.calls.filter(({ type }) => type === "KILL").length).toBeLessThanOrEqual(2);
    expect(refusal(model.request({ type: "cancelDeployment", id, force: true }))).toBe("NOT_FOUND");
  });

  it("[MAR19] the same definition again does nothing", () => {
    const model = running(2);
    const before = ids(model.alive("/web"));
    expect(update(model, web)?.type).toBe("deploymentStarted");
    model.run(5000);
    expect(ids(model.alive("/web"))).toEqual(before);
    expect(model.marathon.world.apps.get("/web")?.versions.size).toBe(1);
  });

  it("[MAR40] say what they wait for", () => {
    const model = cluster(1);
    create(model, { ...web, cpus: 64, instances: 1 });
    const { world } = model.marathon;
    const [item] = launchQueue(world, model.env(), { lastUnusedOffers: false, verdicts: false });
    const explanation = {
      summary: "Its only instance does not run; a deployment is under way (step 2 of 2).",
      reasons: ["DEPLOYING", "INSUFFICIENT_CPUS"],
      details: ["It needs 64 cpus on one machine; the largest free piece is 4 cpus on host1."],
      advice: ["Lower cpus, or add a machine."],
    };
    expect(item?.explanation).toEqual(explanation);
    expect(item?.why).toBe(`${explanation.summary} ${explanation.details.join(" ")}`);
    expect(item).not.toHaveProperty("verdicts");
    const [deployment] = allDeployments(world, model.env());
    expect(deployment?.currentActions[0]?.explanation).toEqual(explanation);
    const wait = explanation.details.join(" ");
    expect(deployment?.currentActions[0]?.why).toBe(wait);
    expect(deployment?.why).toBe(`/web: ${wait}`);
  });

  it("[MAR44] each machine that made an offer has its verdict", () => {
    const model = cluster(2);
    create(model, {
      ...web,
      instances: 3,
      constraints: [["hostname", "UNIQUE"]],
    });
    model.run(5000);
    const [item] = queueOf(model);
    const lack = (value: string): object => ({
      type: "constraint",
      constraint: ["hostname", "UNIQUE"],
      value,
    });
    expect(item?.verdicts).toMatchObject([
      { agentId: "agent-host1", host: "host1", lack: lack("host1") },
      { agentId: "agent-host2", host: "host2", lack: lack("host2") },
    ]);
    expect(item?.verdicts?.[0]?.free?.cpus).toBe(3.5);
    expect(item?.explanation.details).toEqual([
      "The constraint hostname UNIQUE rules out host1 and host2: it allows one instance for each " +
        "hostname, and there is one.",
    ]);
  });

  it("[MAR44] a port that is taken has its holder", () => {
    const model = new ClusterModel(sequenceRandom());
    model.addAgent({ host: "host1" });
    const fixed = { requirePorts: true, portDefinitions: [{ port: 31_005 }] };
    create(model, { ...web, id: "/old", instances: 1, ...fixed });
    create(model, { ...web, instances: 1, ...fixed });
    model.connect();
    const [item] = queueOf(model);
    expect(item?.verdicts?.[0]?.lack).toEqual({
      type: "takenPorts",
      ports: [{ port: 31_005, holder: "/old" }],
    });
    expect(item?.explanation.details).toEqual(["It needs port 31005: /old has it on host1."]);
  });

  it("[MAR44] the failures in a row are counted until the definition changes", () => {
    const model = running(1);
    for (let round = 0; round < 3; round += 1) {
      const [task] = model.alive("/web");
      if (task !== undefined) model.end(task, "TASK_FAILED", "exit 3");
      if (round < 2) model.run(2000);
    }
    const [item] = queueOf(model);
    expect(item?.failures).toBe(3);
    expect(item?.explanation.reasons).toContain("BACKING_OFF");
    expect(item?.why).toMatch(/ended too soon \d+ times in a row; the next try is in \d+ s/);
    update(model, { cpus: 0.25 });
    expect(queueOf(model)[0]?.failures ?? 0).toBe(0);
  });

  it("[MAR40] instances that are away or start", () => {
    const model = running(3, { unreachableStrategy: "disabled" });
    model.behaviour.startMs = 60_000;
    const [agent] = model.agents;
    if (agent !== undefined) model.partition(agent);
    update(model, { instances: 4 });
    model.run(200);
    const why = allDeployments(model.marathon.world, model.env())[0]?.why ?? "";
    expect(why).toContain("1 instance is on host1, which cannot be reached");
    expect(why).toContain("1 instance is starting.");
  });
});

function queueOf(model: ClusterModel): ReturnType<typeof launchQueue> {
  const embed = { lastUnusedOffers: false, verdicts: true };
  return launchQueue(model.marathon.world, model.env(), embed);
}

describe("statuses", () => {
  it("[MAR30] are acknowledged after they are durable", () => {
    const model = running(1);
    const acknowledged = model.calls.filter(({ type }) => type === "ACKNOWLEDGE");
    expect(acknowledged).toHaveLength(1);
  });

  it("[MAR31] of unknown tasks kill nothing", () => {
    const model = running(1);
    model.tell({
      task_id: { value: "web.instance-foreign._app.1" },
      agent_id: { value: "agent-host1" },
      state: "TASK_RUNNING",
      uuid: "AAAAAAAAAAAAAAAAAAAAAA==",
    });
    model.run(60_000);
    expect(model.calls.filter(({ type }) => type === "KILL")).toEqual([]);
    expect(model.alive("/web")).toHaveLength(1);
  });

  it("[MAR32] that the executor killed for their health say so", () => {
    const model = running(1, {
      healthChecks: [
        { protocol: "COMMAND", command: { value: "check" }, maxConsecutiveFailures: 3 },
      ],
    });
    const [task] = model.alive("/web");
    if (task === undefined) throw new Error("no task");
    model.failHealth(task, "exit 1");
    model.tell({
      task_id: task.info.task_id,
      state: "TASK_KILLED",
      healthy: false,
      message: "Command terminated with signal Terminated",
      source: "SOURCE_EXECUTOR",
    });
    const [app] = model.marathon.world.apps.values();
    expect(app?.record.lastFailure?.message).toBe(
      "killed because its health check failed: exit 1 (Command terminated with signal Terminated)",
    );
  });

  it("[MAR32] that fail the health check often enough make Marathon kill and replace", () => {
    const healthChecks = [{ protocol: "HTTP" as const, path: "/", maxConsecutiveFailures: 2 }];
    const model = running(1, { healthChecks });
    const [task] = model.alive("/web");
    expect(task).toBeDefined();
    if (task === undefined) return;
    model.failHealth(task, "HTTP 500");
    expect(model.calls.some(({ type }) => type === "KILL")).toBe(false);
    model.failHealth(task, "HTTP 500");
    model.run(5000);
    expect(ids(model.alive("/web"))).not.toContain(task.info.task_id.value);
    expect(model.alive("/web")).toHaveLength(1);
    expect(model.narrative.some((line) => line.includes("unhealthy_instance_kill_event"))).toBe(
      true,
    );
  });

  it("[MAR33] a task that its agent has lost is found missing and replaced", () => {
    const model = running(2);
    const [task] = model.alive("/web");
    if (task !== undefined) model.forget(task);
    model.run(700_000);
    expect(model.alive("/web")).toHaveLength(2);
  });

  it("[MAR34] a launch that nobody answers is given up", () => {
    const model = cluster(1);
    model.behaviour.startMs = 10 * 3_600_000;
    create(model, { ...web, instances: 1 });
    const [task] = model.alive("/web");
    model.run(400_000);
    expect(ids(model.alive("/web"))).not.toContain(task?.info.task_id.value);
  });
});

describe("agents that go away", () => {
  it("[MAR35] their instances are replaced when the app's patience is over, not before", () => {
    const unreachableStrategy = { inactiveAfterSeconds: 60, expungeAfterSeconds: 600 };
    const model = running(1, { unreachableStrategy });
    const [agent] = model.agents;
    if (agent !== undefined) model.partition(agent);
    model.run(50_000);
    expect(model.alive("/web")).toHaveLength(1);
    model.run(20_000);
    expect(model.alive("/web")).toHaveLength(2);
  });

  it("[MAR35] with a disabled strategy they are waited for", () => {
    const model = running(1, { unreachableStrategy: "disabled" });
    const [agent] = model.agents;
    if (agent === undefined) return;
    model.partition(agent);
    model.run(10 * 3_600_000);
    expect(model.alive("/web")).toHaveLength(1);
    model.heal(agent);
    model.run(1000);
    expect(model.alive("/web")).toHaveLength(1);
  });

  it("[MAR24] [MAR36] one whose KILL was lost is killed again", () => {
    const model = running(1);
    const [agent] = model.agents;
    const [task] = model.alive("/web");
    if (agent === undefined || task === undefined) throw new Error("an agent with a task");
    model.partition(agent);
    model.request({ type: "deleteApp", id: "/web", force: true });
    model.run(5000);
    const status = { task_id: task.info.task_id, agent_id: task.info.agent_id };
    // To the master the agent is back; the KILL does not reach it.
    model.tell({ ...status, state: "TASK_RUNNING" });
    const kills = (): number => model.calls.filter(({ type }) => type === "KILL").length;
    const before = kills();
    model.run(9000);
    expect(kills()).toBe(before);
    model.run(2000);
    expect(kills()).toBe(before + 1);
    model.tell({ ...status, state: "TASK_UNREACHABLE" });
    model.run(300_000);
    expect(kills()).toBe(before + 1);
    model.heal(agent);
    model.run(5000);
    expect(model.alive("/web")).toEqual([]);
    expect(model.marathon.world.orphans.size).toBe(0);
    const ended = kills();
    model.run(300_000);
    expect(kills()).toBe(ended);
  });

  it("[MAR50] an agent that comes back without a task that was away is asked for it within a minute", () => {
    const unreachableStrategy = { inactiveAfterSeconds: 3600, expungeAfterSeconds: 7200 };
    const model = running(1, { unreachableStrategy });
    const [agent] = model.agents;
    const [task] = model.alive("/web");
    if (agent === undefined || task === undefined) throw new Error("an agent with a task");
    model.partition(agent);
    model.run(70_000);
    const isAsked = (id: string): boolean =>
      model.calls.some(({ reconcile }) =>
        reconcile?.tasks?.some((one) => one.task_id.value === id),
      );
    expect(isAsked(task.info.task_id.value)).toBe(true);
    model.forget(task);
    model.heal(agent);
    model.run(70_000);
    expect(ids(model.alive("/web"))).not.toContain(task.info.task_id.value);
    expect(model.alive("/web")).toHaveLength(1);
    const before = model.calls.length;
    model.run(300_000);
    expect(model.calls.slice(before).filter(({ type }) => type === "RECONCILE")).toEqual([]);
  });

  it("[MAR50] of more than can be asked for at a time each has its turn", () => {
    const model = new ClusterModel(sequenceRandom());
    for (let index = 1; index <= 10; index += 1)
      model.addAgent({ host: `host${index}`, cpus: 100 });
    model.connect();
    const unreachableStrategy = { inactiveAfterSeconds: 3600, expungeAfterSeconds: 7200 };
    create(model, { ...web, cpus: 0.5, mem: 1, instances: 1500, unreachableStrategy });
    model.run(5000);
    expect(model.alive("/web")).toHaveLength(1500);
    for (const agent of model.agents) model.partition(agent);
    const before = model.calls.length;
    model.run(130_000);
    const rounds = model.calls
      .slice(before)
      .flatMap(({ reconcile }) => (reconcile === undefined ? [] : [reconcile.tasks ?? []]));
    expect(rounds.map(({ length }) => length)).toEqual([1000, 1000]);
    expect(new Set(rounds.flat().map(({ task_id: id }) => id.value)).size).toBe(1500);
  });

  it("[MAR36] of an instance that returns and its replacement, one survives", () => {
    const model = running(1);
    const [agent] = model.agents;
    if (agent === undefined) return;
    const before = ids(model.alive("/web"));
    model.partition(agent);
    model.run(5000);
    expect(model.alive("/web")).toHaveLength(2);
    model.heal(agent);
    model.run(5000);
    expect(ids(model.alive("/web"))).toEqual(before);
  });

  it("[MAR36] an instance of an old version that returns is killed", () => {
    const model = running(1);
    const [agent] = model.agents;
    if (agent === undefined) return;
    const [before] = ids(model.alive("/web"));
    model.partition(agent);
    model.run(2000);
    update(model, { cmd: "v2" });
    model.run(5000);
    model.behaviour.startMs = 20_000;
    model.heal(agent);
    model.run(60_000);
    expect(ids(model.alive("/web"))).not.toContain(before);
    expect(model.alive("/web")).toHaveLength(1);
  });

  it("[MAR36] an instance of a deleted app that returns is killed, also after a restart", () => {
    const model = running(1);
    const [agent] = model.agents;
    if (agent === undefined) return;
    model.partition(agent);
    model.request({ type: "deleteApp", id: "/web", force: true });
    model.run(5000);
    expect(model.marathon.world.apps.size).toBe(0);
    model.crash();
    model.run(1000);
    model.heal(agent);
    model.run(5000);
    expect(model.alive("/web")).toEqual([]);
    expect([...model.durable.keys()]).toEqual([]);
  });
});

describe("many", () => {
  it("[MAR13] a large app is launched in parts and comes to rest", () => {
    const model = new ClusterModel(sequenceRandom());
    for (let index = 1; index <= 30; index += 1) {
      model.addAgent({ host: `host${index}`, cpus: 100 });
    }
    model.connect();
    create(model, { ...web, cpus: 0.5, mem: 1, instances: 2500 });
    model.run(3000);
    expect(model.alive("/web")).toHaveLength(2500);
    expect(model.aliveMax.get("/web")).toBe(2500);
    expect(model.marathon.world.deployments.size).toBe(0);
  });
});

describe("rest", () => {
  it("[MAR10] an idle Marathon calls nobody and writes nothing", () => {
    const model = running(2);
    model.run(1000);
    const callsBefore = model.calls.length;
    const recordsBefore = [...model.durable.keys()];
    model.run(500_000);
    expect(model.calls.slice(callsBefore)).toEqual([]);
    expect([...model.durable.keys()]).toEqual(recordsBefore);
  });

  it("[MAR24] KILL is repeated until the task is gone", () => {
    const model = running(1);
    model.behaviour.stopMs = 200_000;
    model.request({ type: "deleteApp", id: "/web", force: false });
    model.run(190_000);
    expect(model.calls.filter(({ type }) => type === "KILL").length).toBeGreaterThanOrEqual(3);
    model.run(60_000);
    expect(model.marathon.world.apps.size).toBe(0);
  });
});
