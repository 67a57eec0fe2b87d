import { describe, expect, it } from "vitest";
import {
  addressV6,
  agentAddress,
  chooseSubnet,
  hostAddress,
  masterAddress,
  neverLeaving,
  networkOf,
  parseRange,
  type AddressRange,
} from "./addresses.ts";

function ranges(...texts: string[]): AddressRange[] {
  return texts.map((text) => parseRange(text) ?? { first: 0, last: 0 });
}

describe("IPv6 addresses of machines", () => {
  it.each([
    ["000000", "10.213.0.2", "fd74:0:0:1::2"],
    ["zzzzzz", "10.213.7.10", "fd74:81bf:fff:1::a"],
    ["grrr5f", "10.213.7.254", "fd74:3c71:fd33:1::fe"],
  ])("[MAC27] in cluster %s, %s has %s", (id, ip, expected) => {
    expect(addressV6(id, ip)).toBe(expected);
  });
});

describe("the subnet of a cluster", () => {
  it.each([
    [[], undefined, 0],
    [["10.213.0.0/24"], undefined, 1],
    [["10.213.0.0/24", "10.213.2.0/24"], undefined, 1],
    [["10.213.0.77"], undefined, 1],
    [["10.0.0.0/8"], undefined, undefined],
    [["10.213.0.0/17"], undefined, 128],
    [["192.168.0.0/16", "172.17.0.0/16"], undefined, 0],
    [[], 9, 9],
    [["10.213.9.0/24"], 9, 0],
  ])("[MAC4] with %j taken and %j before, it is %j", (used, preferred, expected) => {
    expect(chooseSubnet(ranges(...used), preferred)).toBe(expected);
  });

  it.each(["", "10.0.0", "10.0.0.256", "10.0.0.0/33", "a.b.c.d", "fe80::1"])(
    "[MAC4] %j is no range",
    (text) => {
      expect(parseRange(text)).toBeUndefined();
    },
  );

  it("[MAC5] host, masters and agents have their places in it", () => {
    const a = { prefix: "10.213", subnet: 7 } as const;
    expect([hostAddress(a), masterAddress(a, 0), agentAddress(a, 0), agentAddress(a, 200)]).toEqual(
      ["10.213.7.1", "10.213.7.2", "10.213.7.10", "10.213.7.210"],
    );
    expect(networkOf(a)).toBe("10.213.7.0/24");
  });

  it("[MAC6] no range that never leaves a machine holds an address of a machine", () => {
    const ours = parseRange("10.213.0.0/16");
    for (const text of neverLeaving) {
      const range = parseRange(text);
      expect(range && ours && (range.last < ours.first || range.first > ours.last)).toBe(true);
    }
  });
});
