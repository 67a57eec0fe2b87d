import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { Failure } from "../failure.ts";
import { limits } from "../limits.ts";

/** A lock that is held. */
export interface HeldLock {
  /** Lets it go. A second call does nothing. */
  release(): Promise<void>;
}

/**
 * Takes a lock on a file (made when it is not there) or a directory, says so, and holds it until its input
 * ends, that is, until we end in whatever way. A file that was removed while it was waited for does not count.
 */
const script = `
while :; do
  if [ -d "$1" ]; then exec 9<"$1"; else exec 9>>"$1"; fi
  if ! flock -n 9; then echo waiting; flock -w "$2" 9 || exit 1; fi
  [ /proc/self/fd/9 -ef "$1" ] && break
done
echo locked
exec cat >/dev/null
`;

/**
 * Takes the lock of all clusters of this user on this machine: while addresses are chosen and taken.
 * `waiting` is called when another command holds it.
 */
export function lockMachine(waiting: () => void): Promise<HeldLock> {
  const uid = process.getuid?.() ?? 0;
  const path = uid === 0 ? "/run/tutti.lock" : `${tmpdir()}/tutti-${String(uid)}.lock`;
  return takeLock({ path, ownFile: true }, waiting);
}

/** Takes the lock of one cluster's directory, which exists: for as long as a command changes that cluster. */
export function lockDir(dir: string, waiting: () => void): Promise<HeldLock> {
  return takeLock({ path: dir, ownFile: false }, waiting);
}

/** `ownFile`: the file is there for the lock alone and disappears with it. */
function takeLock(
  { path, ownFile }: { readonly path: string; readonly ownFile: boolean },
  waiting: () => void,
): Promise<HeldLock> {
  const child = spawn("sh", ["-c", script, "sh", path, String(limits.lockWaitS)], {
    // Ctrl-C at a terminal reaches every process of our group: the lock is held until we have tidied up.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
  });
  const held: HeldLock = {
    release: async () => {
      if (child.exitCode !== null) return;
      if (ownFile) rmSync(path, { force: true });
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
    child.on("exit", () => reject(lockFailure(path, words.trim())));
  });
}

function lockFailure(path: string, words: string): Failure {
  return new Failure(`cannot lock ${path}: ${words === "" ? "another command holds it" : words}`, {
    wayOut: "wait until the other tutti command ends, or end it; then run the command again",
  });
}
