import { present } from "@tutti/base";
import { describe, expect, it } from "vitest";
import { ClusterModel } from "../testing/cluster-model.ts";
import { sequenceRandom } from "../testing/sequence-random.ts";
import { appWarnings } from "./app-warnings.ts";

describe("warnings about an app", () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    ["/web", ["/db", "/shop/web"], []],
    ["/a/b", ["/b-a"], ["/b-a"]],
    ["/b-a", ["/a/b", "/c"], ["/a/b"]],
    ["/x.y", ["/x-y", "/y/x", "/y"], ["/x-y, /y/x"]],
  ])("[MAR46] %s beside %j has a name in DNS with %j", (id, others, named) => {
    const model = new ClusterModel(sequenceRandom());
    for (const each of [id, ...others]) {
      model.request({ type: "createApp", input: { id: each, cmd: "run" }, force: false });
    }
    const { world } = model.marathon;
    const warnings = appWarnings(world, present(world.apps.get(id), "the app"));
    expect(warnings).toHaveLength(named.length === 0 ? 0 : 1);
    for (const { code, message } of warnings) {
      expect(code).toBe("NAMES_COLLAPSE");
      for (const other of named) expect(message).toContain(`as ${other}: who asks for it`);
    }
  });

  it.each<
    readonly [string, Readonly<Record<string, string>>, readonly (readonly [string, string])[]]
  >([
    ["a right one", { VIP_0: "/web:80", VIP_1: "1.2.3.4:80" }, []],
    ["no VIP at all", { other: "x" }, []],
    [
      "no port",
      { VIP_0: "/web" },
      [["VIP_LABEL_INVALID", 'Label VIP_0: "/web" has no port: write it as /web:80.']],
    ],
    [
      "a port out of range",
      { VIP_0: "/web:70000" },
      [
        [
          "VIP_PORT_INVALID",
          'Label VIP_0: "/web:70000": the port must be a number from 1 to 65535.',
        ],
      ],
    ],
    [
      "an address of each machine",
      { VIP_0: "127.0.0.1:80" },
      [["VIP_ADDRESS_REFUSED", "Label VIP_0: 127.0.0.1 stays on each machine."]],
    ],
    [
      "an IPv6 address, with instances on their machine's network",
      { VIP_0: "[fd01:C::77]:81,1.2.3.4:80,/web:80" },
      [["VIP_NO_BACKEND_ADDRESS", "[fd01:c::77]:81 leads only to IPv6 addresses of tasks"]],
    ],
    [
      "a part too long",
      { VIP_0: `/${"a".repeat(64)}:80` },
      [["VIP_NAME_CUT", "63 characters at most"]],
    ],
  ])(
    "[MAR47] [DSC48] [DSC49] %s among the labels of a port, without a task",
    (_what, labels, expected) => {
      const model = new ClusterModel(sequenceRandom());
      const input = {
        id: "/web",
        cmd: "run",
        instances: 0,
        portDefinitions: [{ port: 0, labels }],
      };
      model.request({ type: "createApp", input, force: false });
      const { world } = model.marathon;
      const warnings = appWarnings(world, present(world.apps.get("/web"), "the app"));
      expect(warnings.map(({ code }) => code)).toEqual(expected.map(([code]) => code));
      for (const [at, [, words]] of expected.entries())
        expect(warnings[at]?.message).toContain(words);
    },
  );

  it("[MAR47] labels of the app that speak of its ports, and more VIPs than count", () => {
    const model = new ClusterModel(sequenceRandom());
    const labels = { VIP_PORT0: "tcp:///web", VIP_PORT7: "/web:80" };
    const many = Array.from({ length: 300 }, (_, number) => `/web:${String(number + 1)}`).join(",");
    const portDefinitions = [{ port: 0, labels: { VIP_0: many } }];
    const input = { id: "/web", cmd: "run", labels, instances: 0, portDefinitions };
    model.request({ type: "createApp", input, force: false });
    const { world } = model.marathon;
    const warnings = appWarnings(world, present(world.apps.get("/web"), "the app"));
    expect(warnings.map(({ message }) => message)).toEqual([
      "Only the first 256 VIPs of a task count.",
    ]);
    const fewer = { ...input, id: "/fewer", portDefinitions: [{ port: 0 }] };
    model.request({ type: "createApp", input: fewer, force: false });
    const ofFewer = appWarnings(world, present(world.apps.get("/fewer"), "the app"));
    expect(ofFewer.map(({ code }) => code)).toEqual(["VIP_LABEL_INVALID", "VIP_PORT_INVALID"]);
  });
});
