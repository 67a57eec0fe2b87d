import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptedCluster } from "./testing/scripted-cluster.ts";

const ids = ["1", "2"].map((n) => `0f1e2d3c-aaaa-bbbb-cccc-ddddeeeeffff-S${n}`);
const wholeId = "0f1e2d3c-aaaa-bbbb-cccc-ddddeeeeffff-S9";

let cluster: ScriptedCluster;
let drains: ("DRAINING" | "DRAINED" | undefined)[];
let refusal: string | undefined;

beforeEach(async () => {
  cluster = await ScriptedCluster.start();
  drains = [undefined];
  refusal = undefined;
  cluster.on("GET /slaves", () => ({ status: 200, json: { slaves: slaves() } }));
  cluster.on("GET /tasks", {
    status: 200,
    json: { tasks: [{ slave_id: ids[0], state: "TASK_KILLING" }] },
  });
  cluster.on("POST /api/v1", () =>
    refusal === undefined ? { status: 200 } : { status: 400, text: refusal },
  );
});

afterEach(() => cluster.close());

/** Two agents; each look at the first shows the next state of its drain. */
function slaves(): readonly object[] {
  const state = drains.length > 1 ? drains.shift() : drains[0];
  return ids.map((id, at) => ({
    id,
    hostname: `agent${String(at + 1)}`,
    pid: `slave(1)@10.0.0.${String(at + 1)}:5051`,
    active: at > 0 || state === undefined,
    deactivated: at === 0 && state !== undefined,
    ...(at > 0 || state === undefined ? {} : { drain_info: { state, config: {} } }),
  }));
}

function calls(): readonly unknown[] {
  return cluster.seen.filter(({ method }) => method === "POST").map(({ body }) => body);
}

describe("node drain", () => {
  it("[CLI25] orders the drain and waits until the machine is empty", async () => {
    drains = [undefined, "DRAINING", "DRAINED"];
    const run = await cluster.run(["node", "drain", "agent1", "--grace", "1.5m"]);
    expect(run).toMatchObject({ exitCode: 0, stderr: "agent1: 1 task to end\n" });
    expect(run.stdout).toContain("agent1 is drained");
    expect(calls()).toEqual([
      {
        type: "DRAIN_AGENT",
        drain_agent: {
          agent_id: { value: ids[0] },
          max_grace_period: { seconds: 90, nanos: 0 },
        },
      },
    ]);
  });

  it("[CLI25] only waits for a machine that is draining or drained", async () => {
    drains = ["DRAINING", "DRAINED"];
    const run = await cluster.run(["node", "drain", "10.0.0.1", "--json"]);
    expect(JSON.parse(run.stdout)).toMatchObject({
      node: { id: ids[0], name: "agent1", status: "drained" },
    });
    expect(calls()).toEqual([]);
  });

  it("[CLI25] a machine that leaves is gone when the master says so", async () => {
    cluster.on("POST /api/v1", () => {
      const gone = [{ id: ids[0], gone_time: 1.5 }];
      cluster.on("GET /slaves", (_request, query) => ({
        status: 200,
        json: { slaves: [], ...(query.get("slave_id") === ids[0] ? { gone_slaves: gone } : {}) },
      }));
      return { status: 200 };
    });
    const run = await cluster.run(["node", "drain", "agent1", "--decommission"]);
    expect(run.stdout).toBe("agent1 is drained and removed from the cluster.\n");
    expect(calls()).toMatchObject([{ drain_agent: { mark_gone: true } }]);
  });

  it("[CLI25] a machine that the master does not hear of is away, not gone", async () => {
    cluster.on("GET /slaves", { status: 200, json: { slaves: [] } });
    const run = await cluster.run(["node", "drain", wholeId, "--decommission", "--timeout=0.1"]);
    expect(run).toMatchObject({ exitCode: 6, stdout: "" });
    expect(run.stderr).toContain("the drain goes on: waiting for the machine to come back");
  });

  it("[CLI25] a machine that was away goes on with its drain when it is back", async () => {
    let looks = 0;
    cluster.on("GET /slaves", () => {
      looks += 1;
      if (looks === 3) drains = ["DRAINING", "DRAINED"];
      return { status: 200, json: { slaves: looks < 3 ? [] : slaves() } };
    });
    const run = await cluster.run(["node", "drain", ids[0] ?? ""]);
    expect(run.exitCode).toBe(0);
    expect(run.stderr.trimEnd().split("\n")).toEqual([
      expect.stringContaining("waiting for the machine to come back"),
      expect.stringContaining("1 task to end"),
    ]);
    expect(run.stdout).toContain("is drained: nothing runs there");
  });

  it("[CLI25] gives up waiting in time; the drain goes on", async () => {
    drains = [undefined, "DRAINING"];
    const run = await cluster.run(["node", "drain", "agent1", "--timeout", "0.1"]);
    expect(run.exitCode).toBe(6);
    expect(run.stderr).toContain("the drain goes on: 1 task to end");
  });
});

