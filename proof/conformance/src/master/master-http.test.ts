import { connect } from "node:net";
import { messages, protobufCodec } from "@tutti/mesos-v1";
import type { MasterEvent as OperatorEvent } from "@tutti/mesos-v1";
import { httpRequest } from "@tutti/http";
import { afterEach, describe, expect, it } from "vitest";
import { startMaster } from "@tutti/master";
import { eventually, startWorld, TestAgent, TestScheduler } from "../worlds/http-world.ts";
import type { World } from "../worlds/http-world.ts";

const worlds: World[] = [];

async function world(options: Parameters<typeof startWorld>[0] = {}): Promise<World> {
  const made = await startWorld(options);
  worlds.push(made);
  return made;
}

afterEach(async () => {
  for (const made of worlds.splice(0).toReversed()) await made.end();
});

const json = { "Content-Type": "application/json" };

describe("who may do what", () => {
  it("[MST2] reads are open, what changes something needs the secret", async () => {
    const { send } = await world();
    const status = async (method: string, path: string, body?: string): Promise<number> => {
      const request = { method, path, headers: json, trusted: false };
      return (await send({ ...request, ...(body === undefined ? {} : { body }) })).status;
    };
    expect(await status("GET", "/state")).toBe(200);
    expect(await status("POST", "/state", "{}")).toBe(200);
    expect(await status("POST", "/api/v1", '{"type":"GET_STATE"}')).toBe(200);
    const teardown = '{"type":"TEARDOWN","teardown":{"framework_id":{"value":"x"}}}';
    expect(await status("POST", "/api/v1", teardown)).toBe(401);
    expect(await status("POST", "/teardown", "frameworkId=x")).toBe(401);
    expect(await status("POST", "/api/v1/scheduler", "{}")).toBe(401);
    expect(await status("POST", "/node/v1/stream", "{}")).toBe(401);
    expect(await status("POST", "/node/v1/messages", "{}")).toBe(401);
  });

  it("[MST2] in an open cluster nobody needs it", async () => {
    const { send } = await world({ open: true });
    const body = '{"type":"TEARDOWN","teardown":{"framework_id":{"value":"x"}}}';
    const answer = await send({
      method: "POST",
      path: "/api/v1",
      headers: json,
      body,
      trusted: false,
    });
    expect(answer.text).toBe("No framework found with specified ID");
  });
});

describe("the level of logging", () => {
  it("[MST101] is raised for a while, with the secret, and shown meanwhile", async () => {
    const { send, operator } = await world();
    const level = async (): Promise<unknown> =>
      JSON.parse((await operator({ type: "GET_LOGGING_LEVEL" })).text);
    const shown = (value: number): unknown => ({
      type: "GET_LOGGING_LEVEL",
      get_logging_level: { level: value },
    });
    const raise = {
      type: "SET_LOGGING_LEVEL",
      set_logging_level: { level: 2, duration: { nanoseconds: 60_000_000_000 } },
    };
    const untrusted = { method: "POST", path: "/api/v1", headers: json, trusted: false };
    expect((await send({ ...untrusted, body: JSON.stringify(raise) })).status).toBe(401);
    expect(await level()).toEqual(shown(0));
    expect(await operator(raise)).toMatchObject({ status: 200, text: "" });
    expect(await level()).toEqual(shown(2));
    const toggle = (query: string, trusted = true): ReturnType<typeof send> =>
      send({ method: "GET", path: `/logging/toggle${query}`, trusted });
    expect(await toggle("", false)).toMatchObject({ status: 200, text: "2\n" });
    expect((await toggle("?level=1&duration=1mins", false)).status).toBe(401);
    for (const query of [
      "?level=1",
      "?duration=1mins",
      "?level=1&duration=1",
      "?level=-1&duration=1mins",
    ])
      expect((await toggle(query)).status).toBe(400);
    expect((await toggle("?level=1&duration=20ms")).status).toBe(200);
    await eventually("the end of it", async () =>
      (await toggle("")).text === "0\n" ? true : undefined,
    );
  });
});

