import { describe, expect, test } from "vitest";
import { cluster, count, task } from "./testing/model-cluster.ts";

describe("problems", () => {
  test.each([
    ["VIP_0", "web:80", "VIP_LABEL_INVALID"],
    ["VIP_0", "/web", "VIP_LABEL_INVALID"],
    ["VIP_0", "", "VIP_LABEL_INVALID"],
    ["VIP_0", "/web:0", "VIP_PORT_INVALID"],
    ["VIP_0", "/web:65536", "VIP_PORT_INVALID"],
    ["VIP_0", "127.0.0.1:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "198.51.100.1:53", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "10.0.0.10:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "10.9.9.9:53", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "[2001:DB8:0::53]:53", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "10.0.0.0:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "10.0.0.255:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "[2001:db8::54]:53", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "0.0.0.0:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "224.0.0.1:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "255.255.255.255:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "169.254.169.254:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "[::]:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "[::1]:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "[fe80::1]:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "[ff02::1]:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "[::ffff:1.2.3.4]:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "[::1.2.3.4]:80", "VIP_ADDRESS_REFUSED"],
    ["VIP_0", "/___:80", "VIP_LABEL_INVALID"],
  ])("[DSC17] label %s=%s: %s", (key, value, code) => {
    const { rig, master } = cluster(0);
    rig.master(...master.launch(task(1, { labels: { [key]: value } })));
    expect(rig.discovery.problems({}).map((problem) => problem.code)).toEqual([code]);
    expect(count(rig, "vip")).toBe(0);
  });

  test("[DSC17] a VIP at the end of a network that a machine comes to later is none any more", () => {
    const { rig, master } = cluster(0);
    rig.master(...master.launch(task(1, { labels: { VIP_0: "10.7.0.255:80,10.8.0.255:80" } })));
    expect(rig.discovery.problems({})).toEqual([]);
    expect(rig.backends("10.7.0.255")).toHaveLength(1);
    rig.post({ type: "masters", masters: [{ address: "10.7.0.9", port: 5050 }] });
    const codes = rig.discovery.problems({}).map(({ code, message }) => [code, message]);
    expect(codes).toEqual([
      [
        "VIP_ADDRESS_REFUSED",
        "10.7.0.255:80 is the address of a network that machines are in: a VIP there would take its traffic",
      ],
    ]);
    expect(rig.backends("10.7.0.255")).toEqual([]);
    expect(rig.backends("10.8.0.255")).toHaveLength(1);
  });

  test("[DSC49] a VIP of a family that a running task has no address of is told, once it runs", () => {
    const { rig, master } = cluster(0);
    const labels = { VIP_0: "[fd01:c::77]:81,1.2.3.4:80,/web:80" };
    rig.master(...master.launch(task(1, { labels })));
    expect(rig.discovery.problems({}).map(({ code, message }) => [code, message])).toEqual([
      ["VIP_NO_BACKEND_ADDRESS", expect.stringContaining("[fd01:c::77]:81 leads only to IPv6")],
    ]);
    expect(rig.backends("fd01:c::77")).toEqual([]);
    expect(rig.backends("1.2.3.4")).toHaveLength(1);
  });

  test("[DSC18] two apps behind one VIP are both served, and told", () => {
    const { rig, master } = cluster(1);
    rig.master(...master.launch(task(1, { name: "other" })));
    expect(rig.backends("web.marathon")).toHaveLength(2);
    const problems = rig.discovery.problems({ taskId: "t1" });
    expect(problems.map(({ code }) => code)).toEqual(["VIP_SHARED"]);
    expect(problems[0]?.message).toContain("other (marathon) and web (marathon)");
  });

  test("[DSC19] names that become one are told", () => {
    const { rig, master } = cluster(0);
    rig.master(...master.launch(task(0, { labels: { VIP_0: "/a/b:80" } })));
    rig.master(...master.launch(task(1, { labels: { VIP_0: "/ab:80" } })));
    expect(rig.backends("ab.marathon")).toHaveLength(2);
    expect(rig.discovery.problems({}).map(({ code }) => code)).toEqual([
      "VIP_NAMES_COLLAPSE",
      "VIP_NAMES_COLLAPSE",
    ]);
  });

  test("[DSC46] VIPs are counted, not labels: what is over the limit is told and no VIP", () => {
    const { rig, master } = cluster(0);
    const many = Array.from({ length: 4000 }, (_unused, index) => `/m${index}:80`).join(",");
    rig.master(...master.launch(task(1, { labels: { VIP_0: many, VIP_1: "/last:80" } })));
    expect(count(rig, "vip")).toBe(256);
    const problems = rig.discovery.problems({});
    expect(problems.map(({ code }) => code)).toEqual(["VIP_LIMIT"]);
    expect(problems[0]?.message).toBe("Only the first 256 VIPs of a task count");
  });

  test("[DSC46] as many VIPs as are allowed are no problem", () => {
    const { rig, master } = cluster(0);
    const many = Array.from({ length: 255 }, (_unused, index) => `/m${index}:80`).join(",");
    rig.master(...master.launch(task(1, { labels: { VIP_0: many, VIP_1: "/last:80" } })));
    expect(count(rig, "vip")).toBe(256);
    expect(rig.discovery.problems({})).toEqual([]);
  });

  test("[DSC47] a name with a part that DNS has no room for is told with the name that it comes to", () => {
    const { rig, master } = cluster(0);
    const long = "a".repeat(70);
    rig.master(...master.launch(task(1, { labels: { VIP_0: `/${long}:80,/${long}:81` } })));
    const cut = `${"a".repeat(63)}.marathon`;
    expect(rig.backends(cut)).toHaveLength(1);
    expect(rig.discovery.problems({}).map(({ code, message }) => [code, message])).toEqual([
      [
        "VIP_NAME_CUT",
        `"/${long}": a part of a name has 63 characters at most; its name is ${cut}.l4lb.thisdcos.directory`,
      ],
    ]);
  });

  test.each([
    `/${"a".repeat(63)}:80`,
    `/${"a".repeat(63)}.${"b".repeat(63)}:80`,
    `/_${"/".repeat(20)}${"a".repeat(63)}__:80`,
  ])("[DSC47] %s is not cut", (value) => {
    const { rig, master } = cluster(0);
    rig.master(...master.launch(task(1, { labels: { VIP_0: value } })));
    expect(rig.discovery.problems({})).toEqual([]);
    expect(count(rig, "vip")).toBe(1);
  });

  test("[DSC47] a name that is too long as a whole is told", () => {
    const { rig, master } = cluster(0);
    const long = Array.from({ length: 4 }, () => "a".repeat(60)).join(".");
    rig.master(...master.launch(task(1, { labels: { VIP_0: `/${long}:80` } })));
    expect(rig.discovery.problems({}).map(({ code }) => code)).toEqual(["VIP_NAME_CUT"]);
    expect(rig.discovery.problems({})[0]?.message).toContain("cannot be asked for");
  });
});
