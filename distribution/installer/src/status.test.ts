import { describe, expect, it } from "vitest";
import { formatStatus, type MachineStatus, type ProcessStatus } from "./status.ts";
import type { ClusterFile } from "./plan/cluster-file.ts";

const cluster = {
  name: "tutti-c1",
  masterUrl: "http://10.0.0.1:5050",
  marathonUrl: "http://10.0.0.1:8080",
} as ClusterFile;

function process(name: string, pid: number, of?: string): ProcessStatus {
  return { name, pid, rssMb: 2, pssMb: 1, uptimeS: 9, ...(of === undefined ? {} : { of }) };
}

function status(processes: readonly ProcessStatus[]): string {
  const machine: MachineStatus = { name: "agent1", ip: "10.0.0.2", role: "agent", processes };
  return formatStatus(cluster, [machine]);
}

describe("status", () => {
  it("[MAC28] says what the small processes are for, of those that are there", () => {
    const text = status([process("agent", 11), process("conmon", 12)]);
    expect(text).toContain("conmon: supervises a container");
    expect(text).not.toContain("tutti-logger");
    expect(status([process("agent", 11)])).not.toContain("supervises");
  });

  it("[MAC28] a process that ended comes back by itself while its keeper lives", () => {
    const text = status([process("agent", 0), process("keeper", 12, "agent")]);
    expect(text).toContain("agent1/agent: ended; started again by itself within a moment");
    expect(text).not.toContain("./tutti up");
  });

  it("[MAC28] names whose keeper is dead, and the way out", () => {
    const keepers = [process("keeper", 0, "agent"), process("keeper", 0, "node")];
    const text = status([process("agent", 0), process("node", 13), ...keepers]);
    expect(text).toMatch(/keeper of agent +dead/);
    expect(text).toMatch(/keeper of node +dead/);
    expect(text).toContain(
      "nobody keeps agent1/agent, agent1/node: ./tutti up makes the cluster whole",
    );
    expect(text).not.toContain("by itself");
  });

  it("[MAC11] [MAC28] an agent that was given up is not dead", () => {
    const text = status([{ ...process("agent", 0), isGone: true }, process("node", 13)]);
    expect(text).toMatch(/agent +removed/);
    expect(text).toContain("agent1: removed from the cluster for ever by an operator");
    expect(text).not.toMatch(/dead|nobody keeps|by itself/);
  });
});