describe("streams", () => {
  it("[MST32] on the wire: one record is one chunk, the stream id is a header", async () => {
    const { master, secret } = await world();
    const body =
      '{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"raw","roles":["*"],"capabilities":[{"type":"MULTI_ROLE"}]}}}';
    const socket = connect(Number(new URL(master.url).port), "127.0.0.1");
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.write(
      `POST /api/v1/scheduler HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${secret}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually("the heartbeat", () => (text.includes("HEARTBEAT") ? true : undefined));
    socket.destroy();
    const [head = "", stream = ""] = text.split("\r\n\r\n", 2);
    expect(head).toContain("Transfer-Encoding: chunked");
    expect(head).toMatch(/Mesos-Stream-Id: [0-9a-f-]{36}/u);
    const chunks = stream.split("\r\n");
    const [size = "", first = ""] = chunks;
    expect(first.length).toBe(Number.parseInt(size, 16));
    const [length = "", record = ""] = first.split("\n");
    expect(record.length).toBe(Number(length));
    expect(JSON.parse(record)).toMatchObject({ type: "SUBSCRIBED" });
    expect(chunks.slice(2, 4)).toEqual(["17", '20\n{"type":"HEARTBEAT"}']);
  });

  it("[MST72] operators: a snapshot, a heartbeat, then what happens, also in Protocol Buffers", async () => {
    const it = await world();
    const response = await httpRequest({
      method: "POST",
      url: `${it.master.url}/api/v1`,
      headers: { ...json, Accept: "application/x-protobuf" },
      body: '{"type":"SUBSCRIBE"}',
      dedicated: true,
      bodyTimeoutMs: 10_000,
    });
    expect(response.headers["content-type"]).toBe("application/x-protobuf");
    const agent = await TestAgent.dial(it);
    const scheduler = await TestScheduler.subscribe(it);
    await scheduler.frameworkId();
    const events: OperatorEvent[] = [];
    let rest = Buffer.alloc(0);
    for await (const chunk of response.stream()) {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const end = rest.indexOf(10);
        const length = Number(rest.subarray(0, Math.max(end, 0)).toString());
        if (end < 0 || rest.length < end + 1 + length) break;
        const event = protobufCodec.decode(
          messages.MasterEvent,
          rest.subarray(end + 1, end + 1 + length),
        );
        if (event.ok) events.push(event.value);
        rest = rest.subarray(end + 1 + length);
      }
      if (events.length >= 4) break;
    }
    expect(events.map((event) => event.type)).toEqual([
      "SUBSCRIBED",
      "HEARTBEAT",
      "AGENT_ADDED",
      "FRAMEWORK_ADDED",
    ]);
    expect(events[2]?.agent_added?.agent.agent_info.id?.value).toBe(await agent.id());
  });

  it("[MST33] a scheduler that hangs up is disconnected", async () => {
    const it = await world();
    const scheduler = await TestScheduler.subscribe(it, { failover_timeout: 0 });
    await scheduler.frameworkId();
    scheduler.leave();
    await eventually("the end of the framework", async () => {
      const { completed_frameworks: completed } = (await it.json("/frameworks")) as {
        readonly completed_frameworks: readonly unknown[];
      };
      return completed.length === 1 ? true : undefined;
    });
  });

  it("[MST22] an agent that hangs up is inactive, and active when it dials again with its id", async () => {
    const it = await world();
    const agent = await TestAgent.dial(it);
    const isActive = async (): Promise<boolean> => {
      const { slaves } = (await it.json("/slaves")) as {
        readonly slaves: readonly { readonly active: boolean }[];
      };
      return slaves[0]?.active === true;
    };
    expect(await isActive()).toBe(true);
    agent.hangUp();
    await eventually("the agent's absence", async () => ((await isActive()) ? undefined : true));
    const again = await TestAgent.dial(it, {
      agent: { hostname: "127.0.0.1", id: { value: await agent.id() } },
    });
    expect(await again.id()).toBe(await agent.id());
    expect(await isActive()).toBe(true);
  });
});

describe("what lasts", () => {
  it("[MST10] [MST25] [MST70] agents, weights and the cluster's id outlive the master", async () => {
    const first = await world();
    const agent = await TestAgent.dial(first);
    const id = await agent.id();
    const { clusterId } = await agent.message("welcome");
    await first.operator({
      type: "UPDATE_WEIGHTS",
      update_weights: { weight_infos: [{ role: "dev", weight: 2.5 }] },
    });
    await first.master.stop();
    const second = await world({ stateDir: first.stateDir });
    const slaves = (await second.json("/slaves")) as {
      readonly recovered_slaves: readonly { readonly id: string }[];
    };
    expect(slaves.recovered_slaves.map((slave) => slave.id)).toEqual([id]);
    const weights = await second.operator({ type: "GET_WEIGHTS" });
    expect(JSON.parse(weights.text)).toEqual({
      type: "GET_WEIGHTS",
      get_weights: { weight_infos: [{ weight: 2.5, role: "dev" }] },
    });
    const back = await TestAgent.dial(second, {
      agent: { hostname: "127.0.0.1", id: { value: id } },
      epochSeen: 1,
    });
    expect(await back.message("welcome")).toMatchObject({ agentId: id, clusterId });
    expect(back.inbox.items[0]?.epoch).toBeGreaterThan(agent.inbox.items[0]?.epoch ?? 99);
  });

  it("[MST74] [MST77] quota outlives the master, over both APIs", async () => {
    const first = await world();
    const quota_configs = [{ role: "a/b", limits: { cpus: { value: 2.5 } } }];
    await first.operator({ type: "UPDATE_QUOTA", update_quota: { quota_configs } });
    await first.master.stop();
    const second = await world({ stateDir: first.stateDir });
    expect(await second.json("/master/quota")).toEqual({
      infos: [{ role: "a/b" }],
      configs: quota_configs,
    });
    expect(await second.json("/roles")).toMatchObject({
      roles: [{ name: "a" }, { name: "a/b", quota: { limit: { cpus: 2.5 }, guarantee: {} } }],
    });
    const headers = { authorization: `Bearer ${second.secret}` };
    const remove = async (): Promise<number> =>
      (await fetch(`${second.master.url}/quota/a/b`, { method: "DELETE", headers })).status;
    const unauthorised = await fetch(`${second.master.url}/quota/a/b`, { method: "DELETE" });
    expect(unauthorised.status).toBe(401);
    expect([await remove(), await remove()]).toEqual([200, 400]);
    expect(await second.json("/quota")).toEqual({});
  });

  it("[MST90] a second master waits, sends clients to the first, and takes over from it", async () => {
    const first = await world();
    const port = await freePort();
    const waiting = startMaster({
      ip: "127.0.0.1",
      port,
      clusterName: "golden",
      stateDir: first.stateDir,
      secret: first.secret,
      open: false,
    });
    const ask = async (): Promise<{ status: number; location: string | undefined } | undefined> => {
      try {
        const { status, headers, cancel } = await httpRequest({
          method: "GET",
          url: `http://127.0.0.1:${port}/state`,
        });
        cancel();
        return { status, location: headers["location"] };
      } catch {
        return undefined;
      }
    };
    const redirected = await eventually("an answer of the second", ask);
    expect(redirected).toEqual({
      status: 307,
      location: `//${new URL(first.master.url).host}/state`,
    });
    await first.master.stop();
    const second = await waiting;
    const answer = await eventually("its leadership", async () => {
      const now = await ask();
      return now?.status === 200 ? now : undefined;
    });
    expect(answer.status).toBe(200);
    await second.stop();
  });
});

