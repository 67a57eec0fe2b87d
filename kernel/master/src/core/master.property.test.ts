import fc from "fast-check";
import type { Task, TaskStatus } from "@tutti/mesos-v1";
import { Resources } from "@tutti/resources";
import { describe, expect, it } from "vitest";
import { isEnded } from "./tasks/task-lifecycle.ts";
import { launchOf, MasterStory, modernCapabilities, sleeper } from "./testing/story.ts";

/** A world of a few agents and frameworks that do what they may at any time. */
interface Player {
  readonly story: MasterStory;
  readonly agents: {
    id: string | undefined;
    connection: string;
    isUp: boolean;
    tasks: Map<string, Task>;
  }[];
  readonly streams: (string | undefined)[];
  readonly frameworkIds: (string | undefined)[];
  launched: number;
}

const action = fc.oneof(
  fc.record({ type: fc.constant("hello" as const), agent: fc.nat(2) }),
  fc.record({ type: fc.constant("hangUp" as const), agent: fc.nat(2) }),
  fc.record({ type: fc.constant("subscribe" as const), framework: fc.nat(1) }),
  fc.record({ type: fc.constant("leave" as const), framework: fc.nat(1) }),
  fc.record({
    type: fc.constant("launch" as const),
    framework: fc.nat(1),
    cpus: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ type: fc.constant("decline" as const), framework: fc.nat(1) }),
  fc.record({ type: fc.constant("finish" as const), agent: fc.nat(2) }),
  fc.record({ type: fc.constant("reconcile" as const), framework: fc.nat(1) }),
  fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(5, 1000, 15_000, 120_000) }),
);

function openOffers(
  { story, frameworkIds }: Player,
  framework: number,
): { id: string; agent: string }[] {
  const id = frameworkIds[framework];
  return [...story.master.view.offers.values()]
    .filter((offer) => offer.frameworkId === id)
    .map((offer) => ({ id: offer.id, agent: offer.agentId }));
}

function play(player: Player, step: typeof action extends fc.Arbitrary<infer T> ? T : never): void {
  const { story, agents, streams, frameworkIds } = player;
  switch (step.type) {
    case "hello": {
      const agent = agents[step.agent];
      if (agent === undefined) return;
      agent.connection = `c${story.effects.length}`;
      story.hello(`h${step.agent}`, {
        connection: agent.connection,
        ...(agent.id === undefined ? {} : { id: agent.id }),
        tasks: [...agent.tasks.values()],
        frameworks: frameworkIds.flatMap((value) =>
          value === undefined
            ? []
            : [
                {
                  user: "root",
                  name: value,
                  id: { value },
                  roles: ["*"],
                  capabilities: modernCapabilities,
                },
              ],
        ),
      });
      const welcome = story
        .messagesTo(agent.connection)
        .find((message) => message.type === "welcome");
      if (welcome?.type === "welcome") agent.id = welcome.agentId;
      agent.isUp = true;
      return take(player, step.agent);
    }
    case "hangUp": {
      const agent = agents[step.agent];
      if (agent?.isUp !== true) return;
      agent.isUp = false;
      story.send({ type: "agentDisconnected", connectionId: agent.connection });
      return;
    }
    case "subscribe": {
      const id = frameworkIds[step.framework];
      try {
        const stream = story.subscribe(`f${step.framework}`, {
          failover_timeout: 100,
          ...(id === undefined ? {} : { id: { value: id } }),
        });
        streams[step.framework] = stream;
      } catch {
        return;
      }
      for (const framework of story.master.view.frameworks.values()) {
        if (framework.streamId === streams[step.framework])
          frameworkIds[step.framework] = framework.id;
      }
      return;
    }
    case "leave": {
      const stream = streams[step.framework];
      if (stream !== undefined)
        story.send({ type: "schedulerStreamClosed", streamId: stream as never });
      streams[step.framework] = undefined;
      return;
    }
    case "launch":
    case "decline": {
      const [offer] = openOffers(player, step.framework);
      const id = frameworkIds[step.framework];
      if (offer === undefined || id === undefined) return;
      const offers = [{ value: offer.id }];
      player.launched += 1;
      const accept =
        step.type === "launch"
          ? [
              launchOf(
                sleeper(`t${player.launched}`, offer.agent, {
                  resources: [{ name: "cpus", type: "SCALAR", scalar: { value: step.cpus } }],
                }),
              ),
            ]
          : [];
      story.call(
        {
          type: "ACCEPT",
          framework_id: { value: id },
          accept: { offer_ids: offers, operations: accept },
        },
        streams[step.framework],
      );
      for (const number of agents.keys()) take(player, number);
      return;
    }
    case "finish": {
      const agent = agents[step.agent];
      const [first] = agent?.tasks.values() ?? [];
      if (agent?.isUp !== true || first === undefined) return;
      const status: TaskStatus = {
        task_id: first.task_id,
        state: "TASK_FINISHED",
        uuid: btoa(first.task_id.value.padEnd(16, ".")),
      };
      agent.tasks.set(first.task_id.value, { ...first, state: "TASK_FINISHED" });
      story.post(agent.connection, [
        {
          type: "statusUpdate",
          frameworkId: first.framework_id.value,
          status,
          latestState: "TASK_FINISHED",
        },
      ]);
      return;
    }
    case "reconcile": {
      const id = frameworkIds[step.framework];
      const stream = streams[step.framework];
      if (id === undefined) return;
      story.call({ type: "RECONCILE", framework_id: { value: id }, reconcile: {} }, stream);
      return;
    }
    case "pass":
      story.advance(step.ms);
  }
}

