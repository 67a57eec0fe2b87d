import type { TaskInfo } from "@tutti/mesos-v1";
import { expect, test } from "vitest";
import { servedPortsOf } from "./served-ports.ts";

const label = (key: string) => ({ labels: [{ key, value: "/web:80" }] });
const resources: NonNullable<TaskInfo["resources"]> = [
  { name: "cpus", type: "SCALAR", scalar: { value: 1 } },
  {
    name: "ports",
    type: "RANGES",
    ranges: {
      range: [
        { begin: 31_000, end: 31_001 },
        { begin: 31_005, end: 31_005 },
      ],
    },
  },
];

test.each<[string, Partial<TaskInfo>, readonly number[]]>([
  ["none", {}, []],
  [
    "those of ports with a VIP",
    {
      discovery: {
        visibility: "FRAMEWORK",
        ports: {
          ports: [
            { number: 80, labels: label("vip_1") },
            { number: 81, labels: label("x") },
            { number: 82 },
          ],
        },
      },
    },
    [80],
  ],
  ["of a task's label, the n-th resource", { resources, labels: label("VIP_PORT2") }, [31_005]],
  ["a label beyond the ports", { resources, labels: label("VIP_PORT3") }, []],
])("[AGT36] ports behind virtual IPs: %s", (_name, info, ports) => {
  expect(
    servedPortsOf({ name: "t", task_id: { value: "t" }, agent_id: { value: "a" }, ...info }),
  ).toEqual(ports);
});
