import { describe, expect, it } from "vitest";
import { parseAppInput, parseAppInputs, parseTaskIds } from "./parse-app.ts";

function detailsOf(value: unknown): readonly string[] {
  const parsed = parseAppInput(value);
  if (parsed.ok) return [];
  return (parsed.error.details ?? []).map(({ path, errors }) => `${path}: ${errors.join("; ")}`);
}

describe("parseAppInput", () => {
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    ["[APP1] a number as text", { cpus: "1" }, ["/cpus: must be a number, got the string '1'"]],
    ["[APP1] text as a number", { cmd: 5 }, ["/cmd: must be a string, got 5"]],
    ["[APP1] an array as object", { env: [] }, ["/env: must be an object, got an array"]],
    ["[APP1] no object at all", [], ["/: must be an object, got an array"]],
    [
      "[APP1] deep inside",
      { portDefinitions: [{ port: 80 }, { port: 1, name: "UPPER" }] },
      ["/portDefinitions(1)/name: must consist of lower-case letters, digits and inner dashes"],
    ],
    ["[APP2] a negative amount", { mem: -1 }, ["/mem: must be at least 0, got -1"]],
    ["[APP2] too little cpu", { cpus: 0 }, ["/cpus: must be at least 0.001, got 0"]],
    [
      "[APP2] half an instance",
      { instances: 1.5 },
      ["/instances: must be a whole number, got 1.5"],
    ],
    [
      "[APP2] an unknown word",
      { killSelection: "RANDOM" },
      ["/killSelection: must be one of YOUNGEST_FIRST, OLDEST_FIRST, got 'RANDOM'"],
    ],
    [
      "[APP3] an unknown field",
      { id: "/a", cmd: "x", instance: 3 },
      ["/instance: is not a field of this object: did you mean 'instances'?"],
    ],
    [
      "[APP3] a field in the wrong case",
      { Instances: 3 },
      ["/Instances: is not a field of this object: did you mean 'instances'?"],
    ],
    [
      "[APP3] an unknown field of a health check",
      { healthChecks: [{ protocol: "HTTP", intervall: 3 }] },
      ["/healthChecks(0)/intervall: is not a field of this object: remove it or correct its name"],
    ],
    [
      "[APP1] everything wrong at once",
      { cpus: [], mem: {} },
      ["/cpus: must be a number, got an array", "/mem: must be a number, got an object"],
    ],
    ["[APP1] nulls are absent", { cmd: null, labels: null }, []],
    ["[APP3] what GET adds may be sent back", { id: "/a", tasksRunning: 1, deployments: [] }, []],
    [
      "[APP1] a strategy of the wrong kind",
      { unreachableStrategy: 5 },
      [
        "/unreachableStrategy: must be 'disabled' or an object with inactiveAfterSeconds and expungeAfterSeconds",
      ],
    ],
  ];
  for (const [name, value, details] of cases) {
    it(name, () => {
      expect(detailsOf(value)).toEqual(details);
    });
  }

  it("[APP1] names the place in an array of apps", () => {
    const parsed = parseAppInputs([{ id: "/a" }, { id: 5 }]);
    expect(parsed.ok ? [] : parsed.error.details).toEqual([
      { path: "(1)/id", errors: ["must be a string, got 5"] },
    ]);
  });

  it("[APP1] a prototype is no field", () => {
    expect(detailsOf(JSON.parse('{"__proto__": {"cmd": "x"}}'))).toHaveLength(1);
  });

  it("[APP1] reads task ids", () => {
    expect(parseTaskIds({ ids: ["a"] })).toEqual({ ok: true, value: ["a"] });
    expect(parseTaskIds({}).ok).toBe(false);
  });
});
