import { describe, expect, test } from "vitest";
import { restarted } from "./testing/discovery-rig.ts";
import { addressOfAgent, ModelMaster } from "./testing/model-master.ts";
import { cluster, count, frameworks, task } from "./testing/model-cluster.ts";

describe("backends", () => {
  test("[DSC12] a task is a backend from TASK_RUNNING on, at its agent's address and its host port", () => {
    const { rig, master } = cluster(0);
    rig.master(...master.launch(task(1, { state: "TASK_STAGING" })));
    expect(rig.backends("web.marathon")).toEqual([]);
    rig.master(...master.change("t1", "TASK_STARTING", undefined));
    expect(rig.backends("web.marathon")).toEqual([]);
    rig.master(...master.change("t1", "TASK_RUNNING", undefined));
    expect(rig.backends("web.marathon")).toEqual(["10.0.0.11:31001"]);
  });

  test("[DSC13] where health is checked, only a healthy task is a backend", () => {
    const { rig, master } = cluster(0);
    rig.master(...master.launch(task(1, { isChecked: true })));
    expect(rig.backends("web.marathon")).toEqual([]);
    rig.master(...master.change("t1", "TASK_RUNNING", true));
    expect(rig.backends("web.marathon")).toHaveLength(1);
    rig.master(...master.change("t1", "TASK_RUNNING", false));
    expect(rig.backends("web.marathon")).toEqual([]);
    expect(rig.facts).toContainEqual(expect.objectContaining({ kind: "task", serving: false }));
  });

  test("[DSC14] TASK_KILLING takes the backend away at once, and the names at the end", () => {
    const { rig, master } = cluster(3);
    rig.master(...master.change("t0", "TASK_KILLING", undefined));
    expect(rig.backends("web.marathon")).toEqual(["10.0.0.11:31001", "10.0.0.12:31002"]);
    expect(count(rig, "task")).toBe(3);
    rig.master(...master.change("t0", "TASK_KILLED", undefined));
    expect(count(rig, "task")).toBe(2);
  });

  test("[DSC15] a VIP stays without backends for a while after its last task, at the same address", () => {
    const { rig, master } = cluster(1);
    const address = rig.names.get("web.marathon");
    rig.master(...master.change("t0", "TASK_FAILED", undefined));
    expect(rig.backends("web.marathon")).toEqual([]);
    rig.advance(9 * 60_000);
    expect(count(rig, "vip")).toBe(1);
    rig.advance(2 * 60_000);
    expect(count(rig, "vip")).toBe(0);
    rig.master(...master.launch(task(7)));
    expect(rig.backends(address ?? "")).toEqual(["10.0.0.11:31007"]);
  });

  test("[DSC16] a container with an address of its own is a backend there", () => {
    const { rig } = cluster(0);
    rig.master({
      type: "TASK_ADDED",
      task_added: {
        task: {
          name: "c",
          task_id: { value: "c" },
          framework_id: { value: "F0" },
          agent_id: { value: "S1" },
          state: "TASK_RUNNING",
          container: { network_infos: [{ name: "dcos" }] },
          statuses: [
            {
              container_status: {
                network_infos: [
                  { ip_addresses: [{ ip_address: "9.0.1.5" }, { ip_address: "fd01:b::5" }] },
                ],
              },
            },
          ],
          discovery: {
            ports: {
              ports: [
                {
                  number: 8080,
                  protocol: "tcp,udp",
                  labels: { labels: [{ key: "VIP_0", value: "/c:80" }] },
                },
              ],
            },
          },
        },
      },
    });
    expect(rig.backends("c.marathon")).toEqual(["9.0.1.5:8080"]);
    const vips = rig.facts.filter((fact) => fact.kind === "vip");
    expect(vips.map(({ protocol, backends }) => [protocol, backends[0]?.address])).toEqual([
      ["tcp", "9.0.1.5"],
      ["tcp", "fd01:b::5"],
      ["udp", "9.0.1.5"],
      ["udp", "fd01:b::5"],
    ]);
    expect(vips[1]?.address).toMatch(/^fd01:c::b/);
  });
});

