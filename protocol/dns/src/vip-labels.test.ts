import { expect, test } from "vitest";
import {
  isPortVipLabel,
  parseProtocols,
  parseVipValue,
  portIndexOf,
  splitVipValues,
} from "./vip-labels.ts";

test.each(["/db", "db", "tcp:///db"])("[DSC17] %s: told with the right form", (text) => {
  const read = parseVipValue(text);
  expect(read.ok ? "" : read.error.message).toMatch(/has no port: write it as \/db:80$/u);
});

test("[DSC10] labels of a port that begin with VIP, in any case, name VIPs; VIP_PORTn of a task names its port", () => {
  expect(["VIP_0", "vip_1", "Vip", "VIPS", "_VIP", "NAME"].filter(isPortVipLabel)).toEqual([
    ..."VIP_0 vip_1 Vip VIPS".split(" "),
  ]);
  expect(["VIP_PORT0", "vip_port12", "VIP_PORT", "VIP_0"].map(portIndexOf)).toEqual([
    ...[0, 12, undefined, undefined],
  ]);
});

test.each([
  ["/db:5432", { target: { type: "name", name: "db" }, port: 5432 }],
  ["1.2.3.4:80", { target: { type: "address", address: "1.2.3.4" }, port: 80 }],
  ["[FD01:c::0:1]:80", { target: { type: "address", address: "fd01:c::1" }, port: 80 }],
  [
    "udp://1.2.3.4:53",
    { target: { type: "address", address: "1.2.3.4" }, port: 53, protocol: "udp" },
  ],
])("[DSC10] %s", (text, value) => {
  expect(parseVipValue(text)).toEqual({ ok: true, value });
});

test("[DSC10] one label names several VIPs, one port has several protocols", () => {
  expect(splitVipValues("/a:80, 1.2.3.4:81|/b:82,,")).toEqual(["/a:80", "1.2.3.4:81", "/b:82"]);
  const spoken = [undefined, "tcp", "udp", "tcp,udp", "UDP, TCP"].map(parseProtocols);
  const read = spoken.map((each) => (each.ok ? each.value.join("+") : each.error.message));
  expect(read).toEqual(["tcp", "tcp", "udp", "tcp+udp", "udp+tcp"]);
  expect(parseProtocols("sctp").ok).toBe(false);
});
