import { describe, expect, test } from "vitest";
import { messages, parseJson, toJson } from "./index.ts";
import type { MessageDescriptor } from "./index.ts";

function told(descriptor: MessageDescriptor, input: unknown): unknown {
  const parsed = parseJson(descriptor, input);
  return parsed.ok ? parsed.value : `${parsed.error.code}: ${parsed.error.message}`;
}

const readFile = (fields: object): object => ({
  type: "READ_FILE",
  read_file: { path: "/x", ...fields },
});

describe("JSON in", () => {
  test.each([
    [
      "unknown fields and nulls are ignored",
      '{"type":"GET_HEALTH","bogus":[{}],"get_metrics":null}',
      { type: "GET_HEALTH" },
    ],
    [
      "the last of repeated keys counts",
      '{"type":"GET_HEALTH","type":"GET_VERSION"}',
      { type: "GET_VERSION" },
    ],
    ["camelCase is not recognised", '{"getMetrics":{}}', {}],
    ["enum names have their case", '{"type":"get_health"}', {}],
  ])("[MV1] %s", (_, text, expected) => {
    expect(told(messages.MasterCall, text)).toEqual(expected);
  });

  test.each([
    [
      { offset: "0", length: "5" },
      { offset: 0, length: 5 },
    ],
    [{ offset: 1.9 }, { offset: 1 }],
    [{ offset: 1.5e9 }, { offset: 1_500_000_000 }],
    [{ offset: "18446744073709551615" }, { offset: 18446744073709551615n }],
  ])("[MV2] numbers may be strings, fractions are cut off: %j", (given, expected) => {
    expect(told(messages.MasterCall, readFile(given))).toEqual(readFile(expected));
  });

  test("[MV2] booleans may be strings", () => {
    const call = { type: "UPDATE_QUOTA", update_quota: { force: "true", quota_configs: [] } };
    const read = { type: "UPDATE_QUOTA", update_quota: { force: true } };
    expect(told(messages.MasterCall, call)).toEqual(read);
  });

  test.each([
    [readFile({ offset: -1 }), "Number -1 is out of range for field 'offset'"],
    [
      readFile({ offset: "x" }),
      "Failed to parse 'x' as a JSON number for field 'offset': syntax error at line 1 near: x",
    ],
    [
      readFile({ offset: "true" }),
      "Failed to parse 'true' as a JSON number for field 'offset': Unexpected JSON type parsed",
    ],
    [readFile({ offset: [] }), "Not expecting a JSON array for field 'offset'"],
    [{ type: 1 }, "Not expecting a JSON number for field 'type'"],
    [{ read_file: "x" }, "Not expecting a JSON string for field 'read_file'"],
    [{ type: true }, "Not expecting a JSON boolean for field 'type'"],
    [
      { set_logging_level: { level: 4294967296 } },
      "Number 4294967296 is out of range for field 'level'",
    ],
    [[], "Expecting a JSON object"],
  ])("[MV3] %j is refused", (call, text) => {
    expect(told(messages.MasterCall, call)).toBe(`JSON_SHAPE: ${text}`);
  });

  test("[MV3] of several faults that of the first key in the alphabet is told", () => {
    const call = { type: "READ_FILE", read_file: { path: 5, offset: "x" } };
    expect(told(messages.MasterCall, call)).toMatch(/field 'offset'/);
  });

  test.each([
    [messages.ExecutorCall, { type: "SUBSCRIBE" }, "executor_id, framework_id"],
    [
      messages.MasterCall,
      { update_quota: { quota_configs: {} } },
      "update_quota.quota_configs[0].role",
    ],
    [
      messages.TaskInfo,
      { limits: { cpus: {} } },
      "name, task_id, agent_id, limits[cpus].value.value",
    ],
  ] as const)("[MV4] missing required fields are named", (descriptor, call, paths) => {
    expect(told(descriptor, call)).toBe(`MISSING_REQUIRED: Missing required fields: ${paths}`);
  });

  test("[MV4] an unknown name in a required enum is refused", () => {
    expect(told(messages.Resource, { name: "cpus", type: "FOO" })).toBe(
      "JSON_SHAPE: Failed to find enum for 'FOO'",
    );
  });

  test.each([
    ["", "syntax error at line 1 near: "],
    ["{", "syntax error at line 1 near: "],
    ["{not json", "syntax error at line 1 near: not json"],
    ['{"a":\n tru}', "syntax error at line 2 near: tru}"],
    ['{"a":1,}', "syntax error at line 1 near: }"],
    ["[1 2]", "syntax error at line 1 near: 2]"],
    ['{"type":"GET_HEALTH"} xx', "Parsed JSON included non-whitespace trailing characters:  xx"],
  ])("[MV5] broken text %j", (text, expected) => {
    expect(told(messages.MasterCall, text)).toBe(`JSON_SYNTAX: ${expected}`);
  });

  test("[MV5] a syntax error repeats no more than a bounded part of the text", () => {
    expect(String(told(messages.MasterCall, `{${"x".repeat(100_000)}`)).length).toBeLessThan(300);
  });

  test("[MV6] whole numbers keep every digit, also beside text that looks like one", () => {
    const text = '{"nanoseconds":1795340747071932929}';
    expect(told(messages.TimeInfo, text)).toEqual({ nanoseconds: 1795340747071932929n });
    expect(toJson(messages.TimeInfo, { nanoseconds: 1795340747071932929n })).toBe(text);
    const odd = { key: 'a":1795340747071932929,', value: ":1795340747071932929}" };
    expect(told(messages.Label, JSON.stringify(odd))).toEqual(odd);
    const both = `{"unavailability":{"start":{"nanoseconds":1795340747071932929}},"id":{"hostname":",1795340747071932929,"}}`;
    expect(told(messages.MachineInfo, both)).toEqual({
      id: { hostname: ",1795340747071932929," },
      unavailability: { start: { nanoseconds: 1795340747071932929n } },
    });
    expect(told(messages.Label, '{"key":1795340747071932929}')).toMatch(
      /Not expecting a JSON number for field 'key'/,
    );
  });

  test("[MV8] too deep a nesting is refused, not a crash", () => {
    const deep = `${'{"value":"c","parent":'.repeat(5000)}{"value":"c"}${"}".repeat(5000)}`;
    expect(told(messages.ContainerID, deep)).toBe("TOO_DEEP: Messages may nest 100 deep");
    const arrays = `{"roles":${"[".repeat(5000)}${"]".repeat(5000)}}`;
    expect(told(messages.FrameworkInfo, arrays)).toMatch(/^TOO_DEEP/);
  });

  test("[MV1] one element may stand for an array; arrays in arrays are joined; unknown enum names fall out", () => {
    const roles = (given: unknown): unknown => told(messages.SchedulerCallRevive, { roles: given });
    expect(roles("a")).toEqual({ roles: ["a"] });
    expect(roles([["a"], [["b"]], null])).toEqual({ roles: ["a", "b"] });
    const capabilities = [{ type: "NEW_ONE" }, { type: "MULTI_ROLE" }];
    expect(told(messages.MasterInfo, { id: "m", ip: 1, port: 2, capabilities })).toMatchObject({
      capabilities: [{}, {}],
    });
  });

  test.each([
    ["AQI=", "AQI="],
    ["AQI", "AQI="],
    ["AQ I=\n", "AQI="],
    ["AQL=", "AQI="],
    ["", ""],
  ])("[MV2] base64 %j becomes %j", (given, expected) => {
    expect(told(messages.UUID, { value: given })).toEqual({ value: expected });
  });
});