describe("a young master", () => {
  test("[DSC20] what it does not show stays until the task's agent has come back without it", () => {
    const { rig, master } = cluster(6);
    rig.post({ type: "masterLost" });
    rig.master(...master.failOver());
    expect(rig.backends("web.marathon")).toHaveLength(6);
    // One task ends while nobody listens to its agent.
    master.change("t0", "TASK_FAILED", undefined);
    rig.advance(60_000);
    expect(rig.backends("web.marathon")).toHaveLength(6);
    for (const id of ["S0", "S1", "S2"]) rig.master(...master.register(id));
    rig.advance(10_000);
    expect(rig.asked).not.toEqual([]);
    rig.master(master.snapshot());
    rig.advance(2000);
    expect(rig.backends("web.marathon")).toHaveLength(5);
    expect(count(rig, "task")).toBe(5);
  });

  test("[DSC21] no backend is away for a moment while agents come back over a minute", () => {
    const { rig, master } = cluster(30, 10);
    rig.post({ type: "masterLost" });
    rig.master(...master.failOver());
    for (let agent = 0; agent < 10; agent += 1) {
      rig.advance(6000);
      rig.master(...master.register(`S${agent}`));
      expect(rig.backends("web.marathon")).toHaveLength(30);
    }
    expect(rig.held).toBeUndefined();
  });

  test("[DSC22] discovery that begins anew goes on from the table that its machine kept", () => {
    const { rig, master } = cluster(6);
    const again = restarted(rig);
    expect(again.discovery.isReady).toBe(true);
    expect(again.backends("web.marathon")).toEqual(rig.backends("web.marathon"));
    again.master(...master.failOver());
    expect(again.backends("web.marathon")).toHaveLength(6);
    for (const id of ["S0", "S1", "S2"]) again.master(...master.register(id));
    expect(new Set(again.facts)).toEqual(new Set(rig.facts));
    expect(again.discovery.counts.unconfirmed).toBe(0);
  });

  test("[DSC24] what nobody speaks of after a failover is as it was: no backend goes for want of health", () => {
    const { rig, master } = cluster(0);
    for (let number = 0; number < 6; number += 1)
      rig.master(...master.launch(task(number, { isChecked: true, healthy: number !== 5 })));
    expect(rig.backends("web.marathon")).toHaveLength(5);
    const again = restarted(rig);
    for (const one of [rig, again]) {
      one.post({ type: "masterLost" });
      one.master(...master.failOver());
      expect(one.backends("web.marathon")).toHaveLength(5);
    }
    for (const one of master.tasks.values()) one.isSilent = true;
    for (const id of ["S0", "S1", "S2"]) {
      const told = master.register(id);
      for (const one of [rig, again]) {
        one.master(...told);
        expect(one.backends("web.marathon")).toHaveLength(5);
      }
    }
    for (const one of [rig, again]) {
      one.master(master.snapshot());
      expect(one.backends("web.marathon")).toHaveLength(5);
    }
  });

  test("[DSC24] a container's address that nobody speaks of is what it was", () => {
    const { rig } = cluster(0);
    const told = (statuses: readonly object[]) => ({
      type: "TASK_ADDED",
      task_added: {
        task: {
          ...{ name: "c", task_id: { value: "c" }, framework_id: { value: "F0" } },
          ...{ agent_id: { value: "S1" }, state: "TASK_RUNNING", statuses },
          labels: { labels: [{ key: "VIP_PORT0", value: "/c:80" }] },
          discovery: { ports: { ports: [{ number: 8080 }] } },
        },
      },
    });
    const networks = [{ ip_addresses: [{ ip_address: "9.0.1.5" }] }];
    rig.master(told([{ container_status: { network_infos: networks } }]));
    rig.master(told([]));
    expect(rig.backends("c.marathon")).toEqual(["9.0.1.5:8080"]);
  });

  test("[DSC22] a restored task that did not serve has its VIPs again as soon as the master can say them", () => {
    const { rig, master } = cluster(0);
    rig.master(...master.launch(task(1, { isChecked: true, healthy: false })));
    const again = restarted(rig);
    again.answer = () => master.snapshot();
    // A young master, to which the agent has come back unseen.
    const young = new ModelMaster(["S0", "S1", "S2"], frameworks);
    young.failOver();
    again.master(young.snapshot());
    again.master(...master.change("t1", "TASK_RUNNING", true));
    expect(again.discovery.counts.unconfirmed).toBe(1);
    again.advance(10_000);
    expect(again.asked).toHaveLength(1);
    expect(again.backends("web.marathon")).toHaveLength(1);
  });

  test("[DSC23] an agent that no master knows for a quarter of an hour is gone", () => {
    const { rig, master } = cluster(3, 3);
    rig.post({ type: "masterLost" });
    const empty = new ModelMaster(["S0", "S1"], frameworks);
    for (const one of master.tasks.values()) if (one.agentId !== "S2") empty.launch(one);
    rig.answer = () => empty.snapshot();
    rig.master(empty.snapshot());
    rig.advance(14 * 60_000);
    expect(rig.backends("web.marathon")).toHaveLength(3);
    rig.advance(2 * 60_000);
    expect(rig.backends("web.marathon")).toHaveLength(2);
    expect(count(rig, "agent")).toBe(2);
  });
});

