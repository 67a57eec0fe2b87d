import { describe, expect, it } from "vitest";
import type { MasterMessage } from "@tutti/node-v1";
import { commandTask, framework, served } from "./testing/tasks.ts";
import { SimulatedWorld, agentId, testConfig } from "./testing/simulated-world.ts";

function started(): SimulatedWorld {
  return new SimulatedWorld().start().pass(100);
}

function running(taskId = "t1"): { readonly world: SimulatedWorld; readonly containerId: string } {
  const world = started();
  world.master.launch(framework, commandTask(taskId));
  world.pass(100);
  return { world, containerId: world.machine.starts.at(-1) ?? "" };
}

const kill: MasterMessage = { type: "killTask", frameworkId: "f1", taskId: "t1" };

describe("the session", () => {
  it("[AGT1] begins when the containers are known; the id it is given is kept and said again", () => {
    const world = started();
    expect(world.effects.slice(0, 2)).toEqual(["recoverContainers", "dial"]);
    expect(world.master.hellos[0]?.agent.id).toBeUndefined();
    world.kill().start().pass(100);
    expect(world.master.hellos[1]).toMatchObject({
      agent: { id: { value: agentId } },
      epochSeen: 1,
    });
  });

  it("[AGT2] tries again with growing pauses while nobody answers, and goes round the list", () => {
    const world = new SimulatedWorld(1, { ...testConfig, masters: ["http://a", "http://b"] });
    world.networkUp = false;
    world.start().pass(60_000);
    const dials = world.effects.filter((type) => type === "dial").length;
    expect(dials).toBeGreaterThan(6);
    expect(dials).toBeLessThan(20);
    world.networkUp = true;
    expect(world.pass(15_000).agent.view().master).toMatch(/^http:\/\/[ab]$/);
  });

  it("[AGT2] follows a redirect at once, and not for ever", () => {
    const world = new SimulatedWorld();
    world.networkUp = false;
    world.start().pass(1);
    for (let count = 0; count < 20; count += 1) {
      const before = world.dialNumber;
      world.event({ type: "dialRedirected", dial: before, url: "http://leader" });
      if (world.dialNumber === before) break;
    }
    expect(world.effects.filter((type) => type === "dial")).toHaveLength(5);
    expect(world.logs).toContain("the master could not be reached");
  });

  it("[AGT3] refuses a leader whose epoch is lower than one that was seen", () => {
    const world = started();
    world.master.epoch = 7;
    world.master.ping();
    world.pass(10);
    world.master.epoch = 6;
    world.master.launch(framework, commandTask("late"));
    world.pass(200);
    expect(world.machine.starts).toEqual([]);
    expect(world.durable().agent?.epochSeen).toBe(7);
    expect(world.master.hellos.at(-1)?.epochSeen).toBe(7);
  });

  it("[AGT3] calls again when the master is silent for longer than it promised", () => {
    const world = started();
    world.pass(74_000);
    expect(world.master.hellos).toHaveLength(1);
    world.master.ping();
    world.pass(74_000);
    expect(world.master.hellos).toHaveLength(1);
    expect(world.master.received).toContainEqual({ type: "pong" });
    world.pass(2_000);
    expect(world.master.hellos).toHaveLength(2);
  });

  it("[AGT3] after a stall of its own waits for what lies unread", () => {
    const world = started().pass(74_900);
    world.event({ type: "stalled", stalledMs: 20_000 });
    expect(world.pass(1_900).master.hellos).toHaveLength(1);
    expect(world.pass(1_000).master.hellos).toHaveLength(2);
  });

  it("[AGT2] ends when it is refused for ever, and kills nothing", () => {
    const { world, containerId } = running();
    world.master.order({ type: "refused", code: "OTHER", reason: "no", final: true });
    world.pass(600_000);
    expect(world.gaveUp).toBe(true);
    expect(world.effects.filter((type) => type === "dial")).toHaveLength(1);
    expect(world.machine.running()).toEqual([containerId]);
  });

  it("[AGT40] ends its tasks when an operator has given it up for ever, then itself", () => {
    const { world } = running();
    world.machine.obedient = false;
    world.master.order({ type: "refused", code: "AGENT_GONE", reason: "gone", final: true });
    world.pass(100);
    expect(world.gaveUp).toBe(false);
    world.pass(600_000);
    expect(world.machine.running()).toEqual([]);
    expect(world.gaveUp).toBe(true);
    expect(world.effects.filter((type) => type === "giveUp")).toHaveLength(1);
    expect(world.effects.filter((type) => type === "dial")).toHaveLength(1);
  });

  it("[AGT40] killed on the way, it goes on when it is refused again", () => {
    const { world } = running();
    world.machine.obedient = false;
    const gone = { type: "refused", code: "AGENT_GONE", reason: "gone", final: true } as const;
    world.master.order(gone);
    world.pass(100).kill().pass(100).start().pass(100);
    expect(world.machine.running()).toHaveLength(1);
    world.master.order(gone);
    world.pass(600_000);
    expect(world.machine.running()).toEqual([]);
    expect(world.gaveUp).toBe(true);
  });

  it("[AGT2] does not become another agent while it has tasks", () => {
    const { world } = running();
    world.kill().start();
    world.event({ type: "containersRecovered", containers: [] });
    const dial = world.dialNumber;
    world.event({
      type: "masterMessage",
      dial,
      envelope: {
        epoch: 1,
        seq: 1,
        message: {
          type: "welcome",
          version: 1,
          sessionId: "s",
          agentId: "other-S9",
          clusterId: "c1",
          pingIntervalMs: 1,
          pingTimeoutMs: 1_000,
        },
      },
    });
    expect(world.logs).toContain("the master's welcome was declined");
    expect(world.durable().agent?.agentId).toBe(agentId);
  });
});

