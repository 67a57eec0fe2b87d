import { jsonReply, startHttpServer } from "@tutti/http";
import type { HttpReply, HttpServer } from "@tutti/http";
import { systemClock } from "@tutti/ports/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MasterBook } from "./master-book.ts";

let server: HttpServer;
let asked = 0;
let reply: HttpReply;
let rolesReply: HttpReply;

beforeEach(async () => {
  asked = 0;
  rolesReply = jsonReply(200, { roles: [] });
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [
      {
        path: "/api/v1",
        methods: {
          POST: () => {
            asked += 1;
            return reply;
          },
        },
      },
      { path: "/roles", methods: { GET: () => rolesReply } },
    ],
    onError: (error) => {
      throw error;
    },
  });
});

afterEach(() => server.close());

const scalar = { name: "cpus", type: "SCALAR", scalar: { value: 4 } };
const ports = { name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: "9" }] } };
const kept = [{ type: "STATIC", role: "slave_public" }];
const agent = {
  agent_info: { id: { value: "S0" }, hostname: "10.0.0.1" },
  active: true,
  version: "1.12.0",
  pid: "slave(1)@10.0.0.1:5051",
  total_resources: [scalar, ports, { ...scalar, reservations: kept }],
  allocated_resources: [{ ...scalar, scalar: { value: 1 } }],
};
const known = {
  id: "S0",
  hostname: "10.0.0.1",
  pid: "slave(1)@10.0.0.1:5051",
  active: true,
  deactivated: false,
  unreserved_resources_full: [scalar, { ...ports, ranges: { range: [{ begin: 1, end: 9 }] } }],
  reserved_resources_full: { slave_public: [{ ...scalar, reservations: kept }] },
  used_resources_full: [{ ...scalar, scalar: { value: 1 } }],
};

/** The answer to GET_AGENTS. */
function agentsReply(getAgents: object): HttpReply {
  return jsonReply(200, { type: "GET_AGENTS", get_agents: getAgents });
}

describe("what the master says of its agents and roles", () => {
  it("[MAR40] is asked for once by all who ask within a second", async () => {
    const lost = { id: { value: "S1" }, hostname: "h" };
    reply = agentsReply({ agents: [agent], recovered_agents: [lost] });
    const book = new MasterBook(systemClock);
    const answers = await Promise.all([book.read(server.url), book.read(server.url)]);
    expect(answers[0]).toEqual({
      agents: { agents: [known], recovered: [{ id: "S1", hostname: "h" }] },
      roles: [],
    });
    expect(answers[1]).toBe(answers[0]);
    expect(asked).toBe(1);
  });

  it("[MAR40] is asked anew of another master, and later", async () => {
    reply = agentsReply({});
    let monoMs = 0;
    const book = new MasterBook({ ...systemClock, monoMs: () => monoMs });
    await book.read(server.url);
    expect(await book.read("http://127.0.0.1:1")).toBeUndefined();
    await book.read(server.url);
    monoMs = 5000;
    await book.read(server.url);
    expect(asked).toBe(3);
  });

  it.each<readonly [string, HttpReply, unknown]>([
    ["no JSON", { status: 200, body: "<html>" }, undefined],
    ["another answer", jsonReply(200, { type: "GET_HEALTH" }), undefined],
    ["another shape", agentsReply({ agents: 3 }), undefined],
    ["an agent of another shape", agentsReply({ agents: [{ agent_info: 3 }] }), undefined],
    ["a refusal", jsonReply(503, {}), undefined],
    ["no agents at all", agentsReply({}), { agents: { agents: [], recovered: [] }, roles: [] }],
  ])("[MAR40] %s costs nothing but the answer", async (_name, given, expected) => {
    reply = given;
    expect(await new MasterBook(systemClock).read(server.url)).toEqual(expected);
  });

  const quota = { role: "*", guarantee: {}, limit: { cpus: 0.4 }, consumed: { cpus: 0.4 } };
  const roles = [{ name: "*", weight: 1, quota }, { name: "dev" }];
  it.each<readonly [string, HttpReply, unknown]>([
    ["quota of roles", jsonReply(200, { roles }), { roles }],
    ["no roles in the answer", jsonReply(200, []), {}],
    ["a role of another shape", jsonReply(200, { roles: [{ name: 3 }] }), {}],
    [
      "quota of another shape",
      jsonReply(200, { roles: [{ name: "a", quota: { limit: { cpus: "x" } } }] }),
      {},
    ],
    ["a refusal", jsonReply(403, {}), {}],
  ])("[WHY15] %s", async (_name, given, expected) => {
    reply = agentsReply({});
    rolesReply = given;
    const agents = { agents: [], recovered: [] };
    const words = await new MasterBook(systemClock).read(server.url);
    expect(words).toEqual({ agents, ...(expected as object) });
  });
});
