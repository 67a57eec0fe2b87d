import { describe, expect, it } from "vitest";
import { parseConfig } from "./config.ts";

const master = {
  ip: "10.213.0.2",
  port: 5050,
  hostname: "10.213.0.2",
  secret: "s",
  open: false,
  clusterName: "c",
  stateDir: "/x",
};

describe("the configuration of a process", () => {
  it("[MAC10] is read whole", () => {
    const patient = { ...master, agentPingTimeoutMs: 30_000, maxAgentPingTimeouts: 10 };
    for (const value of [master, patient])
      expect(parseConfig("master", JSON.stringify(value))).toEqual({ ok: true, value });
  });

  it.each([
    ["master", "{", /no JSON/],
    ["master", "[]", /not an object/],
    ["master", JSON.stringify({ ...master, port: "5050" }), /"port" must be a number/],
    ["master", JSON.stringify({ ...master, extra: 1 }), /unknown field "extra"/],
    ["master", JSON.stringify({ ...master, maxAgentPingTimeouts: 0 }), /whole number above 0/],
    [
      "master",
      JSON.stringify({ ...master, agentPingTimeoutMs: "4000" }),
      /"agentPingTimeoutMs" must/,
    ],
    ["services", "{}", /marathon: not an object/],
    ["services", JSON.stringify({ metronome: {} }), /unknown field "metronome"/],
    ["agent", JSON.stringify({ ...master, masters: [] }), /"masters" must be a list/],
  ] as const)("[MAC10] %s refuses %s", (name, text, message) => {
    const result = parseConfig(name, text);
    expect(result.ok ? "" : result.error.message).toMatch(message);
  });
});