describe("losses", () => {
  test("[DSC30] a few lost tasks are withdrawn after a second", () => {
    const { rig, master } = cluster(30, 10);
    rig.master(...master.loseAgent("S0"));
    expect(rig.backends("web.marathon")).toHaveLength(30);
    rig.advance(1000);
    expect(rig.backends("web.marathon")).toHaveLength(27);
    expect(count(rig, "agent")).toBe(9);
    rig.master(...master.register("S0"));
    expect(rig.backends("web.marathon")).toHaveLength(30);
  });

  test("[DSC31] more than a fifth at once is held and shown, and goes when the tasks come back", () => {
    const { rig, master } = cluster(50, 10);
    for (const id of ["S0", "S1", "S2", "S3"]) rig.master(...master.loseAgent(id));
    rig.advance(30_000);
    expect(rig.backends("web.marathon")).toHaveLength(50);
    expect(rig.held).toMatchObject({ backends: 20, ofBackends: 50, tasks: 20, ofTasks: 50 });
    for (const id of ["S0", "S1", "S2"]) rig.master(...master.register(id));
    // What is left is few enough to be believed.
    expect(rig.backends("web.marathon")).toHaveLength(45);
    expect(rig.held).toBeUndefined();
  });

  test("[DSC32] what is held is believed when a snapshot a minute later says it again", () => {
    const { rig, master } = cluster(50, 10);
    for (const id of ["S0", "S1", "S2", "S3"]) rig.master(...master.loseAgent(id));
    rig.advance(30_000);
    rig.master(master.snapshot());
    expect(rig.backends("web.marathon")).toHaveLength(50);
    rig.advance(35_000);
    expect(rig.asked).not.toEqual([]);
    rig.master(master.snapshot());
    expect(rig.backends("web.marathon")).toHaveLength(30);
    expect(rig.held).toBeUndefined();
  });

  test("[DSC32] what was confirmed does not count against the losses that follow", () => {
    const { rig, master } = cluster(50, 10);
    for (const id of ["S0", "S1", "S2", "S3"]) rig.master(...master.loseAgent(id));
    rig.answer = () => master.snapshot();
    rig.advance(61_000);
    expect(rig.backends("web.marathon")).toHaveLength(30);
    rig.master(...master.loseAgent("S4"));
    rig.advance(1000);
    expect(rig.held).toBeUndefined();
    expect(rig.backends("web.marathon")).toHaveLength(25);
  });

  /** Ten agents with thirty backends, of which half come back to a master that fails over. */
  function halfBack() {
    const { rig, master } = cluster(30, 10);
    rig.post({ type: "masterLost" });
    rig.master(...master.failOver());
    const away = ["S5", "S6", "S7", "S8", "S9"];
    for (const id of ["S0", "S1", "S2", "S3", "S4"]) rig.master(...master.register(id));
    rig.answer = () => master.snapshot();
    return { rig, master, away };
  }

  test("[DSC32] a loss of tasks that a new master never knew is confirmed when their agents are not shown", () => {
    const { rig, master, away } = halfBack();
    for (const id of away) rig.master(...master.giveUp(id));
    rig.advance(59_000);
    expect(rig.held).toMatchObject({ backends: 15, ofBackends: 30 });
    expect(rig.backends("web.marathon")).toHaveLength(30);
    rig.advance(70_000);
    expect(rig.backends("web.marathon")).toHaveLength(15);
    expect(rig.held).toBeUndefined();
    expect(count(rig, "agent")).toBe(5);
    const asked = rig.asked.length;
    rig.advance(10 * 60_000);
    expect(rig.asked).toHaveLength(asked);
  });

  test("[DSC32] what is held stays while a snapshot shows its agents as not back yet", () => {
    const { rig, master, away } = halfBack();
    rig.answer = undefined;
    const before = master.snapshot();
    for (const id of away) rig.master(...master.giveUp(id));
    rig.advance(61_000);
    rig.master(before);
    expect(rig.backends("web.marathon")).toHaveLength(30);
    expect(rig.held).toBeDefined();
  });

  test("[DSC23] [DSC32] agents that no master shows any more are gone a quarter of an hour and a minute later", () => {
    const { rig, master, away } = halfBack();
    for (const id of away) master.giveUp(id);
    rig.advance(15 * 60_000);
    expect(rig.backends("web.marathon")).toHaveLength(30);
    rig.advance(5 * 60_000);
    expect(rig.backends("web.marathon")).toHaveLength(15);
    expect(rig.held).toBeUndefined();
  });

  test("[DSC45] health is believed at once and whole: all sick in one step, and the VIP refuses", () => {
    const { rig, master } = cluster(0);
    for (let number = 0; number < 50; number += 1)
      rig.master(...master.launch(task(number, { isChecked: true, healthy: true })));
    expect(rig.backends("web.marathon")).toHaveLength(50);
    const flips = (healthy: boolean, from: number) =>
      Array.from({ length: 50 - from }, (_unused, index) =>
        master.change(`t${from + index}`, "TASK_RUNNING", healthy),
      ).flat();
    rig.master(...flips(false, 1));
    expect(rig.backends("web.marathon")).toEqual(["10.0.0.10:31000"]);
    rig.master(...flips(false, 0));
    expect(rig.backends("web.marathon")).toEqual([]);
    expect(rig.held).toBeUndefined();
    rig.advance(120_000);
    expect(rig.backends("web.marathon")).toEqual([]);
    rig.master(...flips(true, 49));
    expect(rig.backends("web.marathon")).toHaveLength(1);
  });

  test("[DSC45] what is held never brings a sick task back", () => {
    const { rig, master } = cluster(0, 10);
    for (let number = 0; number < 50; number += 1)
      rig.master(
        ...master.launch(
          task(number, { agentId: `S${number % 10}`, isChecked: true, healthy: true }),
        ),
      );
    rig.master(...master.change("t0", "TASK_RUNNING", false));
    for (const id of ["S0", "S1", "S2", "S3"]) rig.master(...master.loseAgent(id));
    rig.advance(2000);
    expect(rig.held).toBeDefined();
    expect(rig.backends("web.marathon")).toHaveLength(49);
    expect(rig.backends("web.marathon")).not.toContain("10.0.0.10:31000");
  });

  test("[DSC33] an operator may believe it at once", () => {
    const { rig, master } = cluster(50, 10);
    for (const id of ["S0", "S1", "S2", "S3"]) rig.master(...master.loseAgent(id));
    rig.advance(2000);
    rig.post({ type: "release" });
    expect(rig.backends("web.marathon")).toHaveLength(30);
    expect(rig.held).toBeUndefined();
  });

  test("[DSC34] what a user orders is never held", () => {
    const { rig, master } = cluster(50, 10);
    for (let number = 0; number < 50; number += 1)
      rig.master(...master.change(`t${number}`, "TASK_KILLED", undefined));
    expect(rig.backends("web.marathon")).toEqual([]);
    expect(rig.held).toBeUndefined();
  });

  test("[DSC35] losses that trickle are counted together", () => {
    const { rig, master } = cluster(100, 20);
    for (let agent = 0; agent < 8; agent += 1) {
      rig.master(...master.loseAgent(`S${agent}`));
      rig.advance(2000);
    }
    expect(rig.backends("web.marathon").length).toBeGreaterThanOrEqual(80);
    expect(rig.held).toBeDefined();
  });
});

test("[DSC5] agents are at the address of their pid", () => {
  const { rig } = cluster(1);
  expect(rig.facts).toContainEqual({
    kind: "agent",
    id: "S0",
    hostname: "host-S0",
    address: addressOfAgent("S0"),
    port: 5051,
  });
});
