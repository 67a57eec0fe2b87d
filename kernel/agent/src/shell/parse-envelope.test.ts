import { describe, expect, it } from "vitest";
import { parseMasterEnvelope } from "./parse-envelope.ts";

function parse(message: unknown): ReturnType<typeof parseMasterEnvelope> {
  return parseMasterEnvelope(Buffer.from(JSON.stringify({ epoch: 1, seq: 2, message })));
}

const framework = { user: "u", name: "n" };
const task = { name: "t", task_id: { value: "t" }, agent_id: { value: "a" } };

describe("[AGT3] messages of the master", () => {
  it.each([
    [{ type: "ping" }],
    [{ type: "refused", code: "C", reason: "r", final: true }],
    [{ type: "launchTask", principal: "p", framework, task }],
    [{ type: "killTask", frameworkId: "f", taskId: "t" }],
    [{ type: "acknowledgeStatus", frameworkId: "f", taskId: "t", uuid: "u" }],
    [{ type: "shutdownFramework", frameworkId: "f" }],
    [{ type: "updateFramework", framework }],
  ])("%j", (message) => {
    expect(parse(message)).toEqual({ ok: true, value: { epoch: 1, seq: 2, message } });
  });

  it("one of a later release is a sign of life", () => {
    expect(parse({ type: "drain", soon: true })).toMatchObject({
      ok: true,
      value: { seq: 2, message: { type: "ping" } },
    });
  });

  it.each([
    [{}],
    [null],
    ["ping"],
    [{ type: 7 }],
    [{ type: "welcome" }],
    [{ type: "launchTask", principal: "p", framework }],
    [{ type: "launchTask", principal: "p", framework, task: { ...task, task_id: 5 } }],
    [{ type: "killTask", frameworkId: "f" }],
    [{ type: "killTask", frameworkId: "f", taskId: "t", killPolicy: [] }],
    [{ type: "updateFramework", framework: null }],
  ])("%j is refused", (message) => {
    expect(parse(message).ok).toBe(false);
  });

  it.each(["", "{", "[]", "null", '{"epoch":1}', '{"epoch":-1,"seq":1,"message":{"type":"ping"}}'])(
    "the record '%s' is refused",
    (text) => {
      expect(parseMasterEnvelope(Buffer.from(text)).ok).toBe(false);
    },
  );
});
