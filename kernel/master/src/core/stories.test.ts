import { describe, expect, it } from "vitest";
import { launchOf, MasterStory, modernCapabilities, sleeper } from "./testing/story.ts";

const f0 = { value: "m0-0000" };
const a0 = "m0-S0";

function report(
  story: MasterStory,
  agent: string,
  state: "TASK_RUNNING" | "TASK_FINISHED",
): string {
  const uuid = btoa(state.padEnd(16, "."));
  const status = { task_id: { value: "t" }, state, uuid };
  story.post(
    agent,
    [{ type: "statusUpdate", frameworkId: f0.value, status, latestState: state }],
    9,
  );
  return uuid;
}

function acknowledge(story: MasterStory, stream: string, uuid: string): void {
  story.call(
    {
      type: "ACKNOWLEDGE",
      framework_id: f0,
      acknowledge: { agent_id: { value: a0 }, task_id: { value: "t" }, uuid },
    },
    stream,
  );
}

function launch(story: MasterStory, stream: string): void {
  const offer = story.offers().at(-1) ?? "";
  story.call(
    {
      type: "ACCEPT",
      framework_id: f0,
      accept: { offer_ids: [{ value: offer }], operations: [launchOf(sleeper("t", a0))] },
    },
    stream,
  );
}

describe("stories of the master", () => {
  it("[MST10] [MST60] [MST62] one task, from an empty cluster to the history", async () => {
    const story = new MasterStory();
    story.send({
      type: "operatorSubscribed",
      subscriberId: "operator",
      principal: { type: "anonymous", name: "anonymous" },
    });
    story.note("an agent comes, and a framework");
    story.hello("a0");
    const stream = story.subscribe("f0");
    story.advance(5);
    story.note("the framework launches a task");
    launch(story, stream);
    acknowledge(story, stream, report(story, "a0", "TASK_RUNNING"));
    story.note("what was left over comes back after five seconds");
    story.advance(5000);
    story.note("the task ends");
    acknowledge(story, stream, report(story, "a0", "TASK_FINISHED"));
    story.advance(5);
    story.note("the framework leaves for good");
    story.call({ type: "TEARDOWN", framework_id: f0 }, stream);
    await expect(story.lines.join("\n")).toMatchFileSnapshot("stories/one-task.txt");
  });

  it("[MST25] [MST36] [MST64] the leader changes under a running task", async () => {
    const first = new MasterStory();
    first.hello("a0");
    launchWhenOffered(first);
    report(first, "a0", "TASK_RUNNING");
    const second = first.failOver();
    second.note("a new leader; the framework is faster than the agent");
    const stream = second.subscribe("f0", { id: f0 });
    const ask = (): void => {
      second.call(
        {
          type: "RECONCILE",
          framework_id: f0,
          reconcile: { tasks: [{ task_id: { value: "t" }, agent_id: { value: a0 } }] },
        },
        stream,
      );
    };
    second.note("asked for its task: silence, its agent is expected back");
    ask();
    second.note("the agent comes back with the task");
    second.hello("a0", {
      id: a0,
      epochSeen: 1,
      tasks: [
        {
          name: "t",
          task_id: { value: "t" },
          framework_id: f0,
          agent_id: { value: a0 },
          state: "TASK_RUNNING",
          resources: [
            {
              name: "cpus",
              type: "SCALAR",
              scalar: { value: 1 },
              allocation_info: { role: "*" },
            },
          ],
        },
      ],
      frameworks: [
        { user: "root", name: "f0", id: f0, roles: ["*"], capabilities: modernCapabilities },
      ],
    });
    second.note("asked again");
    ask();
    second.advance(5);
    await expect(second.lines.join("\n")).toMatchFileSnapshot("stories/leader-change.txt");
  });
});

function launchWhenOffered(story: MasterStory): void {
  const stream = story.subscribe("f0");
  story.advance(5);
  launch(story, stream);
}
