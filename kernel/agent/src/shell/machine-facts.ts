import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

/** Changes when the machine boots. */
export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** Whether this process may act as any user. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The name of this process's user. */
export function ownUser(): string {
  return userInfo().username;
}