describe("what a drain leaves behind", () => {
  const detail = "agent1 is drained by an operator.";

  function waiting(id: string, reasons: readonly string[], details: readonly string[]): object {
    return { app: { id }, explanation: { reasons, details } };
  }

  function scriptMarathon(queue: () => readonly object[]): void {
    const tasks = [{ appId: "/db", slaveId: ids[0] }];
    cluster.on("GET /v2/tasks", { status: 200, json: { tasks } });
    cluster.on("GET /v2/queue", () => ({ status: 200, json: { queue: queue() } }));
    const app = { instances: 2, tasksRunning: 1 };
    const apps = ["/db", "/web", "/big"].map((id) => ({ id, ...app }));
    cluster.on("GET /v2/apps", { status: 200, json: { apps } });
  }

  it("[CLI25] apps that no other machine can take are named, others are not", async () => {
    drains = [undefined, "DRAINED"];
    scriptMarathon(() => [
      waiting("/db", ["INSUFFICIENT_CPUS"], ["It needs 1 cpu."]),
      waiting("/web", ["MAINTENANCE"], [detail]),
      waiting("/big", ["TOO_LARGE", "MAINTENANCE"], ["agent9 is drained by an operator."]),
    ]);
    const run = await cluster.run(["node", "drain", "agent1"]);
    expect(run).toMatchObject({
      exitCode: 0,
      stderr: [
        "/db is left short, 1 of 2 instances run: It needs 1 cpu.\n",
        `/web is left short, 1 of 2 instances run: ${detail}\n`,
      ].join(""),
    });
    drains = ["DRAINED"];
    const json = await cluster.run(["node", "drain", "agent1", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      node: { status: "drained" },
      short: [{ id: "/db", running: 1, instances: 2, why: "It needs 1 cpu." }, { id: "/web" }],
    });
  });

  it("[CLI25] an app that finds another machine within a moment is not left short", async () => {
    drains = [undefined, "DRAINED"];
    let looks = 0;
    scriptMarathon(() => {
      looks += 1;
      return looks < 3 ? [waiting("/db", ["WAITING_FOR_OFFER"], ["A moment."])] : [];
    });
    const run = await cluster.run(["node", "drain", "agent1"]);
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(looks).toBe(3);
  });

  it("[CLI25] the only machine of its kind is drained with a warning", async () => {
    const only = slaves()[1];
    cluster.on("GET /slaves", {
      status: 200,
      json: { slaves: [slaves()[0], { ...only, attributes: { public_ip: "true" } }] },
    });
    const run = await cluster.run(["node", "drain", "agent2", "--no-wait"]);
    expect(run.stderr).toContain("agent2 is the only public machine in use");
  });

  it.each([
    ["DRAINED", "drained", "agent1 is drained already: nothing runs there"],
    ["DRAINING", "draining", "agent1 is being drained: nothing starts there any more"],
  ] as const)("[CLI24] deactivate has nothing to add to %s", async (state, status, says) => {
    drains = [state];
    const run = await cluster.run(["node", "deactivate", "agent1"]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain(says);
    expect(run.stdout).not.toContain("goes on");
    const json = await cluster.run(["node", "deactivate", "agent1", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ node: { status } });
    expect(calls()).toEqual([]);
  });
});

describe("wrong machines", () => {
  it.each([
    ["an unknown one", "agnet1", 4, "Did you mean agent1?"],
    ["one of several", "agent", 1, "agent means several machines: agent1"],
    ["no name at all", "", 4, "There is no machine"],
  ])("[CLI24] %s", async (_name, text, exitCode, words) => {
    for (const verb of ["drain", "deactivate", "reactivate"]) {
      const run = await cluster.run(["node", verb, text]);
      expect(run.exitCode).toBe(exitCode);
      expect(run.stderr).toContain(words);
    }
    expect(calls()).toEqual([]);
  });

  it.each(["-1", "soon", "5 days", ""])("[CLI25] the grace '%s' is none", async (grace) => {
    const run = await cluster.run(["node", "drain", "agent1", `--grace=${grace}`]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("90s, 5m or 1h");
  });

  it.each([
    ["Unknown agent", 4, "does not know the agent"],
    ["Agent is not deactivated", 5, "agent1 is in use"],
    ["Agent is still in the DRAINING state", 5, "cannot be taken back"],
  ])("[CLI24] the master's '%s' in words of use", async (text, exitCode, words) => {
    refusal = text;
    const run = await cluster.run(["node", "reactivate", "agent1"]);
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain(words);
  });

  it("[CLI24] an agent that is gone for ever is told to be, by the master's word", async () => {
    refusal = "Unknown agent";
    const gone_slaves = [{ id: wholeId, gone_time: 1.5 }];
    cluster.on("GET /slaves", (_request, query) => ({
      status: 200,
      json: { slaves: slaves(), ...(query.get("slave_id") === wholeId ? { gone_slaves } : {}) },
    }));
    for (const verb of ["drain", "deactivate", "reactivate"]) {
      const run = await cluster.run(["node", verb, wholeId]);
      expect(run).toMatchObject({ exitCode: 4, stdout: "" });
      expect(run.stderr).toContain(`${wholeId} was removed from the cluster for ever.`);
    }
  });

  it("[CLI24] an agent that is off is named by its whole id", async () => {
    const id = "0f1e2d3c-aaaa-bbbb-cccc-ddddeeeeffff-S9";
    const run = await cluster.run(["node", "reactivate", id]);
    expect(run.exitCode).toBe(0);
    expect(calls()).toMatchObject([{ reactivate_agent: { agent_id: { value: id } } }]);
  });

  it("[CLI21] node list shows what an operator has made of a machine", async () => {
    drains = ["DRAINING"];
    const { stdout } = await cluster.run(["node", "list", "--json"]);
    const { nodes } = JSON.parse(stdout) as { nodes: readonly { status: string }[] };
    expect(nodes.map(({ status }) => status)).toEqual(["draining", "active"]);
  });
});
