import { expect, test } from "vitest";
import { nameServersOf } from "./name-servers.ts";

test("[DSC17] the DNS servers of forward zones are DNS servers that a machine asks", () => {
  const forwardZones = [
    "corp.example=10.0.0.53,10.0.0.54:5353",
    "lab.example=[fd00::1]:53,10.9.9.9",
  ];
  expect(nameServersOf({ upstreams: ["10.9.9.9"], forwardZones })).toEqual([
    "10.9.9.9",
    "10.0.0.53",
    "10.0.0.54",
    "fd00::1",
  ]);
});

test("[DSC17] what is no forward zone is refused elsewhere, and hides no upstream", () => {
  expect(nameServersOf({ upstreams: ["10.9.9.9"], forwardZones: ["x"] })).toEqual(["10.9.9.9"]);
});
