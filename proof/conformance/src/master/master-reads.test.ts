import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, TestAgent, TestScheduler } from "../worlds/http-world.ts";
import type { World } from "../worlds/http-world.ts";
import { readExchange } from "../recordings/exchanges.ts";
import { launch, report } from "../worlds/play.ts";

let world: World;
let agentId: string;
let frameworkIds: readonly string[];

/** Two frameworks: `a` has run one task after the other, `b` runs one. */
beforeAll(async () => {
  world = await startWorld();
  const agent = await TestAgent.dial(world);
  agentId = await agent.id();
  const a = await TestScheduler.subscribe(world, { name: "a" });
  for (const id of ["a-1", "a-2", "a-3"]) {
    await launch(agent, a, id);
    await report(agent, a, id, "TASK_FINISHED", "c");
  }
  await a.call({ type: "SUPPRESS" });
  a.leave();
  const b = await TestScheduler.subscribe(world, { name: "b" });
  await launch(agent, b, "b-1");
  frameworkIds = [await a.frameworkId(), await b.frameworkId()];
});

afterAll(() => world.end());

async function get(path: string): Promise<{ readonly status: number; readonly text: string }> {
  return world.send({ method: "GET", path, trusted: false });
}

const paths = ["state", "state-summary", "slaves", "frameworks", "tasks", "roles", "flags"];

describe("[MST80] every read", () => {
  it.each([...paths, "version", "weights", "quota", "health", "maintenance/status"])(
    "/%s is also found under /master, with a trailing slash, by POST and HEAD",
    async (path) => {
      const plain = await get(`/${path}`);
      expect(plain.status).toBe(200);
      for (const other of [`/master/${path}`, `/${path}/`, `/master/${path}/`]) {
        expect(await get(other)).toMatchObject({ status: 200, text: plain.text });
      }
      const head = await world.send({ method: "HEAD", path: `/${path}`, trusted: false });
      expect(head).toMatchObject({ status: 200, text: "" });
    },
  );

  it("[MST81] /metrics/snapshot is also found under /master", async () => {
    const names = async (path: string): Promise<readonly string[]> =>
      Object.keys(JSON.parse((await get(path)).text) as object);
    expect(await names("/master/metrics/snapshot")).toEqual(await names("/metrics/snapshot"));
  });

  it("/system/stats.json tells of the machine what the agent's does", async () => {
    const { response } = readExchange("agent_running/GET_system_stats.json");
    const recorded = (response.body as { readonly json: object }).json;
    const ours = JSON.parse((await get("/system/stats.json")).text) as object;
    expect(Object.keys(ours).toSorted()).toEqual(Object.keys(recorded).toSorted());
  });

  it.each([...paths, "version", "weights", "metrics/snapshot"])("/%s is a script", async (path) => {
    const answer = await world.send({ method: "GET", path: `/${path}?jsonp=a.b_c$1` });
    expect(answer.headers["content-type"]).toBe("text/javascript");
    const argument = /^a\.b_c\$1\((.*)\)$/su.exec(answer.text)?.[1] ?? "";
    expect(JSON.parse(argument)).toBeDefined();
  });

  it.each(["x(", "1a", "a b", "a..b", "", "</script>", "a\u2028", "x".repeat(200)])(
    "a callback '%s' is refused",
    async (name) => {
      const answer = await get(`/state?jsonp=${encodeURIComponent(name)}`);
      expect(answer.status).toBe(400);
    },
  );
});

describe("[MST82] the operator API", () => {
  it.each(["/api/v1", "/api/v1/", "/master/api/v1", "/api/v1/operator", "/master/api/v1/operator"])(
    "is at %s, and reading needs no secret",
    async (path) => {
      const answer = await world.send({
        method: "POST",
        path,
        trusted: false,
        headers: { "content-type": "application/json" },
        body: '{"type":"GET_HEALTH"}',
      });
      expect(JSON.parse(answer.text)).toEqual({
        type: "GET_HEALTH",
        get_health: { healthy: true },
      });
    },
  );
});

describe("[MST80] /tasks", () => {
  async function ids(query: string): Promise<readonly string[]> {
    const { tasks } = JSON.parse((await get(`/tasks?${query}`)).text) as {
      readonly tasks: readonly { readonly id: string }[];
    };
    return tasks.map(({ id }) => id);
  }

  it("shows all, of one framework, of one id, of both", async () => {
    expect((await ids("")).toSorted()).toEqual(["a-1", "a-2", "a-3", "b-1"]);
    expect((await ids(`framework_id=${frameworkIds[0]}`)).toSorted()).toEqual([
      "a-1",
      "a-2",
      "a-3",
    ]);
    expect(await ids("task_id=a-2")).toEqual(["a-2"]);
    expect(await ids(`task_id=a-2&framework_id=${frameworkIds[1]}`)).toEqual([]);
    expect(await ids("framework_id=nobody")).toEqual([]);
  });

  it("is cut into pages, in either order", async () => {
    const all = await ids("order=asc");
    const pages = [
      ...(await ids("order=asc&limit=3")),
      ...(await ids("order=asc&limit=3&offset=3")),
    ];
    expect(pages).toEqual(all);
    expect(await ids("offset=100")).toEqual([]);
    expect(await ids("limit=0")).toEqual([]);
    expect(await ids("limit=2")).toHaveLength(2);
  });

  it.each(["limit=x", "limit=-1", "offset=-1", "offset=1e9999", "order=sideways", "limit="])(
    "%s is ignored",
    async (query) => {
      expect(await ids(query)).toEqual(await ids(""));
    },
  );
});

describe("[MST80] filters", () => {
  it("of agents and frameworks", async () => {
    const count = async (path: string, list: string): Promise<number> => {
      const answer = JSON.parse((await get(path)).text) as Readonly<Record<string, unknown[]>>;
      return answer[list]?.length ?? -1;
    };
    expect(await count(`/slaves?slave_id=${agentId}`, "slaves")).toBe(1);
    expect(await count("/slaves?slave_id=none", "slaves")).toBe(0);
    expect(await count(`/frameworks?framework_id=${frameworkIds[1]}`, "frameworks")).toBe(1);
    expect(await count("/frameworks?framework_id=none", "frameworks")).toBe(0);
    expect(await count("/frameworks", "frameworks")).toBe(2);
  });
});
