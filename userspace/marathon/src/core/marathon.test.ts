import { describe, expect, it } from "vitest";
import type { AppInput } from "@tutti/marathon-v2";
import { ClusterModel } from "./testing/cluster-model.ts";
import { sequenceRandom } from "./testing/sequence-random.ts";

function cluster(agents = 3): ClusterModel {
  const model = new ClusterModel(sequenceRandom());
  for (let index = 1; index <= agents; index += 1) model.addAgent({ host: `host${index}` });
  model.connect();
  return model;
}

function create(model: ClusterModel, input: AppInput): void {
  const reply = model.request({ type: "createApp", input, force: false });
  expect(reply?.type).toBe("appCreated");
}

const web: AppInput = { id: "/web", cmd: "serve", cpus: 0.5, mem: 64, instances: 2 };

describe("Marathon", () => {
  it("[MAR1] launches a new app, spread over agents, and ends its deployment", () => {
    const model = cluster();
    create(model, web);
    model.run(1000);
    expect(model.alive("/web").map(({ agent }) => agent.host)).toEqual(["host1", "host2"]);
    expect(model.marathon.world.deployments.size).toBe(0);
    expect(model.narrative.some((line) => line.includes("deployment_success"))).toBe(true);
  });
});
