import { describe, expect, it } from "vitest";
import type { AgentRecord } from "../core/events.ts";
import { plainJson } from "../core/read/v0/plain-json.ts";
import { formatMasterEnvelope, parseAgentHello, parseAgentPost } from "./node-messages.ts";
import { taskQueryOf, timeoutFaultOf } from "./query.ts";
import { formatAgentRecord, parseAgentRecord } from "./registry.ts";

describe("records of agents", () => {
  it("[MST10] come back as they went, 64-bit numbers included", () => {
    const record: AgentRecord = {
      schema: 1,
      info: {
        hostname: "h",
        port: 5051,
        id: { value: "S0" },
        attributes: [
          {
            name: "span",
            type: "RANGES",
            ranges: { range: [{ begin: 1, end: 9_007_199_254_740_993n }] },
          },
        ],
      },
      bootId: "b",
      release: "0.1.0",
      capabilities: ["MULTI_ROLE"],
      registeredMs: 5,
      unreachableMs: 7,
    };
    const back = parseAgentRecord(formatAgentRecord(record));
    expect({ ...back, info: undefined }).toEqual({ ...record, info: undefined });
    expect(back.info.id).toEqual({ value: "S0" });
    expect(Number(back.info.attributes?.[0]?.ranges?.range?.[0]?.end)).toBe(2 ** 53);
  });

  it("[MST10] of another schema are not guessed at", () => {
    expect(() => parseAgentRecord('{"schema":2}')).toThrow("schema 2");
  });
});

describe("messages of agents", () => {
  it.each([
    ["[]", "no JSON object"],
    ['{"versionMin":"1"}', "whole numbers"],
    ['{"versionMin":1,"versionMax":1,"epochSeen":0}', "'bootId' and 'release'"],
    [
      '{"versionMin":1,"versionMax":1,"epochSeen":0,"bootId":"b","release":"r","capabilities":[1]}',
      "'capabilities'",
    ],
    [
      '{"versionMin":1,"versionMax":1,"epochSeen":0,"bootId":"b","release":"r","agent":{}}',
      "'agent': Missing required fields: hostname",
    ],
    [
      '{"versionMin":1,"versionMax":1,"epochSeen":0,"bootId":"b","release":"r","agent":{"hostname":"h"},"tasks":[{}]}',
      "'tasks': Missing required fields",
    ],
  ])("[MST13] %s is no hello", (text, reason) => {
    const parsed = parseAgentHello(text);
    expect(parsed.ok ? "" : parsed.error.message).toContain(reason);
  });

  it("[MST15] unknown kinds of messages are passed over, malformed ones refused", () => {
    const text =
      '{"acknowledged":1,"messages":[{"seq":1,"message":{"type":"new"}},{"seq":2,"message":{"type":"pong"}}]}';
    expect(parseAgentPost(text)).toEqual({
      ok: true,
      value: { acknowledged: 1, messages: [{ seq: 2, message: { type: "pong" } }] },
    });
    expect(parseAgentPost('{"acknowledged":-1,"messages":[]}').ok).toBe(false);
    const bad =
      '{"acknowledged":0,"messages":[{"seq":1,"message":{"type":"statusUpdate","frameworkId":"f","status":{}}}]}';
    expect(parseAgentPost(bad).ok).toBe(false);
  });

  it("[MST17] a launch with a huge duration can be sent", () => {
    const text = formatMasterEnvelope({
      epoch: 1,
      seq: 2,
      message: {
        type: "launchTask",
        principal: "p",
        framework: { user: "u", name: "n" },
        task: {
          name: "t",
          task_id: { value: "t" },
          agent_id: { value: "a" },
          max_completion_time: { nanoseconds: 9_007_199_254_740_993n },
        },
      },
    });
    expect(text).toContain('"nanoseconds":9007199254740993');
    expect(JSON.parse(text)).toMatchObject({
      epoch: 1,
      message: { type: "launchTask", principal: "p" },
    });
  });
});

describe("what the older endpoints read and print", () => {
  it.each([
    [null, undefined],
    ["2secs", undefined],
    ["bogus", "Invalid timeout 'bogus': Failed to convert '' to number.\n"],
    ["5", "Invalid timeout '5': Unknown duration unit\n"],
  ])("[MST81] timeout %s", (text, fault) => {
    expect(timeoutFaultOf(text)).toBe(fault);
  });

  it("[MST80] a bad limit is ignored", () => {
    expect(taskQueryOf(new URLSearchParams("limit=x&offset=2&order=asc"))).toEqual({
      limit: 100,
      offset: 2,
      order: "asc",
    });
  });

  it("[MST80] 64-bit numbers can be printed", () => {
    expect(plainJson({ a: [1n, { b: 2n }], c: "x" })).toEqual({ a: [1, { b: 2 }], c: "x" });
  });
});