describe("JSON out", () => {
  test("[MV9] defaults are shown unless deprecated, empty collections are omitted", () => {
    expect(toJson(messages.FrameworkInfo, { user: "u", name: "n", roles: [], labels: {} })).toBe(
      '{"user":"u","name":"n","failover_timeout":0.0,"checkpoint":false,"labels":{}}',
    );
    expect(
      toJson(messages.Resource, { name: "cpus", type: "SCALAR", scalar: { value: 0.5 } }),
    ).toBe('{"name":"cpus","type":"SCALAR","scalar":{"value":0.5}}');
    expect(toJson(messages.OfferFiltersResourceQuantities, { quantities: {} })).toBe("{}");
  });

  test("[MV10] the operators' lists show their empty collections", () => {
    expect(toJson(messages.MasterResponseGetTasks, {})).toBe(
      '{"tasks":[],"unreachable_tasks":[],"completed_tasks":[]}',
    );
    expect(toJson(messages.MasterResponseGetRoles, { roles: [] })).toBe("{}");
  });

  test("[MV11] doubles have a decimal point, text is escaped", () => {
    expect(toJson(messages.ValueScalar, { value: 4 })).toBe('{"value":4.0}');
    expect(toJson(messages.ValueScalar, { value: 1e21 })).toBe('{"value":1e+21}');
    expect(toJson(messages.ValueText, { value: 'a"\n\u{1f600}' })).toBe('{"value":"a\\"\\n😀"}');
  });
});
