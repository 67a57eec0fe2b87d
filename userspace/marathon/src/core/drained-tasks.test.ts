import { describe, expect, it } from "vitest";
import { ClusterModel } from "./testing/cluster-model.ts";
import { sequenceRandom } from "./testing/sequence-random.ts";

/** An app with one instance, which runs, on a cluster of three agents. */
function running(): ClusterModel {
  const model = new ClusterModel(sequenceRandom());
  for (let index = 1; index <= 3; index += 1) model.addAgent({ host: `host${index}` });
  model.connect();
  const input = { id: "/web", cmd: "serve", cpus: 0.5, mem: 64, instances: 1, backoffSeconds: 60 };
  model.request({ type: "createApp", input, force: false });
  model.run(2000);
  expect(model.alive("/web")).toHaveLength(1);
  return model;
}

function endOne(model: ClusterModel, reason?: "REASON_AGENT_DRAINING"): void {
  const [task] = model.alive("/web");
  if (task !== undefined) model.end(task, "TASK_KILLED", "Command exited with status 0", reason);
}

describe("a task that ends because its machine is drained", () => {
  it("[MAR38] is replaced at once, and is no failure of its app", () => {
    const model = running();
    endOne(model, "REASON_AGENT_DRAINING");
    model.run(1000);
    expect(model.alive("/web")).toHaveLength(1);
    expect(model.marathon.world.apps.get("/web")?.record.lastFailure).toBeUndefined();
  });

  it("[MAR38] ends a back-off that its app had", () => {
    const model = running();
    endOne(model);
    model.run(1000);
    expect(model.alive("/web")).toHaveLength(0);
    model.run(120_000);
    endOne(model, "REASON_AGENT_DRAINING");
    model.run(1000);
    expect(model.alive("/web")).toHaveLength(1);
    expect(model.marathon.world.apps.get("/web")?.launch.backoffMs).toBe(0);
  });
});