describe("a launch", () => {
  it("[AGT4] is durable before the runtime is called, and becomes TASK_RUNNING", () => {
    const { world, containerId } = running();
    expect(world.master.statesOf("t1")).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
    expect(world.durable().tasks).toMatchObject([{ id: containerId, taskId: "t1" }]);
    const [, told] = world.master.told.get("t1") ?? [];
    expect(told?.status).toMatchObject({
      source: "SOURCE_EXECUTOR",
      agent_id: { value: agentId },
      executor_id: { value: "t1" },
      container_status: {
        container_id: { value: containerId },
        executor_pid: 101,
        network_infos: [{ ip_addresses: [{ protocol: "IPv4", ip_address: "10.0.0.2" }] }],
      },
    });
  });

  it("[AGT5] of a task that is known is ignored; of one that is over it is a new task", () => {
    const { world, containerId } = running();
    world.master.launch(framework, commandTask("t1"));
    world.pass(100);
    expect(world.machine.starts).toHaveLength(1);
    world.exit(containerId, { exitCode: 0 }).pass(100);
    world.master.launch(framework, commandTask("t1"));
    world.pass(100);
    expect(world.machine.starts).toHaveLength(2);
  });

  it("[AGT6] that finds no room is TASK_ERROR and takes nothing", () => {
    const world = started();
    const large = commandTask("large", {
      resources: [{ name: "cpus", type: "SCALAR", scalar: { value: 3.8 } }],
    });
    world.master.launch(framework, commandTask("t1"));
    world.master.launch(framework, large);
    world.pass(100);
    expect(world.master.statesOf("large")).toEqual(["TASK_ERROR"]);
    expect(world.master.told.get("large")?.[0]?.status).toMatchObject({
      reason: "REASON_TASK_INVALID",
      source: "SOURCE_AGENT",
      message: expect.stringContaining("Total resources cpus:3.8 required by task"),
    });
    world.master.launch(framework, commandTask("t2"));
    expect(world.pass(100).master.statesOf("t2")).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
  });

  it("[AGT6] finds the room of a task that has ended, before that was acknowledged", () => {
    const world = started();
    const all = [{ name: "cpus", type: "SCALAR" as const, scalar: { value: 4 } }];
    world.master.acknowledges = false;
    world.master.launch(framework, commandTask("t1", { resources: all }));
    world.pass(100).exit(world.machine.starts[0] ?? "", { exitCode: 0 });
    world.pass(100);
    world.master.launch(framework, commandTask("t2", { resources: all }));
    expect(world.pass(100).machine.starts).toHaveLength(2);
  });

  it("[AGT4] that the runtime refuses is TASK_FAILED with its words", () => {
    const world = started();
    world.machine.launchFault = "create: no such user 'x'";
    world.master.launch(framework, commandTask("t1"));
    world.pass(100);
    expect(world.master.told.get("t1")?.at(-1)?.status).toMatchObject({
      state: "TASK_FAILED",
      reason: "REASON_CONTAINER_LAUNCH_FAILED",
      message: "Failed to launch container: create: no such user 'x'",
    });
    expect(world.agent.view().used.isEmpty).toBe(true);
  });
});

