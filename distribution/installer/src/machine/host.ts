import { existsSync, statfsSync } from "node:fs";
import { isIP } from "node:net";
import { availableParallelism, totalmem, userInfo } from "node:os";
import type { HostCapacity } from "../plan/divide.ts";
import { readText } from "./processes.ts";

/** Whether we may make namespaces, devices and control groups. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Whether the kernel has IPv6 and nobody has turned it off. */
export function hasIpv6(): boolean {
  return (
    existsSync("/proc/net/if_inet6") &&
    ["all", "default"].every(
      (links) => readText(`/proc/sys/net/ipv6/conf/${links}/disable_ipv6`)?.trim() === "0",
    )
  );
}

/** What the host has to divide; disk is what is free where the cluster's directory is. */
export function hostCapacity(dir: string): HostCapacity {
  const disk = statfsSync(dir);
  return {
    cpusMilli: availableParallelism() * 1000,
    memMb: Math.floor(memoryBytes() / 1024 / 1024),
    diskMb: Math.floor((disk.bavail * disk.bsize) / 1024 / 1024),
  };
}

/** Memory of the machine, or of the container this runs in when that is less. */
function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

/** Memory that programs could take now; undefined where the kernel does not say. */
export function memoryAvailableMb(): number | undefined {
  const [, kb] = /^MemAvailable:\s+(\d+) kB/m.exec(readText("/proc/meminfo") ?? "") ?? [];
  if (kb === undefined) return undefined;
  return Math.floor(Math.min(Number(kb) * 1024, memoryBytes()) / 1024 / 1024);
}

/** DNS servers of the host; those on its own loopback are out of every machine's reach. */
export function nameServers(): readonly string[] {
  const lines = (readText("/etc/resolv.conf") ?? "").split("\n");
  return lines
    .map((line) => /^nameserver\s+(\S+)/.exec(line)?.[1] ?? "")
    .filter((address) => isIP(address) !== 0 && !/^(127\.|::1$|fe80:)/i.test(address))
    .slice(0, 3);
}

/** The user tasks run as when nothing names one: nobody as root, else ourselves. */
export function taskUser(): string {
  return isRoot() ? "nobody" : userInfo().username;
}
