import { describe, expect, it } from "vitest";
import { createCluster, defaultClusterOptions } from "@tutti/simulator";
import { createSeededRandom } from "@tutti/testkit";
import { modelOfStore } from "../record-model.ts";
import { AppUser, definitionOf } from "../scenario/app-user.ts";
import { MachineOperator } from "../scenario/machine-operator.ts";
import { appRecords, instanceRecord, Scene, starts } from "../testing/scene.ts";
import { watchDrains } from "./drains.ts";
import { watchKills } from "./kills.ts";
import { watchCluster } from "./watch-cluster.ts";

describe("[SIM17] a machine that is out of use", () => {
  /** One agent that is drained, in steps of one leadership. */
  function books(state: "DRAINING" | "DRAINED") {
    const scene = new Scene();
    watchDrains(scene);
    const record = { deactivated: true, drain: { state }, info: { hostname: "agent1" } };
    const offers = new Set<string>();
    const active = new Map<string, object>([["old", { launch: {} }]]);
    const keys = new Map<string, Map<string, Set<string>>>();
    const view = {
      version: 0,
      agents: new Map([["a", { id: "a", record }]]),
      tasks: new Map([["f", { active }]]),
      taskKeysByAgent: keys,
      offersByAgent: new Map([["a", offers]]),
    };
    const step = (): void => {
      view.version += 1;
      scene.see({ type: "masterStepped", node: "master1", view: view as never });
    };
    const hold = (...ids: readonly string[]) => keys.set("a", new Map([["f", new Set(ids)]]));
    return { scene, offers, active, hold, step };
  }

  it("is offered", () => {
    const { offers, step } = books("DRAINING");
    step();
    offers.add("o");
    expect(step).toThrow("[SIM17] a is out of use, and 1 offers are open");
  });

  it("gets a launch, which is not one that was under way", () => {
    const { active, hold, step } = books("DRAINING");
    hold("old");
    step();
    step();
    active.set("new", { launch: {} });
    hold("old", "new");
    expect(step).toThrow("[SIM17] new is launched on a");
  });

  it("is drained and has a task, in the books or in truth", () => {
    const first = books("DRAINED");
    first.hold("old");
    expect(first.step).toThrow("[SIM17] a is drained and has tasks");
    const second = books("DRAINED");
    second.scene.see(starts("web.1"));
    expect(second.step).toThrow("[SIM17] a is drained, and web.1 runs there");
  });

  it("[SIM8] a task of it may be killed, until a launch says that it is in use again", () => {
    const scene = new Scene();
    watchKills(scene);
    scene.commit(...appRecords(1), instanceRecord("web.1")).see(starts("web.1"));
    const told = (type: string) =>
      ({
        type: "agentTold",
        node: "agent1",
        envelope: { epoch: 1, seq: 1, message: { type } as never },
      }) as const;
    const signalled = {
      type: "containerSignalled",
      node: "agent1",
      containerId: "container-of-web.1-on-agent1",
      taskId: "web.1",
      signal: 15,
    } as const;
    scene.see(told("drainAgent"), signalled);
    expect(() => scene.see(told("launchTask"), signalled)).toThrow("[SIM8]");
  });
});

describe("a drain of a simulated cluster", () => {
  it("[SIM17] [SIM12] [MST114] [AGT38] outlives the master and the agent, and moves what runs", () => {
    const cluster = createCluster(1);
    const { watched } = watchCluster(cluster, defaultClusterOptions);
    const user = new AppUser("/web", cluster, modelOfStore(cluster.marathonStore));
    const operator = new MachineOperator(cluster, createSeededRandom(1));
    cluster.start().run(20_000);
    const input = { id: "/web", cmd: "run", cpus: 0.1, mem: 32, instances: 4 };
    user.ask({ type: "createApp", input, force: false }, () => ({ after: definitionOf(input) }));
    cluster.run(60_000);
    const [busy] = watched.truth.running.values();
    const agent = [...(cluster.masterView()?.agents.values() ?? [])].find(
      ({ record }) => record.info.hostname === busy?.node,
    );
    operator.ask(agent?.id ?? "", "draining");
    cluster.run(60_010);
    cluster.crash("master1");
    cluster.crash(busy?.node ?? "");
    cluster.run(62_000);
    cluster.restart("master1");
    cluster.restart(busy?.node ?? "");
    cluster.run(120_000);
    operator.demandDurable();
    expect(cluster.masterView()?.agents.get(agent?.id as never)?.record.drain?.state).toBe(
      "DRAINED",
    );
    expect([...watched.truth.runningOn(busy?.node ?? "")]).toEqual([]);
    expect(watched.truth.running.size).toBe(4);
    operator.calm();
    cluster.run(130_000);
    expect(operator.isCleared).toBe(true);
    cluster.durableAgents = () => [
      { ...(agent?.record as never as object), deactivated: true } as never,
    ];
    expect(() => operator.demandDurable()).toThrow("[SIM12] agent");
  });
});
