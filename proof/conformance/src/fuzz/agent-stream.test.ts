import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRecord, startHttpServer } from "@tutti/http";
import type { HttpServer } from "@tutti/http";
import { nodePaths } from "@tutti/node-v1";
import type { AgentPost, MasterMessage } from "@tutti/node-v1";
import { startAgent } from "@tutti/agent";
import type { RunningAgent } from "@tutti/agent";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agentConfigFor } from "../worlds/cluster.ts";
import { eventually } from "../worlds/http-world.ts";

const record = (value: unknown): Uint8Array => encodeRecord(JSON.stringify(value));
const envelope = (seq: number, message: unknown): Uint8Array => record({ epoch: 1, seq, message });
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

const welcome: MasterMessage = {
  type: "welcome",
  version: 1,
  sessionId: "s",
  agentId: "3b47d1f3-5c9c-4c02-b7d2-9ad4b9172b64-S0",
  clusterId: "c",
  pingIntervalMs: 15_000,
  pingTimeoutMs: 75_000,
};

/** What a master says after its welcome, until the stream ends or is cut. */
const ends: readonly (readonly [string, Uint8Array])[] = [
  ["nothing", bytes("")],
  ["half a length", bytes("12")],
  ["half a record", envelope(2, { type: "ping" }).subarray(0, 20)],
  ["a length that is no number", bytes("x\n{}")],
  ["a negative length", bytes("-5\n{}")],
  ["a length beyond all bounds", bytes("99999999999999999999\n{}")],
  ["a record beyond the bound", bytes("999999999\n{}")],
  ["no JSON", encodeRecord("{")],
  ["bytes that are no text", encodeRecord(Uint8Array.from([0xff, 0xfe, 0x80]))],
  ["JSON that is no envelope", record([1, 2])],
  ["an envelope without a message", record({ epoch: 1, seq: 2 })],
  ["a launch without a task", envelope(2, { type: "launchTask", principal: "p" })],
  ["a number too high", envelope(7, { type: "ping" })],
  ["a second welcome", envelope(2, welcome)],
  ["an older epoch", record({ epoch: 0, seq: 2, message: { type: "ping" } })],
];

const dir = mkdtempSync(join(tmpdir(), "tutti-stream-"));
const fatal: Error[] = [];
const posts: AgentPost[] = [];
let server: HttpServer;
let agent: RunningAgent;
/** What the next stream says after its welcome; without it, nothing. */
let next: Uint8Array | undefined;
let isLasting = false;
let dials = 0;

beforeAll(async () => {
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [
      {
        path: nodePaths.stream,
        methods: {
          POST: () => ({
            status: 200,
            stream: (writer) => {
              dials += 1;
              writer.write(envelope(1, welcome));
              if (next !== undefined) writer.write(next);
              next = undefined;
              if (!isLasting) writer.end();
            },
          }),
        },
      },
      {
        path: nodePaths.messages,
        methods: {
          POST: ({ body }) => {
            posts.push(JSON.parse(Buffer.from(body).toString()) as AgentPost);
            return { status: 202 };
          },
        },
      },
    ],
    onError: (error) => fatal.push(error as Error),
  });
  const config = await agentConfigFor(dir, [server.url], "a-secret");
  agent = await startAgent({ ...config, onFatal: (error) => fatal.push(error) });
});

afterAll(async () => {
  await agent.stop();
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

it.each(ends)(
  "[AGT2] [AGT3] a stream that goes on with %s: the agent calls again",
  async (_, end) => {
    next = end;
    await eventually("the next call", () => (next === undefined ? true : undefined));
    const before = dials;
    await eventually("one more", () => (dials > before ? true : undefined));
    expect(fatal).toEqual([]);
  },
);

it("[AGT3] after all that, a master that speaks properly has an agent", async () => {
  const before = posts.length;
  isLasting = true;
  next = Buffer.concat([
    envelope(2, { type: "of a later release" }),
    envelope(3, { type: "ping" }),
  ]);
  await eventually("its answer", () =>
    posts.slice(before).some((post) => post.acknowledged >= 2) ? true : undefined,
  );
  expect((await fetch(`${agent.url}/health`)).status).toBe(200);
  expect(fatal).toEqual([]);
});