describe("status updates", () => {
  it("[AGT7] are sent again after 10 s, 20 s … and block the later ones of their task", () => {
    const world = started();
    world.master.acknowledges = false;
    world.master.launch(framework, commandTask("t1"));
    const count = (): number =>
      world.master.received.filter(({ type }) => type === "statusUpdate").length;
    expect(
      [100, 9_900, 200, 19_800, 200, 39_800, 200].map((ms) => (world.pass(ms), count())),
    ).toEqual([1, 1, 2, 2, 3, 3, 4]);
    expect(world.master.statesOf("t1")).toEqual(["TASK_STARTING"]);
    expect(world.master.received.at(-1)).toMatchObject({ latestState: "TASK_RUNNING" });
    world.master.acknowledges = true;
    world.master.acknowledgeAll();
    expect(world.pass(100).master.statesOf("t1")).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
  });

  it("[AGT7] go out at once in a new session", () => {
    const world = started();
    world.master.acknowledges = false;
    world.master.launch(framework, commandTask("t1"));
    world.pass(100);
    world.master.acknowledges = true;
    world.disconnect().pass(500);
    expect(world.master.hellos.at(-1)?.tasks).toMatchObject([
      { state: "TASK_RUNNING", status_update_state: "TASK_STARTING" },
    ]);
    expect(world.master.statesOf("t1")).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
  });

  it("[AGT7] wait in one copy while posts fail, and arrive in order when they succeed", () => {
    const world = started();
    world.networkUp = false;
    world.master.launch(framework, commandTask("t1"));
    for (let minute = 0; minute < 30; minute += 1) {
      world.master.ping();
      world.pass(60_000);
    }
    expect(world.master.received).toEqual([]);
    world.networkUp = true;
    world.pass(6_000);
    expect(world.master.statesOf("t1")).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
    expect(world.master.received.filter(({ type }) => type === "statusUpdate")).toHaveLength(2);
    expect(world.master.hellos).toHaveLength(1);
  });

  it("[AGT8] an acknowledgement of another update changes nothing", () => {
    const world = started();
    world.master.acknowledges = false;
    world.master.launch(framework, commandTask("t1"));
    world.pass(100);
    const uuid = "AAAAAAAAAAAAAAAAAAAAAA==";
    world.master.order({ type: "acknowledgeStatus", frameworkId: "f1", taskId: "t1", uuid });
    world.master.order({ type: "acknowledgeStatus", frameworkId: "f1", taskId: "no", uuid });
    world.pass(100);
    expect(world.durable().runs[0]?.pending).toHaveLength(2);
  });

  it("[AGT9] reports of a check that nobody takes are not hoarded", () => {
    const world = started();
    const task = commandTask("t1", {
      health_check: {
        type: "TCP",
        tcp: { port: 1 },
        delay_seconds: 3_600,
        grace_period_seconds: 0,
        consecutive_failures: 1_000,
      },
    });
    world.master.acknowledges = false;
    world.master.launch(framework, task);
    world.pass(100);
    const [containerId = ""] = world.machine.starts;
    world.pass(3_600_000);
    for (let attempt = 2; attempt <= 60; attempt += 1) {
      world.pass(9_990);
      const result = { type: "tcp", succeeded: attempt % 2 === 0 } as const;
      world.event({ type: "checkFinished", containerId, purpose: "health", attempt, result });
    }
    expect(world.durable().runs[0]?.pending.length).toBeLessThanOrEqual(3);
  });
});

