import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  readlinkSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Fault } from "@tutti/base";
import { findAccount } from "@tutti/containerizer";

/** What a sandbox is made of. */
export interface SandboxOrder {
  readonly dir: string;
  /** A link beside it that is to point to it. */
  readonly latestLink: string;
  readonly user: string;
  readonly rootAllowed: boolean;
}

/**
 * Makes the directory of a task, which only its user may enter, and points `latest` to it. May be
 * done twice. Throws a `Fault`: USER_UNKNOWN, USER_FORBIDDEN (uid 0), SANDBOX. Rules AGT17, AGT20.
 */
export async function makeSandbox(order: SandboxOrder): Promise<void> {
  const account = await findAccount(order.user);
  const isRoot = process.getuid?.() === 0;
  if (account.uid === 0 && !order.rootAllowed) {
    throw new Fault(
      "USER_FORBIDDEN",
      `user '${order.user}' is root, which this agent does not allow`,
      {
        retryable: false,
      },
    );
  }
  try {
    mkdirSync(order.dir, { recursive: true, mode: 0o755 });
    if (isRoot) chownSync(order.dir, account.uid, account.gid);
    chmodSync(order.dir, 0o750);
    pointTo(order.latestLink, basename(order.dir));
  } catch (cause) {
    const message = `cannot make the sandbox: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new Fault("SANDBOX", message, { retryable: false, cause });
  }
}

/** Removes a sandbox, the link to it, and the folders above that became empty. */
export async function removeSandbox(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  const runs = dirname(dir);
  unlinkIfTo(`${runs}/latest`, basename(dir));
  let folder = runs;
  for (let depth = 0; depth < foldersAbove && removeIfEmpty(folder); depth += 1)
    folder = dirname(folder);
}

/** `runs`, the executor, `executors`, the framework: what lies between a run and the agent's folder. */
const foldersAbove = 4;

/** Replaces a link in one step. */
function pointTo(link: string, target: string): void {
  const fresh = `${link}.${target}`;
  try {
    symlinkSync(target, fresh);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  renameSync(fresh, link);
}

function unlinkIfTo(link: string, target: string): void {
  try {
    if (readlinkSync(link) === target) unlinkSync(link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
