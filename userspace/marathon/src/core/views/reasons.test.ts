import { present } from "@tutti/base";
import { explainApp } from "@tutti/marathon-v2";
import type { AppInput, MasterAgent, MasterAgents, MasterRole } from "@tutti/marathon-v2";
import { describe, expect, it } from "vitest";
import { ClusterModel } from "../testing/cluster-model.ts";
import type { ModelAgent } from "../testing/model-agent.ts";
import { sequenceRandom } from "../testing/sequence-random.ts";
import { appFacts } from "./app-facts.ts";
import { allDeployments } from "./deployments.ts";
import type { Now } from "./now.ts";
import { launchQueue } from "./queue.ts";

/** An agent as the master's `/slaves` shows it, `usedCpus` of it taken. */
function shown(agent: ModelAgent, usedCpus: number): MasterAgent {
  const scalar = (name: string, value: number): object => ({ name, scalar: { value }, role: "*" });
  return {
    id: agent.id,
    hostname: agent.host,
    pid: `slave(1)@10.0.0.2:5051`,
    active: agent.reachable,
    unreserved_resources_full: [
      scalar("cpus", agent.cpus),
      scalar("mem", agent.memMb),
      { name: "ports", ranges: { range: [{ begin: 31_000, end: 32_000 }] }, role: "*" },
    ],
    used_resources_full: [scalar("cpus", usedCpus)],
  } as MasterAgent;
}

function waiting(input: AppInput): { readonly model: ClusterModel; readonly agent: ModelAgent } {
  const model = new ClusterModel(sequenceRandom());
  const agent = model.addAgent({ host: "agent-2" });
  model.connect();
  model.request({ type: "createApp", input, force: false });
  model.run(20_000);
  return { model, agent };
}

/** What the queue, the deployment and the explanation itself say. */
function sentences(
  model: ClusterModel,
  agents: MasterAgents | undefined,
  roles?: readonly MasterRole[],
): readonly string[][] {
  const { monoMs, wallMs } = model.env();
  const now: Now = {
    monoMs,
    wallMs,
    ...(agents === undefined ? {} : { agents }),
    ...(roles === undefined ? {} : { roles }),
  };
  const { world } = model.marathon;
  const [item] = launchQueue(world, now, { lastUnusedOffers: false, verdicts: false });
  const [action] = allDeployments(world, now)[0]?.currentActions ?? [];
  const app = present(world.apps.get("/web"), "the app");
  const explanations = [
    present(item, "an item").explanation,
    present(action?.explanation, "an explanation"),
    explainApp(appFacts(world, now, app)),
  ];
  // All of it: summary, reasons, details and advice.
  for (const each of explanations) expect(each).toEqual(explanations[0]);
  return explanations.map(({ details, advice }) => [...details, ...advice]);
}

const wait = "The third needs 1.5 cpus on one machine; the largest free piece is 1 cpu on agent-2.";

describe("the reasons that Marathon shows", () => {
  it("[MAR40] are the same sentences in the queue, in the deployment and in an explanation", () => {
    const { model, agent } = waiting({ id: "/web", cmd: "run", instances: 3, cpus: 1.5 });
    const all = [wait, "Lower cpus, or add a machine."];
    expect(sentences(model, undefined)).toEqual([all, all, all]);
    const agents = { agents: [shown(agent, 3)], recovered: [] };
    expect(sentences(model, agents)).toEqual([all, all, all]);
  });

  it("[MAR40] tell a wait for room from an app that no machine is large enough for", () => {
    const { model, agent } = waiting({ id: "/web", cmd: "run", cpus: 64 });
    const [queued] = sentences(model, { agents: [shown(agent, 0)], recovered: [] });
    expect(queued).toEqual([
      "It needs 64 cpus on one machine; no machine is that large: the largest has 4 cpus.",
      "Lower cpus, or add a larger machine.",
    ]);
  });

  it("[MAR40] tell of machines that the master hears nothing of, and that there are none", () => {
    const { model, agent } = waiting({ id: "/web", cmd: "run", cpus: 64 });
    agent.reachable = false;
    const away = { agents: [shown(agent, 0)], recovered: [] };
    expect(sentences(model, away)[0]).toEqual([
      "There is no machine to run on: the master hears nothing of agent-2.",
      "See ./tutti status.",
    ]);
    expect(sentences(model, { agents: [], recovered: [] })[0]?.[0]).toBe(
      "There is no machine to run on: no agent has registered with the master.",
    );
  });

  it("[MAR40, WHY15] name the limit of the role that keeps instances from machines with room", () => {
    const { model, agent } = waiting({ id: "/web", cmd: "run", instances: 3, cpus: 1.5 });
    const agents = { agents: [shown(agent, 0)], recovered: [] };
    const quota = { limit: { cpus: 4 }, consumed: { cpus: 3 } };
    expect(sentences(model, agents, [{ name: "*", quota }])[0]).toEqual([
      "The role * may use 4 cpus and uses 3: one more instance needs 1.5.",
      "Raise the limit of the role * (UPDATE_QUOTA), or end something of the role.",
    ]);
    expect(sentences(model, agents, [{ name: "*" }])[0]).toEqual([
      "agent-2 has room for the third; it is to start within half a minute.",
    ]);
  });

  it("[MAR40] alarm nobody in the first seconds", () => {
    const model = new ClusterModel(sequenceRandom());
    model.connect();
    model.request({ type: "createApp", input: { id: "/web", cmd: "run" }, force: false });
    expect(sentences(model, undefined)[0]).toEqual([
      "Marathon is looking for a machine; that takes a few seconds.",
    ]);
  });
});