describe("a kill", () => {
  it("[AGT10] ends the task and says so", () => {
    const { world, containerId } = running();
    world.master.order(kill);
    world.pass(100);
    expect(world.machine.signals).toEqual([`${containerId} 15`]);
    expect(world.master.statesOf("t1").slice(2)).toEqual(["TASK_KILLING", "TASK_KILLED"]);
    expect(world.machine.present()).toEqual([]);
  });

  it("[AGT10] of a task that ignores SIGTERM destroys it after the grace of the kill", () => {
    const { world } = running();
    world.machine.obedient = false;
    world.master.order({ ...kill, killPolicy: { grace_period: { nanoseconds: 5e8 } } });
    expect(world.pass(400).machine.running()).toHaveLength(1);
    world.pass(200);
    expect(world.machine.running()).toEqual([]);
    expect(world.master.told.get("t1")?.at(-1)?.status).toMatchObject({
      state: "TASK_KILLED",
      message: "Command terminated with signal Killed",
    });
  });

  it("[EXE17] [EXE19] of a task behind a virtual IP is told at once; SIGTERM is held, over a restart too", () => {
    const world = started();
    world.master.launch(framework, commandTask("t1", served));
    world.pass(100).master.order(kill);
    world.pass(500);
    expect(world.master.statesOf("t1").at(-1)).toBe("TASK_KILLING");
    expect(world.durable().runs[0]?.executor).toMatchObject({ phase: "killing", heldMs: 2_000 });
    world.kill().pass(400).start().pass(1_000);
    expect(world.machine.signals).toEqual([]);
    world.pass(200);
    expect(world.machine.signals).toEqual([`${world.machine.starts[0] ?? ""} 15`]);
    expect(world.master.statesOf("t1").at(-1)).toBe("TASK_KILLED");
  });

  it("[AGT36] the hold ends as soon as discovery says that every machine has let go", () => {
    const world = started();
    world.drainedAfterMs = 80;
    world.master.launch(framework, commandTask("t1", served));
    world.pass(100).master.order(kill);
    world.pass(79);
    expect(world.machine.signals).toEqual([]);
    world.pass(10);
    expect(world.machine.signals).toEqual([`${world.machine.starts[0] ?? ""} 15`]);
    world.pass(5_000);
    expect(world.machine.signals).toHaveLength(1);
    expect(world.effects.filter((type) => type === "awaitDrained")).toHaveLength(1);
  });

  it("[AGT36] is asked again after a restart of the agent, for what is left of the hold", () => {
    const world = started();
    world.master.launch(framework, commandTask("t1", served));
    world.pass(100).master.order(kill);
    world.pass(500).kill();
    world.drainedAfterMs = 50;
    world.pass(400).start().pass(200);
    expect(world.machine.signals).toHaveLength(1);
    expect(world.effects.filter((type) => type === "awaitDrained")).toHaveLength(2);
  });

  it("[EXE18] nothing is held when the framework is shut down", () => {
    const world = started();
    world.master.launch(framework, commandTask("t1", served));
    world.pass(100).master.order({ type: "shutdownFramework", frameworkId: "f1" });
    world.pass(10);
    expect(world.machine.signals).toHaveLength(1);
  });

  it("[AGT10] that overtakes the launch leaves nothing running", () => {
    const world = started();
    world.master.launch(framework, commandTask("t1"));
    world.master.order(kill);
    world.pass(100);
    expect(world.master.statesOf("t1")).toEqual(["TASK_STARTING", "TASK_KILLED"]);
    expect(world.machine.present()).toEqual([]);
  });

  it("[AGT11] of an unknown task is answered with TASK_GONE until that is acknowledged", () => {
    const world = started();
    world.master.acknowledges = false;
    world.master.order(kill);
    world.pass(11_000);
    expect(world.master.received.filter(({ type }) => type === "statusUpdate")).toHaveLength(2);
    expect(world.master.statesOf("t1")).toEqual(["TASK_GONE"]);
    expect(world.agent.view().tasks).toEqual([]);
    world.master.acknowledgeAll();
    world.pass(100);
    expect(world.durable()).toMatchObject({ tasks: [], runs: [] });
  });

  it("[AGT12] of a whole framework is silent and leaves nothing running", () => {
    const { world } = running();
    world.master.order({ type: "shutdownFramework", frameworkId: "f1" });
    world.pass(100);
    expect(world.master.statesOf("t1")).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
    expect(world.machine.present()).toEqual([]);
    expect(world.agent.view().tasks).toMatchObject([{ stage: "completed" }]);
  });
});

describe("a kill sent twice", () => {
  it("[AGT11] says nothing of a task whose end was acknowledged", () => {
    const { world } = running();
    world.master.order(kill);
    world.pass(100);
    world.master.order(kill);
    world.pass(100);
    expect(world.master.statesOf("t1").at(-1)).toBe("TASK_KILLED");
  });
});

describe("a framework's info", () => {
  it("[AGT12] is replaced by a newer one", () => {
    const { world } = running();
    world.master.order({ type: "updateFramework", framework: { ...framework, name: "renamed" } });
    world.pass(100);
    expect(world.durable().frameworks).toMatchObject([{ info: { name: "renamed" } }]);
  });

  it("[AGT12] comes with its scheduler: what is not acknowledged is sent again at once", () => {
    const world = started();
    world.master.acknowledges = false;
    world.master.launch(framework, commandTask("t1"));
    world.pass(1_000);
    const sent = (): readonly string[] =>
      world.master.received.flatMap((message) =>
        message.type === "statusUpdate" ? [message.status.state] : [],
      );
    expect(sent()).toEqual(["TASK_STARTING"]);
    world.master.order({ type: "updateFramework", framework });
    world.pass(100);
    expect(sent()).toEqual(["TASK_STARTING", "TASK_STARTING"]);
    world.pass(9_000);
    expect(sent()).toHaveLength(2);
  });
});

