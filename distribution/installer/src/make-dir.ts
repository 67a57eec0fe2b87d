import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "./failure.ts";

const wayOut = "name a directory on a disk that you may write to: ./tutti up --dir DIR";

/**
 * Makes a cluster's directory, level by level (Node's own recursion never ends below /proc), and tries that
 * a file can be written in it. Throws a `Failure` that names the level and the cause.
 */
export function makeClusterDir(dir: string): void {
  const levels: string[] = [];
  for (let level = dir; !existsSync(level); level = dirname(level)) levels.unshift(level);
  for (const level of levels) attempt(`cannot make ${level}`, () => mkdirSync(level));
  if (!statSync(dir).isDirectory()) throw new Failure(`${dir} is not a directory`, { wayOut });
  const probe = join(dir, `.probe-${String(process.pid)}`);
  attempt(`cannot write in ${dir}`, () => {
    writeFileSync(probe, "x");
    rmSync(probe);
  });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EEXIST: "there is a file or a dangling link of that name",
  ENOENT: "this file system makes no directories there",
  ENOSPC: "no space left on the disk",
  ENOTDIR: "a part of the path is a file",
  EROFS: "the file system is read-only",
};

function attempt(what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = reasons[code ?? ""] ?? message;
    throw new Failure(`${what}: ${reason}`, { wayOut, cause: error });
  }
}