/** The agent does what it was told on its present connection: holds launched tasks, forgets ended ones. */
function take({ story, agents }: Player, number: number): void {
  const agent = agents[number];
  if (agent?.isUp !== true) return;
  for (const message of story.messagesTo(agent.connection)) {
    if (message.type === "launchTask") {
      const { task, framework } = message;
      const id = task.task_id.value;
      if (agent.tasks.has(id)) continue;
      agent.tasks.set(id, {
        name: id,
        task_id: task.task_id,
        framework_id: framework.id ?? { value: "" },
        agent_id: task.agent_id,
        state: "TASK_RUNNING",
        ...(task.resources === undefined ? {} : { resources: task.resources }),
      });
    }
    if (message.type === "shutdownFramework") {
      for (const [id, task] of agent.tasks) {
        if (task.framework_id.value === message.frameworkId) agent.tasks.delete(id);
      }
    }
  }
}

function checkBooks({ story }: Player): void {
  const { view } = story.master;
  for (const agent of view.agents.values()) {
    const tasks = [...view.tasks.values()]
      .flatMap((some) => [...some.active.values()])
      .filter((task) => task.agentId === agent.id && !isEnded(task));
    const offers = [...view.offers.values()].filter((offer) => offer.agentId === agent.id);
    const used = Resources.sum(tasks.map((task) => task.resources));
    const offered = Resources.sum(offers.map((offer) => offer.resources));
    expect(agent.used.equals(used)).toBe(true);
    expect(agent.offered.equals(offered)).toBe(true);
    expect(agent.total.contains(used.add(offered).unallocate())).toBe(true);
    if (!agent.isConnected) expect(offers).toEqual([]);
  }
  for (const framework of view.frameworks.values()) {
    const tasks = [...(view.tasks.get(framework.id)?.active.values() ?? [])];
    const used = Resources.sum(
      tasks.filter((task) => !isEnded(task)).map((task) => task.resources),
    );
    expect(framework.used.equals(used.scalars())).toBe(true);
    if (framework.status !== "active") expect(view.offersOfFramework(framework.id)).toEqual([]);
  }
  for (const id of view.recoveredAgents.keys()) expect(view.agents.has(id)).toBe(false);
}

describe("the books", () => {
  it("[MST42] [MST58] whatever happens, sums are right, nothing is given twice, nobody absent is offered", () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 10, maxLength: 60 }), (steps) => {
        const player: Player = {
          story: new MasterStory(),
          agents: [0, 1, 2].map(() => ({
            id: undefined,
            connection: "",
            isUp: false,
            tasks: new Map(),
          })),
          streams: [undefined, undefined],
          frameworkIds: [undefined, undefined],
          launched: 0,
        };
        for (const step of steps) {
          play(player, step);
          checkBooks(player);
        }
      }),
      { numRuns: 150, seed: 20261122 },
    );
  });
});
