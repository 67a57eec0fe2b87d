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
      "an IPv6 address: whether machines have one the definition does not tell",
      { VIP_0: "[fd01:C::77]:81,1.2.3.4:80,/web:80" },
      [],
    ],
    [
      "a name of which not all is left",
      { VIP_0: "/my wéb:80" },
      [["VIP_NAME_CUT", "its name is mywb.marathon.l4lb.thisdcos.directory."]],
    ],
    ["a name with slashes and underlines", { VIP_0: "/my/we_b:80" }, []],
    [
      "two names that become one",
      { VIP_0: "/a/b:80,/ab:80" },
      [["VIP_NAMES_COLLAPSE", "/a/b and /ab are both ab.marathon:80: only letters"]],
    ],
    [
      "a hold that is no number",
      { VIP_0: "/web:80", drainSeconds: "abc" },
      [
        [
          "DRAIN_SECONDS_INVALID",
          'Label drainSeconds: "abc" is no number of seconds (such as 20): the app is stopped as if the label were not there.',
        ],
      ],
    ],
    [
      "a hold that is too long",
      { VIP_0: "/web:80", drainSeconds: "301" },
      [["DRAIN_SECONDS_INVALID", '"301" is too long: connections are waited for 300 seconds']],
    ],
    ["a hold as long as can be", { VIP_0: "/web:80", drainSeconds: " 300 " }, []],
    [
      "a part too long",
      { VIP_0: `/${"a".repeat(64)}:80` },
      [["VIP_NAME_CUT", "63 characters at most"]],
    ],
  ])(
    "[MAR47] [DSC48] [DSC49] [DSC51] %s among the labels of a port, without a task",
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

  it.each([true, false])(
    "[MAR46] of a new app they are in the answer where asked for: %s",
    (asked) => {
      const model = new ClusterModel(sequenceRandom());
      const portDefinitions = [{ port: 0, labels: { VIP_0: "/web" } }];
      const input = { id: "/web", cmd: "run", portDefinitions };
      const reply = model.request({ type: "createApp", input, force: false, warnings: asked });
      const warnings = reply?.type === "appCreated" ? reply.app.warnings : [];
      expect(warnings?.map(({ code }) => code)).toEqual(asked ? ["VIP_LABEL_INVALID"] : undefined);
    },
  );

  it.each(["VIP_0", "vip", "VIP1"])(
    "[MAR47] [DSC51] label %s of the app instead of its port does nothing, and says so",
    (label) => {
      const model = new ClusterModel(sequenceRandom());
      const input = { id: "/web", cmd: "run", labels: { [label]: "/web:80", VIPER: "x" } };
      model.request({ type: "createApp", input, force: false });
      const { world } = model.marathon;
      const warnings = appWarnings(world, present(world.apps.get("/web"), "the app"));
      expect(warnings).toEqual([
        {
          code: "VIP_LABEL_INVALID",
          message: expect.stringMatching(
            new RegExp(`^Label ${label} of the whole app .* label of a port`),
          ),
        },
      ]);
    },
  );

  it("[MAR49] [DSC18] apps that claim one VIP are told without a task, each with all of them, until one claims it no more", () => {
    const model = new ClusterModel(sequenceRandom());
    const define = (id: string, vip: string, protocol: "tcp" | "udp" | "udp,tcp"): void => {
      const portDefinitions = [{ port: 0, protocol, labels: { VIP_0: vip } }];
      const input = { id, cmd: "run", instances: 0, portDefinitions };
      model.request({ type: "updateApp", id, input, partial: false, create: true, force: true });
    };
    const told = (id: string): readonly string[] => {
      const { world } = model.marathon;
      return appWarnings(world, present(world.apps.get(id), id)).map(({ message }) => message);
    };
    define("/web", "/shared:80,1.2.3.4:80", "udp,tcp");
    define("/shop/web", "/Shared:80", "tcp");
    define("/other", "1.2.3.4:80", "udp");
    define("/alone", "/shared:81,1.2.3.4:81", "tcp");
    const named =
      "shared.marathon:80 is claimed by web (marathon) and web.shop (marathon): its connections go to all of them.";
    const spelt =
      "/Shared and /shared are both shared.marathon:80: only letters, digits, hyphens and dots tell names apart.";
    const address =
      "1.2.3.4:80 is claimed by other (marathon) and web (marathon): its connections go to all of them.";
    expect(told("/web")).toEqual([named, spelt, address]);
    expect(told("/shop/web")).toEqual([named, spelt]);
    expect(told("/other")).toEqual([address]);
    expect(told("/alone")).toEqual([]);
    // A process that follows reads it off what is durable.
    model.crash();
    expect(told("/web")).toEqual([named, spelt, address]);
    model.connect();
    define("/shop/web", "/mine:80", "tcp");
    model.request({ type: "deleteApp", id: "/other", force: true });
    expect(told("/web")).toEqual([]);
    expect(told("/shop/web")).toEqual([]);
  });
});
