import { describe, expect, it } from "vitest";
import { formatAddress, isInside, parseAddress, parsePrefix } from "./addresses.ts";

describe("addresses", () => {
  it.each([
    ["11.0.0.1", { family: 4, value: 0x0b000001n }],
    ["255.255.255.255", { family: 4, value: 0xffffffffn }],
    ["::", { family: 6, value: 0n }],
    ["fd01:c::1", { family: 6, value: 0xfd01000c000000000000000000000001n }],
    ["1:2:3:4:5:6:7:8", { family: 6, value: 0x00010002000300040005000600070008n }],
  ])("[LB22] %s is one", (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  it.each([
    ["11.0.0.1", "11.0.0.1"],
    ["fd97:0000:0000:0000:0000:0000:0000:0001", "fd97::1"],
    ["fd01:000c:0000:0000:0000:0000:0000:0000", "fd01:c::"],
    ["0001:0000:0000:0004:0000:0000:0000:0008", "1:0:0:4::8"],
    ["0001:0000:0000:0004:0005:0000:0000:0008", "1::4:5:0:0:8"],
    ["0001:0000:0003:0004:0005:0006:0007:0008", "1:0:3:4:5:6:7:8"],
    ["0000:0000:0000:0000:0000:0000:0000:0000", "::"],
    ["00a0:0000:0000:0010:0100:0000:0000:0001", "a0::10:100:0:0:1"],
  ])("[LB24] %s is spelt %s", (long, short) => {
    const address = parseAddress(long);
    if (address === undefined) throw new Error("it is to be read");
    expect(formatAddress(address)).toBe(short);
  });

  it.each([
    ...["", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.-4", "a.b.c.d", " 1.2.3.4"],
    ...[
      "1:2:3:4:5:6:7",
      "1::2::3",
      ":::",
      "12345::",
      "fe80::1%eth0",
      "::1.2.3.4",
      "::g",
      "1.2.3.4\n",
    ],
  ])("[LB22] %j is none", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it.each([
    ["11.255.0.1", "11.0.0.0/8", true],
    ["12.0.0.1", "11.0.0.0/8", false],
    ["10.1.2.3", "10.1.2.3/32", true],
    ["10.1.2.4", "0.0.0.0/0", true],
    ["fd01:c::ffff", "fd01:c::/64", true],
    ["fd01:c:0:1::", "fd01:c::/64", false],
    ["11.0.0.1", "fd01:c::/64", false],
  ])("[LB6] %s inside %s: %s", (text, range, inside) => {
    const [address, prefix] = [parseAddress(text), parsePrefix(range)];
    if (address === undefined || prefix === undefined) throw new Error("both are to be read");
    expect(isInside(address, prefix)).toBe(inside);
  });

  it.each(["11.0.0.0", "11.0.0.0/33", "11.0.0.0/x", "fd01::/129", "/8", "1.2.3.4/-1"])(
    "[LB22] %s is no range",
    (text) => {
      expect(parsePrefix(text)).toBeUndefined();
    },
  );
});
