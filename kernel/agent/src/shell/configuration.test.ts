import { expect, it } from "vitest";
import { coreConfigOf } from "./configuration.ts";
import type { StartAgentConfig } from "./configuration.ts";
import { flagsOf } from "./flags.ts";

const base: StartAgentConfig = {
  ip: "10.0.0.2",
  port: 5051,
  hostname: "10.0.0.2",
  masters: ["http://10.0.0.1:5050"],
  secret: "s",
  open: false,
  resources: "cpus:1",
  attributes: "",
  workDir: "/w",
  runtimeDir: "/r",
  cgroupParent: "c",
  release: "0",
};

it("[AGT42] an IPv6 address of the configuration is taken and shown; what is none is refused with its name", () => {
  expect(coreConfigOf({ ...base, ip6: "fd74::2" }).ip6).toBe("fd74::2");
  expect(flagsOf({ ...base, ip6: "fd74::2" }, "crun")).toMatchObject({ ip6: "fd74::2" });
  expect(coreConfigOf(base)).not.toHaveProperty("ip6");
  expect(flagsOf(base, "crun")).not.toHaveProperty("ip6");
  for (const ip6 of ["", "10.0.0.2", "fe80::1%eth0", "fd74::g"])
    expect(() => coreConfigOf({ ...base, ip6 })).toThrow(
      `agent configuration, ip6: '${ip6}' is not an IPv6 address`,
    );
});
