import { expect, it } from "vitest";
import { networkInfosOf } from "./network-infos.ts";

it("[AGT42] a container on the machine's network has its addresses: IPv4 first, IPv6 where it is told", () => {
  const v4 = { protocol: "IPv4", ip_address: "10.0.0.2" };
  expect(networkInfosOf({ ip: "10.0.0.2" })).toEqual([{ ip_addresses: [v4] }]);
  expect(networkInfosOf({ ip: "10.0.0.2", ip6: "fd74::2" })).toEqual([
    { ip_addresses: [v4, { protocol: "IPv6", ip_address: "fd74::2" }] },
  ]);
});
