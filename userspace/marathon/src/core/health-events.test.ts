import type { AppInput } from "@tutti/marathon-v2";
import { describe, expect, it } from "vitest";
import { ClusterModel } from "./testing/cluster-model.ts";
import { sequenceRandom } from "./testing/sequence-random.ts";
import type { ApiReply } from "./types.ts";

const web: AppInput = { id: "/web", cmd: "serve", cpus: 0.5, mem: 64 };

/** An app as it is being launched. */
function created(input: Partial<AppInput> = {}): ClusterModel {
  const model = new ClusterModel(sequenceRandom());
  for (const host of ["host1", "host2", "host3"]) model.addAgent({ host });
  model.connect();
  model.request({ type: "createApp", input: { ...web, ...input }, force: false });
  return model;
}

function update(model: ClusterModel, input: AppInput): ApiReply | undefined {
  const mode = { partial: true, create: true, force: false };
  return model.request({ type: "updateApp", id: "/web", input, ...mode });
}

describe("events of health and of refused changes", () => {
  it("[MAR45] tell of their checks: added, failed, changed, removed", () => {
    const check = { protocol: "HTTP" as const, path: "/", maxConsecutiveFailures: 3 };
    const model = created({ healthChecks: [check] });
    model.run(2000);
    const [task] = model.alive("/web");
    if (task === undefined) throw new Error("no task");
    model.failHealth(task, "HTTP 500");
    model.failHealth(task, "HTTP 500");
    task.healthy = true;
    model.tell({
      task_id: task.info.task_id,
      state: "TASK_RUNNING",
      healthy: true,
      reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
    });
    update(model, { instances: 2 });
    model.run(5000);
    update(model, { healthChecks: [{ ...check, path: "/v2" }] });
    model.run(20_000);
    model.request({ type: "deleteApp", id: "/web", force: false });
    const told = model.events.flatMap((event) => {
      switch (event.eventType) {
        case "add_health_check_event":
          return [`add ${event.healthCheck.path ?? ""}`];
        case "failed_health_check_event":
          return [
            `failed ${event.healthCheck.path ?? ""} ${String(event.taskId === task.info.task_id.value)}`,
          ];
        case "health_status_changed_event":
          return [
            `${event.taskId === task.info.task_id.value ? "first" : "other"} ${String(event.alive)}`,
          ];
        case "remove_health_check_event":
          return ["remove"];
        default:
          return [];
      }
    });
    expect(told).toEqual([
      "add /",
      "first true",
      "failed / true",
      "first false",
      "failed / true",
      "first true",
      "other true",
      "remove",
      "add /v2",
      "other true",
      "other true",
      "remove",
    ]);
  });

  it("[MAR45] a change that is refused as a whole, and what an executor says, are events", () => {
    const model = created();
    expect(update(model, { cmd: "other" })).toMatchObject({ refusal: { code: "APP_LOCKED" } });
    model.post({
      type: "schedulerEvent",
      event: {
        type: "MESSAGE",
        message: {
          agent_id: { value: "agent-host1" },
          executor_id: { value: "e" },
          data: "aGk=",
        },
      },
    });
    expect(model.events).toContainEqual(
      expect.objectContaining({ eventType: "group_change_failed", groupId: "/" }),
    );
    expect(model.events.at(-1)).toMatchObject({
      eventType: "framework_message_event",
      slaveId: "agent-host1",
      executorId: "e",
      message: "aGk=",
    });
  });
});