describe("recovery", () => {
  it("[AGT13] finds a running task, which notices nothing", () => {
    const { world, containerId } = running();
    world.kill().pass(60_000).start().pass(1_000);
    expect(world.machine.starts).toEqual([containerId]);
    expect(world.machine.signals).toEqual([]);
    expect(world.master.statesOf("t1")).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
    expect(world.master.hellos.at(-1)?.tasks).toMatchObject([{ state: "TASK_RUNNING" }]);
  });

  it("[AGT13] hears of what ended while nobody watched", () => {
    const { world, containerId } = running();
    world.kill();
    world.machine.end(containerId, { exitCode: 3, oomKilled: false });
    world.start().pass(1_000);
    expect(world.master.told.get("t1")?.at(-1)?.status).toMatchObject({
      state: "TASK_FAILED",
      message: "Command exited with status 3",
    });
  });

  it("[AGT13] a container that vanished is a task that failed, not one that is started again", () => {
    const { world, containerId } = running();
    world.kill();
    world.machine.destroy(containerId);
    world.start().pass(1_000);
    expect(world.machine.starts).toHaveLength(1);
    expect(world.master.statesOf("t1").at(-1)).toBe("TASK_FAILED");
  });

  it("[AGT13] destroys containers of this agent that have no record", () => {
    const { world, containerId } = running();
    world.kill();
    world.machine.plant("orphan");
    world.start().pass(1_000);
    expect(world.machine.running()).toEqual([containerId]);
  });

  it("[AGT14] after a boot no task is alive: TASK_GONE, or TASK_LOST for whom that is unknown", () => {
    const { world } = running();
    world.master.launch(
      { ...framework, id: { value: "f2" }, capabilities: [] },
      commandTask("old"),
    );
    world.pass(100).kill();
    world.machine.boot();
    world.config = { ...testConfig, bootId: "boot-2" };
    world.start().pass(1_000);
    expect(world.master.told.get("t1")?.at(-1)?.status).toMatchObject({
      state: "TASK_GONE",
      reason: "REASON_AGENT_RESTARTED",
      source: "SOURCE_AGENT",
    });
    expect(world.master.statesOf("old").at(-1)).toBe("TASK_LOST");
    expect(world.machine.starts).toHaveLength(2);
  });
});

describe("sandboxes", () => {
  it("[AGT21] are kept for their time after the end, over restarts too, then forgotten", () => {
    const { world, containerId } = running();
    world.exit(containerId, { exitCode: 0 }).pass(1_800_000);
    world.kill().start().pass(1_700_000);
    expect(world.machine.sandboxesRemoved).toEqual([]);
    world.pass(200_000);
    expect(world.machine.sandboxesRemoved).toEqual([
      `/var/lib/agent/slaves/${agentId}/frameworks/f1/executors/t1/runs/${containerId}`,
    ]);
    expect(world.durable()).toMatchObject({ tasks: [], runs: [], frameworks: [] });
  });

  it("[AGT21] are kept while the end was not acknowledged", () => {
    const { world, containerId } = running();
    world.master.acknowledges = false;
    world.exit(containerId, { exitCode: 0 }).pass(7_200_000);
    expect(world.machine.sandboxesRemoved).toEqual([]);
  });

  it("[AGT27] are kept shorter while the disk is fuller, never less than a minute", () => {
    const { world, containerId } = running();
    world.exit(containerId, { exitCode: 0 }).pass(900_000);
    world.event({ type: "diskMeasured", usedFraction: 0.5 }).pass(500_000);
    expect(world.machine.sandboxesRemoved).toEqual([]);
    world
      .event({ type: "diskMeasured", usedFraction: 0.2 })
      .event({ type: "diskMeasured", usedFraction: 0.7 })
      .pass(10);
    expect(world.machine.sandboxesRemoved).toHaveLength(1);
    world.event({ type: "diskMeasured", usedFraction: 1 });
    world.master.launch(framework, commandTask("t2"));
    world.pass(20);
    world.exit(world.machine.starts.at(-1) ?? "", { exitCode: 0 }).pass(50_000);
    expect(world.machine.sandboxesRemoved).toHaveLength(1);
    world.pass(11_000);
    expect(world.machine.sandboxesRemoved).toHaveLength(2);
  });

  it("[AGT22] are removed earlier, oldest first, when there are too many", () => {
    const world = started();
    for (let count = 0; count < 1_003; count += 1) {
      world.master.launch(framework, commandTask(`t${count}`));
      world.pass(20);
      world.exit(world.machine.starts.at(-1) ?? "", { exitCode: 0 }).pass(20);
    }
    world.pass(1_000);
    expect(world.machine.sandboxesRemoved.map((dir) => dir.split("/")[9])).toEqual([
      "t0",
      "t1",
      "t2",
    ]);
  });
});
