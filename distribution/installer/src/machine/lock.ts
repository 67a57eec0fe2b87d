import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { limits } from "../limits.ts";

/** The machine-wide lock, held. */
export interface HeldLock {
  /** Lets it go; with `remove` its file disappears too. */
  release(options: { readonly remove: boolean }): Promise<void>;
}

/** Where the lock is: one for all clusters of root, one for those of each other user. */
function lockPath(): string {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? "/run/tutti.lock" : `${tmpdir()}/tutti-${String(uid)}.lock`;
}

/**
 * Takes a lock, says so, and holds it until its input ends, that is, until we end in whatever way. A file
 * that was removed while it was waited for does not count.
 */
const script = `
while :; do
  exec 9>>"$1"
  if ! flock -n 9; then echo waiting; flock -w "$2" 9 || exit 1; fi
  [ /proc/self/fd/9 -ef "$1" ] && break
done
echo locked
exec cat >/dev/null
`;

/** Takes the machine-wide lock; `waiting` is called when another command holds it. */
export function takeLock(waiting: () => void): Promise<HeldLock> {
  const path = lockPath();
  const child = spawn("sh", ["-c", script, "sh", path, String(limits.lockWaitS)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
  });
  const held: HeldLock = {
    release: async ({ remove }) => {
      if (remove) rmSync(path, { force: true });
      child.stdin.end();
      await ended;
    },
  };
  return new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      const text = chunk.toString();
      if (text.includes("waiting")) waiting();
      if (text.includes("locked")) resolve(held);
    });
    child.on("error", reject);
    child.on("exit", () =>
      reject(new Error(`cannot lock ${path}: ${words.trim() || "another command holds it"}`)),
    );
  });
}
