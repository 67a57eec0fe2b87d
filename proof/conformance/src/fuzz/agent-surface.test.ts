import { afterAll, beforeAll, describe, it } from "vitest";
import { startCluster } from "../worlds/cluster.ts";
import type { Cluster } from "../worlds/cluster.ts";
import { Conversation } from "../worlds/conversation.ts";
import { anyRequest, changedCall, recordedCalls } from "./requests.ts";
import { expectRefusedOrDone, expectUntouched } from "./surface.ts";

const paths = [
  ..."/state /slave(1)/state /slave%281%29/state /flags /version /health /containers".split(" "),
  ..."/monitor/statistics /containerizer/debug /metrics/snapshot /system/stats.json".split(" "),
  ..."/logging/toggle /files/browse /files/read /files/download /files/debug".split(" "),
  ..."/api/v1 /slave(1)/api/v1 /api/v1/executor".split(" "),
];
const calls = recordedCalls().filter(({ port }) => port === 5051);
const running = "scheduler/13_for_agent_reads.json";

describe("[AGT33] requests that nobody would send to an agent", () => {
  let cluster: Cluster;
  let talk: Conversation;
  let now: (text: string) => string;
  beforeAll(async () => {
    cluster = await startCluster();
    talk = await Conversation.open(cluster, running);
    await talk.play(running, (entries) => entries.slice(0, -8));
    const containers = await cluster.sendAgent({ method: "GET", path: "/containers" });
    const [container] = JSON.parse(containers.text) as readonly { readonly container_id: string }[];
    now = (text) =>
      text
        .replaceAll(/"[0-9a-f-]{36}"/gu, `"${container?.container_id ?? ""}"`)
        .replaceAll(/runs\/[0-9a-f-]{36}/gu, `runs/${container?.container_id ?? ""}`)
        .replaceAll(/[0-9a-f-]{36}-S\d+/gu, container === undefined ? "" : agentIdOf(talk))
        .replaceAll(/[0-9a-f-]{36}-\d{4}/gu, talk.scheduler.knownId ?? "")
        .replaceAll("/var/lib/mesos/agent", `${cluster.agentDir}/work`);
  });
  afterAll(async () => {
    await talk.scheduler.call({ type: "TEARDOWN" });
    await cluster.end();
  });

  it("anything, without the secret: no bug, and nothing has changed", () =>
    expectUntouched(cluster.agent.url, anyRequest(paths)));

  it("changed calls, without the secret: no bug, and nothing has changed", () =>
    expectUntouched(cluster.agent.url, changedCall(calls, now)));

  it("changed calls, with the secret: what is refused changes nothing", () =>
    expectRefusedOrDone(cluster.agent.url, changedCall(calls, now), (request) =>
      Promise.resolve({
        ...request,
        headers: { ...request.headers, Authorization: `Bearer ${cluster.secret}` },
      }),
    ));
});

function agentIdOf(talk: Conversation): string {
  const update = talk.scheduler.events.find((event) => event.update !== undefined);
  return update?.update?.status.agent_id?.value ?? "";
}
