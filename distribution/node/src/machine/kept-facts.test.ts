import type { Fact } from "@tutti/discovery-v1";
import { expect, test } from "vitest";
import { keptFactsOf } from "./kept-facts.ts";

const master: Fact = { kind: "master", index: 0, address: "10.0.0.1", port: 5050, leader: true };
const vip: Fact = {
  kind: "vip",
  names: ["a.marathon"],
  address: "11.0.0.1",
  port: 80,
  protocol: "tcp",
  backends: [],
};

test.each([
  ["nothing was kept", undefined, true, {}],
  ["the kernel leads packets to them", [master, vip], true, { facts: [master, vip] }],
  ["the kernel was begun anew", [master, vip], false, { withoutVips: [master] }],
  ["there are none", [master], false, { facts: [master] }],
  ["the machine leads nothing", [master, vip], undefined, { facts: [master] }],
] as const)("[DSC40] kept names of virtual IPs where %s", (_where, kept, leads, expected) => {
  expect(keptFactsOf(kept, leads)).toEqual(expected);
});
