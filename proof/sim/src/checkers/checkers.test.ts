import { describe, expect, it } from "vitest";
import { parseResourcesText, Resources } from "@tutti/resources";
import { createCluster, defaultClusterOptions } from "@tutti/simulator";
import { createSeededRandom } from "@tutti/testkit";
import type { Observation } from "@tutti/simulator";
import { demandSame, whyNotSettled } from "../final-state.ts";
import { modelOfDecisions, modelOfStore } from "../record-model.ts";
import type { RecordChange } from "../record-model.ts";
import { Operator } from "../scenario/operator.ts";
import { AppUser, definitionOf } from "../scenario/app-user.ts";
import { Truth } from "../truth.ts";
import { watchAcknowledgements } from "./acknowledgements.ts";
import { watchContainers } from "./containers.ts";
import { watchEpochs } from "./epochs.ts";
import { watchKills } from "./kills.ts";
import { watchKnowledge } from "./knowledge.ts";
import { watchQuota } from "./quota.ts";
import { auditBooks, demandRoom } from "./resources.ts";
import { appRecords, instanceRecord, Scene, starts } from "../testing/scene.ts";
import { watchStrategy } from "./strategy.ts";

function resources(text: string): Resources {
  const parsed = parseResourcesText(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

const signalled = (taskId: string): Observation => ({
  type: "containerSignalled",
  node: "agent1",
  containerId: `container-of-${taskId}-on-agent1`,
  taskId,
  signal: 15,
});

const told = (epoch: number, message: unknown): Observation => ({
  type: "agentTold",
  node: "agent1",
  envelope: { epoch, seq: 1, message } as never,
});

const launch = (taskId: string) => ({ type: "launchTask", task: { task_id: { value: taskId } } });

/** What each checker must see, and what is like it and good. */
describe("every checker can fail", () => {
  it("[SIM1] a task that is started twice", () => {
    const scene = new Scene().commit(instanceRecord("web.1"));
    watchContainers(scene, defaultClusterOptions);
    scene.see(starts("web.1"));
    expect(() => scene.see(starts("web.1", { node: "agent2" }))).toThrow("[SIM1]");
  });

  it("[SIM2] a task that nobody made durable", () => {
    const scene = new Scene();
    watchContainers(scene, defaultClusterOptions);
    expect(() => scene.see(starts("web.1"))).toThrow("[SIM2]");
  });

  it("[SIM3] more than the machine has, and a port twice", () => {
    const scene = new Scene().commit(
      ...["web.1", "web.2", "web.3"].map((id) => instanceRecord(id)),
    );
    watchContainers(scene, defaultClusterOptions);
    scene.see(starts("web.1", { ports: "31000" }));
    expect(() => scene.see(starts("web.2", { ports: "31000" }))).toThrow(
      "port 31000 is given twice",
    );
    expect(() => scene.see(starts("web.3", { cpusMilli: 4_001 }))).toThrow("[SIM3]");
  });

  it("[SIM4] more offered and used than there is", () => {
    const agent = (used: string, offered: string) => ({
      total: resources("cpus:4;mem:100"),
      used: resources(used),
      offered: resources(offered),
    });
    demandRoom("agent1", agent("cpus:1", "cpus:3"));
    expect(() => demandRoom("agent1", agent("cpus:1.001", "cpus:3"))).toThrow("[SIM4]");
  });

  it("[SIM5] books that are not what tasks and offers say", () => {
    const agent = { id: "a", used: resources("cpus:1"), offered: Resources.empty };
    const view = { agents: new Map([["a", agent]]), tasks: new Map(), offers: new Map() };
    expect(() => auditBooks(view as never)).toThrow("[SIM5]");
  });

  it("[SIM6] one instance more than the app is to have", () => {
    const scene = new Scene();
    watchStrategy(scene);
    scene.commit(...appRecords(1), instanceRecord("web.1"));
    expect(() => scene.commit(instanceRecord("web.2"))).toThrow("[SIM6]");
  });

  it("[SIM7] a decision to kill that nothing asks for", () => {
    const scene = new Scene();
    watchKills(scene);
    scene.commit(...appRecords(1), instanceRecord("web.1"));
    expect(() => scene.commit(instanceRecord("web.1", { goal: "Decommissioned" }))).toThrow(
      "[SIM7]",
    );
  });

  it("[SIM7] more kills in one step than there are instances too many", () => {
    const scene = new Scene();
    watchKills(scene);
    const ids = ["web.1", "web.2", "web.3"];
    scene.commit(...appRecords(3), ...ids.map((id) => instanceRecord(id)));
    const killed = (id: string): RecordChange => instanceRecord(id, { goal: "Decommissioned" });
    scene.commit(...appRecords(2), killed("web.1"));
    expect(() => scene.commit(...appRecords(1), killed("web.2"), killed("web.3"))).toThrow(
      "[SIM7] Marathon decides to kill web.3 without a reason, number 2",
    );
  });

  it("[SIM7] a kill on another machine than the user's order names", () => {
    const scene = new Scene();
    watchKills(scene);
    scene.commit(...appRecords(2), instanceRecord("web.1"));
    scene.commit(instanceRecord("web.2", { host: "agent2" }));
    const options = { scale: false, wipe: false, force: false };
    const request = { type: "killAppTasks", appId: "/web", host: "agent1", ...options } as const;
    scene.see({ type: "commandArrived", request });
    scene.commit(instanceRecord("web.1", { goal: "Decommissioned" }));
    const other = instanceRecord("web.2", { host: "agent2", goal: "Decommissioned" });
    expect(() => scene.commit(other)).toThrow("[SIM7]");
  });

  it("[SIM8] a signal to what is wanted", () => {
    const scene = new Scene();
    watchKills(scene);
    scene.commit(...appRecords(1), instanceRecord("web.1")).see(starts("web.1"));
    expect(() => scene.see(signalled("web.1"))).toThrow("[SIM8]");
  });

  it("[SIM9] an upgrade that leaves too few", () => {
    const scene = new Scene();
    watchKills(scene);
    scene.commit(...appRecords(1, true), instanceRecord("web.1", { configVersion: "v0" }));
    const killed = instanceRecord("web.1", { configVersion: "v0", goal: "Decommissioned" });
    expect(() => scene.commit(killed)).toThrow("[SIM9]");
  });

  it("[SIM10] a launch, a kill and a write of a fallen leader", () => {
    const scene = new Scene();
    watchEpochs(scene);
    scene.see(told(5, { type: "welcome" }), told(3, launch("web.1")), told(5, launch("web.2")));
    scene.see(told(3, { type: "killTask", taskId: "web.2" }), starts("web.2"));
    expect(() => scene.see(starts("web.1"))).toThrow("[SIM10]");
    expect(() => scene.see(signalled("web.2"))).toThrow("[SIM10] agent1 kills web.2");
    const write = { type: "storeWritten", node: "master1", epoch: 3, newestEpoch: 5 } as const;
    expect(() => scene.see(write)).toThrow("[SIM10]");
  });

  it("[SIM11] an acknowledgement of what Marathon has not made durable", () => {
    const scene = new Scene();
    watchAcknowledgements(scene);
    scene.commit(instanceRecord("web.1", { taskState: "TASK_STARTING" }));
    const acknowledged = { type: "updateAcknowledged", node: "agent1", taskId: "web.1" } as const;
    scene.see({ ...acknowledged, state: "TASK_STARTING" });
    expect(() => scene.see({ ...acknowledged, state: "TASK_RUNNING" })).toThrow("[SIM11]");
    scene.commit(instanceRecord("web.1", { taskState: "TASK_UNREACHABLE", lost: true }));
    expect(() => scene.see({ ...acknowledged, state: "TASK_RUNNING" })).toThrow("[SIM11]");
    scene.commit(instanceRecord("web.1", { lost: true, goal: "Decommissioned" }));
    scene.see({ ...acknowledged, state: "TASK_KILLING" });
    expect(() => scene.see({ ...acknowledged, state: "TASK_FAILED" })).toThrow("[SIM11]");
    const unknown = { ...acknowledged, taskId: "web.2", state: "TASK_FAILED" } as const;
    expect(() => scene.see(unknown)).toThrow("durable record says nothing");
  });

  it("[SIM15] a task the scheduler never hears of, and one whose end it never hears of", () => {
    const scene = new Scene();
    const demandKnown = watchKnowledge(scene);
    scene.see(starts("web.1"));
    expect(demandKnown).toThrow("was never told of web.1");
    scene.see({ type: "updateArrived", taskId: "web.1", state: "TASK_RUNNING" });
    demandKnown();
    scene.truth.running.clear();
    expect(demandKnown).toThrow("was never told that web.1 has ended");
  });
});

describe("[SIM16] quota", () => {
  /** One agent and its role's limit, in steps of one leadership. */
  function books() {
    const scene = new Scene();
    watchQuota(scene);
    const agents = new Map<string, object>([["a", { total: Resources.empty }]]);
    const quotas = new Map([["web", { limits: new Map([["cpus", 2_000]]) }]]);
    const active = new Map<string, object>();
    const offers = new Map<string, object>();
    const view = { version: 0, agents, quotas, offers, tasks: new Map([["f", { active }]]) };
    const step = (): void => {
      view.version += 1;
      scene.see({ type: "masterStepped", node: "master1", view: view as never });
    };
    step();
    const part = (text: string): object => ({
      agentId: "a",
      role: "web",
      state: "TASK_RUNNING",
      resources: resources(text).allocate("web"),
    });
    const offer = (id: string, text: string) => offers.set(id, { ...part(text), id });
    const task = (id: string, text: string) => active.set(id, part(text));
    return { agents, offers, offer, task, step };
  }

  it("an offer above the limit", () => {
    const { offer, task, step } = books();
    offer("o1", "cpus:2;mem:64");
    step();
    offer("o2", "mem:64");
    step();
    task("t", "cpus:0.5");
    offer("o3", "cpus:0.5");
    expect(step).toThrow("[SIM16] an offer of");
  });

  it("a launch of more than was offered; not what an agent brings", () => {
    const { agents, offers, offer, task, step } = books();
    offer("o1", "cpus:1");
    step();
    offers.clear();
    task("t1", "cpus:1");
    step();
    agents.set("a", { total: Resources.empty, reregisteredMs: 1 });
    task("t2", "cpus:5");
    step();
    task("t3", "cpus:1");
    expect(step).toThrow("[SIM16] a launch takes");
  });

  it("[SIM12] what was acknowledged is not durable any more", () => {
    const cluster = createCluster(1).start().run(20_000);
    const operator = new Operator(cluster, createSeededRandom(1));
    operator.ask([{ role: "batch", limits: { cpus: { value: 2 } } }], false);
    cluster.run(30_000).crash("master1");
    cluster.restart("master1");
    cluster.run(60_000);
    operator.demandDurable();
    expect([...(cluster.masterView()?.quotas.keys() ?? [])]).toEqual(["batch"]);
    const quotas = [{ role: "batch", guarantees: {}, limits: { cpus: 1_000 } }];
    cluster.durableQuotas = () => quotas;
    expect(() => operator.demandDurable()).toThrow("[SIM12] the quota of batch");
    cluster.durableQuotas = () => [];
    expect(() => operator.demandDurable()).toThrow("[SIM12] the quota of batch");
  });
});

/** These look at the whole cluster: so here is a real one. */
describe("the last judgement can fail", () => {
  function settled() {
    const cluster = createCluster(1);
    const durable = modelOfStore(cluster.marathonStore);
    const watched = {
      cluster,
      durable,
      decided: modelOfDecisions(cluster),
      truth: new Truth(cluster),
    };
    const user = new AppUser("/web", cluster, durable);
    cluster.start().run(20_000);
    const input = { id: "/web", cmd: "run", cpus: 0.1, mem: 32, instances: 2 };
    user.ask({ type: "createApp", input, force: false }, () => ({ after: definitionOf(input) }));
    cluster.run(40_000);
    const why = (): string | undefined => whyNotSettled(watched, [user]);
    expect(why()).toBeUndefined();
    return { cluster, watched, user, why };
  }

  it("[SIM12] what was acknowledged is not durable any more", () => {
    const { watched, user } = settled();
    user.demandDurable();
    watched.durable.reset([]);
    expect(() => user.demandDurable()).toThrow("[SIM12]");
  });

  it("[SIM13] an instance is missing, a stranger runs, the master is away", () => {
    const missing = settled();
    for (const name of missing.cluster.agents.keys()) missing.cluster.killContainer(name);
    expect(missing.why()).toContain("does not run");
    const stranger = settled();
    for (const { machine } of stranger.cluster.agents.values()) {
      for (const { spec } of [...machine.containers().values()]) {
        const env = { ...spec.env, MESOS_TASK_ID: "stranger.1" };
        machine.launch({ ...spec, containerId: "stranger", env });
      }
    }
    expect(stranger.why()).toBe("the master holds 2 tasks, 3 run");
    const leaderless = settled();
    leaderless.cluster.crash("master1");
    leaderless.cluster.run(60_000);
    expect(leaderless.why()).toBe("Marathon is not connected");
  });

  it("[SIM14] something else runs than before", () => {
    demandSame(["a", "b"], ["a", "b"]);
    expect(() => demandSame(["a", "b"], ["a", "c"])).toThrow("[SIM14]");
    expect(() => demandSame(["a"], ["a", "b"])).toThrow("[SIM14]");
  });
});
