import { readFileSync } from "node:fs";
import { Fault } from "@tutti/base";
import { nodeProcessRunner } from "@tutti/ports/node";
import { accountOf, findPasswdEntry, type Account } from "../core/accounts.ts";
import { limits } from "../limits.ts";

/**
 * Finds a user of the machine by name or number: in /etc/passwd, else (directory services) through getent.
 * Throws a `Fault` USER_UNKNOWN.
 */
export async function findAccount(user: string): Promise<Account> {
  const entry =
    findPasswdEntry(readFileSync("/etc/passwd", "utf8"), user) ??
    findPasswdEntry(await getent(user), user);
  if (entry === undefined)
    throw new Fault("USER_UNKNOWN", `this machine has no user "${user}"`, { retryable: false });
  return accountOf(entry, readFileSync("/etc/group", "utf8"));
}

async function getent(user: string): Promise<string> {
  const outcome = await nodeProcessRunner.run(["getent", "passwd", "--", user], {
    timeoutMs: limits.getentTimeoutMs,
  });
  return outcome.exitCode === 0 ? outcome.stdout : "";
}
