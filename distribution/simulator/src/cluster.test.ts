import { describe, expect, it } from "vitest";
import { createCluster } from "./cluster.ts";
import type { Cluster } from "./cluster.ts";
import type { UserAnswer } from "./observation.ts";

const minuteMs = 60_000;
const web = { id: "/web", cmd: "run", cpus: 0.5, mem: 64, instances: 2 };

/** A cluster that has had time to begin. */
function begin(seed = 1): Cluster {
  const cluster = createCluster(seed).start().run(5_000);
  cluster.postApp(web);
  return cluster.run(10_000);
}

function running(cluster: Cluster): readonly string[] {
  return [...cluster.agents].flatMap(([node, { machine }]) =>
    [...machine.containers().values()].flatMap(({ exit, taskId, pid }) =>
      exit === undefined ? [`${node} ${cluster.narrator.nameOf(taskId)} ${pid}`] : [],
    ),
  );
}

describe("a simulated cluster", () => {
  it("runs an app from the user's command to its containers", () => {
    const cluster = begin();
    expect(running(cluster)).toHaveLength(2);
    expect(cluster.marathonWorld()?.deployments.size).toBe(0);
    expect(cluster.masterView()?.agents.size).toBe(3);
  });

  it("[SIM20] has the same history for the same seed", () => {
    expect(begin(4).trace.hash).toBe(begin(4).trace.hash);
    expect(begin(5).trace.hash).not.toBe(begin(4).trace.hash);
  });

  it("[SIM24] containers outlive their agent, and not their machine", () => {
    const cluster = begin();
    const before = running(cluster);
    const [node = ""] = before[0]?.split(" ") ?? [];
    cluster.crash(node);
    cluster.run(cluster.nowMs() + 10_000);
    cluster.restart(node);
    cluster.run(cluster.nowMs() + minuteMs);
    expect(running(cluster)).toEqual(before);
    cluster.boot(node);
    expect(running(cluster).some((line) => line.startsWith(node))).toBe(false);
    cluster.restart(node);
    cluster.run(cluster.nowMs() + minuteMs);
    expect(running(cluster)).toHaveLength(2);
  });

  it("answers the user as HTTP would, or not at all", () => {
    const cluster = begin();
    const answers: UserAnswer[] = [];
    const note = (answer: UserAnswer): void => void answers.push(answer);
    cluster.postApp(web, note);
    cluster.run(cluster.nowMs() + 1_000);
    cluster.postApp({ ...web, id: "/nothing", cpus: -1 }, note);
    cluster.run(cluster.nowMs() + 1_000);
    cluster.crash("marathon");
    cluster.postApp({ ...web, id: "/late" }, note);
    cluster.run(cluster.nowMs() + 1_000);
    expect(
      answers.map((answer) => (answer.type === "answered" ? answer.status : answer.code)),
    ).toEqual([409, 422, "CONNECTION_REFUSED"]);
  });

  it("programs misbehave until they are calmed", () => {
    const cluster = createCluster(1).start().run(5_000);
    cluster.postApp({ ...web, cmd: "run; exit 3 after 2000", backoffSeconds: 1 });
    cluster.run(minuteMs);
    const countEnds = () =>
      cluster.trace.tail(10_000).filter((line) => line.includes("ends by exit 3"));
    const ends = countEnds().length;
    expect(ends).toBeGreaterThan(4);
    cluster.calm();
    cluster.run(5 * minuteMs);
    expect(running(cluster)).toHaveLength(2);
    expect(countEnds().length).toBeLessThanOrEqual(ends + 2);
  });

  it("a cut link delays, and what waited arrives when it is mended", () => {
    const cluster = begin();
    cluster.partition("user", "marathon");
    cluster.postApp({ ...web, id: "/other" });
    cluster.run(cluster.nowMs() + 10_000);
    expect(cluster.marathonWorld()?.apps.has("/other")).toBe(false);
    cluster.heal("user");
    cluster.run(cluster.nowMs() + 10_000);
    expect(cluster.marathonWorld()?.apps.has("/other")).toBe(true);
  });

  it("a paused master loses no task, and its agents find it again", () => {
    const cluster = begin();
    const before = running(cluster);
    cluster.pause("master1");
    cluster.run(cluster.nowMs() + 3 * minuteMs);
    cluster.resume("master1");
    const isWhole = () =>
      [...(cluster.masterView()?.agents.values() ?? [])].filter((agent) => agent.isConnected)
        .length === 3;
    expect(cluster.runUntil(isWhole, cluster.nowMs() + 3 * minuteMs)).toBe(true);
    cluster.run(cluster.nowMs() + minuteMs);
    expect(running(cluster)).toEqual(before);
  });
});
