import { jsonReply, startHttpServer } from "@tutti/http";
import type { HttpReply, HttpServer } from "@tutti/http";
import { systemClock } from "@tutti/ports/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentBook } from "./agent-book.ts";

let server: HttpServer;
let asked = 0;
let reply: HttpReply;

beforeEach(async () => {
  asked = 0;
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [
      {
        path: "/slaves",
        methods: {
          GET: () => {
            asked += 1;
            return reply;
          },
        },
      },
    ],
    onError: (error) => {
      throw error;
    },
  });
});

afterEach(() => server.close());

const agent = { id: "S0", hostname: "10.0.0.1", active: true };

describe("what the master says of its agents", () => {
  it("[MAR40] is asked for once by all who ask within a second", async () => {
    reply = jsonReply(200, { slaves: [agent], recovered_slaves: [{ id: "S1", hostname: "h" }] });
    const book = new AgentBook(systemClock);
    const answers = await Promise.all([book.read(server.url), book.read(server.url)]);
    expect(answers[0]).toEqual({ agents: [agent], recovered: [{ id: "S1", hostname: "h" }] });
    expect(answers[1]).toBe(answers[0]);
    expect(asked).toBe(1);
  });

  it("[MAR40] is asked anew of another master, and later", async () => {
    reply = jsonReply(200, { slaves: [] });
    let monoMs = 0;
    const book = new AgentBook({ ...systemClock, monoMs: () => monoMs });
    await book.read(server.url);
    expect(await book.read("http://127.0.0.1:1")).toBeUndefined();
    await book.read(server.url);
    monoMs = 5000;
    await book.read(server.url);
    expect(asked).toBe(3);
  });

  it.each<readonly [string, HttpReply, unknown]>([
    ["no JSON", { status: 200, body: "<html>" }, undefined],
    ["another shape", jsonReply(200, { agents: 3 }), undefined],
    ["a refusal", jsonReply(503, { slaves: [] }), undefined],
    [
      "agents of another shape among good ones",
      jsonReply(200, { slaves: [null, 3, { id: "x" }, agent], recovered_slaves: "?" }),
      { agents: [agent], recovered: [] },
    ],
  ])("[MAR40] %s costs nothing but the answer", async (_name, given, expected) => {
    reply = given;
    expect(await new AgentBook(systemClock).read(server.url)).toEqual(expected);
  });
});
