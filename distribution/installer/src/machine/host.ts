import { statfsSync } from "node:fs";
import { availableParallelism, totalmem, userInfo } from "node:os";
import type { HostCapacity } from "../plan/divide.ts";

/** Whether we may make namespaces, devices and control groups. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
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

/** The user tasks run as when nothing names one: nobody as root, else ourselves. */
export function taskUser(): string {
  return isRoot() ? "nobody" : userInfo().username;
}