describe("bad input", () => {
  it.each([
    ["/node/v1/stream", "{", 400, "This is no hello"],
    ["/node/v1/stream", '{"versionMin":1}', 400, "This is no hello"],
    ["/node/v1/messages", "{}", 400, "Expecting the header 'tutti-session' to be present"],
    [
      "/api/v1/scheduler",
      '{"type":"SUBSCRIBE","subscribe":{"framework_info":7}}',
      400,
      "Failed to convert JSON",
    ],
    ["/teardown", "frameworkId=", 400, "No framework found with specified ID"],
  ])("[MST91] %s %s", async (path, body, status, text) => {
    const { send } = await world();
    const answer = await send({ method: "POST", path, headers: json, body });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
  });

  it("[MST91] an oversized body is 413, and the process lives on", async () => {
    const { send } = await world();
    const body = `{"type":"${"x".repeat(5 * 1024 * 1024)}"}`;
    const answer = await send({ method: "POST", path: "/api/v1", headers: json, body });
    expect(answer.status).toBe(413);
    expect((await send({ method: "GET", path: "/health" })).status).toBe(200);
  });

  it("[MST91] a callback that is no name of a function is refused", async () => {
    const { send } = await world();
    const answer = await send({ method: "GET", path: "/state?jsonp=alert(1)//" });
    expect(answer.status).toBe(400);
  });

  it("[MST15] posts of a session that is over are 410", async () => {
    const { send } = await world();
    const answer = await send({
      method: "POST",
      path: "/node/v1/messages",
      headers: { ...json, "tutti-session": "gone" },
      body: '{"acknowledged":0,"messages":[]}',
    });
    expect(answer.status).toBe(410);
  });
});

async function freePort(): Promise<number> {
  const made = await startWorld();
  const port = Number(new URL(made.master.url).port);
  await made.end();
  return port;
}
