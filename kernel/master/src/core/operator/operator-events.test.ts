import type { MasterEvent as OperatorEvent, Task, TaskState } from "@tutti/mesos-v1";
import { describe, expect, it } from "vitest";
import type { MasterEffect } from "../events.ts";
import { MasterStory, trusted } from "../testing/story.ts";

const f0 = { value: "m0-0000" };
const network = { network_infos: [{ ip_addresses: [{ ip_address: "10.0.0.7" }] }] };

/** What operators were told, each event as one line. */
function told(effects: readonly MasterEffect[]): string[] {
  return effects.flatMap((effect) =>
    effect.type === "sendOperatorEvent" ? [lineOf(effect.event)] : [],
  );
}

function lineOf(event: OperatorEvent): string {
  const { task_added: added, task_updated: updated } = event;
  const named =
    added?.task.task_id.value ??
    event.agent_added?.agent.agent_info.id?.value ??
    event.agent_removed?.agent_id.value ??
    event.framework_added?.framework.framework_info.id?.value ??
    event.framework_updated?.framework.framework_info.id?.value ??
    event.framework_removed?.framework_info.id?.value;
  if (updated !== undefined) {
    return `TASK_UPDATED ${updated.status.task_id.value} ${String(updated.state)} ${updated.status.uuid ?? ""}`.trimEnd();
  }
  return `${String(event.type)} ${named ?? ""}`.trimEnd();
}

function subscribed(story: MasterStory): OperatorEvent {
  const effects = story.send({
    type: "operatorSubscribed",
    subscriberId: "operator",
    principal: trusted,
  });
  const first = effects.find((effect) => effect.type === "sendOperatorEvent");
  if (first === undefined) throw new Error("no snapshot");
  return first.event;
}

function task(state: TaskState, uuid: string): Task {
  const taskId = { value: "t" };
  return {
    name: "t",
    task_id: taskId,
    framework_id: f0,
    agent_id: { value: "m0-S0" },
    state,
    resources: [],
    statuses: [{ task_id: taskId, state, uuid, container_status: network, healthy: true }],
    status_update_state: state,
    status_update_uuid: uuid,
  };
}

/** A master with one agent, one framework and one task, and somebody who listens. */
function world(): MasterStory {
  const story = new MasterStory();
  story.hello("a0", { tasks: [task("TASK_RUNNING", "dTE=")], id: "m0-S0" });
  story.subscribe("f0", { id: f0 });
  subscribed(story);
  return story;
}

describe("[MST72] what operators hear", () => {
  it("of an update: the whole status, with health and addresses", () => {
    const story = world();
    const [status] = task("TASK_RUNNING", "dTI=").statuses ?? [];
    if (status === undefined) throw new Error("no status");
    const effects = story.post("a0", [
      { type: "statusUpdate", frameworkId: f0.value, status, latestState: "TASK_RUNNING" },
    ]);
    const event = effects.find((effect) => effect.type === "sendOperatorEvent")?.event;
    expect(event?.task_updated).toMatchObject({
      framework_id: f0,
      state: "TASK_RUNNING",
      status: { healthy: true, container_status: network },
    });
  });

  it("of an end while an earlier status still waits for its acknowledgement: when that is sent again", () => {
    const story = world();
    const [status] = task("TASK_KILLING", "dTI=").statuses ?? [];
    if (status === undefined) throw new Error("no status");
    const sent = (latestState: TaskState): string[] =>
      told(
        story.post("a0", [{ type: "statusUpdate", frameworkId: f0.value, status, latestState }]),
      );
    expect(sent("TASK_KILLING")).toEqual(["TASK_UPDATED t TASK_KILLING dTI="]);
    expect(sent("TASK_KILLED")).toEqual(["TASK_UPDATED t TASK_KILLED dTI="]);
    expect(sent("TASK_KILLED")).toEqual([]);
  });

  it("of a lost agent and its return: unreachable tasks, removed, known again, added", () => {
    const story = world();
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    expect(told(story.advance(80_000)).filter((line) => line !== "HEARTBEAT")).toEqual([
      "TASK_UPDATED t TASK_UNREACHABLE",
      "AGENT_REMOVED m0-S0",
    ]);
    const back = story.hello("a0", { id: "m0-S0", tasks: [task("TASK_RUNNING", "dTE=")] });
    expect(told(back)).toEqual(["TASK_ADDED t", "AGENT_ADDED m0-S0"]);
  });

  it("of a task that an unreachable agent has not brought back: gone", () => {
    const story = world();
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.advance(80_000);
    const back = story.hello("a0", { id: "m0-S0" });
    expect(told(back)).toEqual(["TASK_UPDATED t TASK_GONE", "AGENT_ADDED m0-S0"]);
  });

  it("of what happened to a task while its agent was away, with the agent's return, once", () => {
    const story = world();
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    const ended = task("TASK_FINISHED", "dTI=");
    const back = story.hello("a0", { id: "m0-S0", tasks: [ended], connection: "again" });
    expect(told(back)).toEqual(["TASK_UPDATED t TASK_FINISHED dTI="]);
    const [status] = ended.statuses ?? [];
    if (status === undefined) throw new Error("no status");
    const sessionId = story.sessionOf("again");
    const resent = story.send({
      type: "agentPost",
      requestId: "r",
      principal: trusted,
      sessionId,
      post: {
        acknowledged: 0,
        messages: [
          {
            seq: 1,
            message: {
              type: "statusUpdate",
              frameworkId: f0.value,
              status,
              latestState: "TASK_FINISHED",
            },
          },
        ],
      },
    });
    expect(told(resent)).toEqual([]);
    expect(story.statuses(resent).map(({ state }) => state)).toEqual(["TASK_FINISHED"]);
  });

  it("after an election: the agents that are expected, then each with its framework and tasks", () => {
    const old = new MasterStory();
    old.hello("a0");
    const story = old.failOver();
    const { get_state: state } = subscribed(story).subscribed ?? {};
    const expected = state?.get_agents?.recovered_agents?.map(({ id }) => id?.value);
    expect([expected, state?.get_agents?.agents]).toEqual([["m0-S0"], []]);
    const back = story.hello("a0", { id: "m0-S0", tasks: [task("TASK_RUNNING", "dTE=")] });
    expect(told(back)).toEqual(["FRAMEWORK_ADDED m0-0000", "TASK_ADDED t", "AGENT_ADDED m0-S0"]);
  });
});
