import { readFileSync } from "node:fs";
import { limits } from "../limits.ts";

/** Names of users and groups by number, from the machine's own files. */
export class AccountNames {
  #readAtMs = -Infinity;
  #users: ReadonlyMap<number, string> = new Map();
  #groups: ReadonlyMap<number, string> = new Map();

  user(uid: number): string {
    this.#refresh();
    return this.#users.get(uid) ?? String(uid);
  }

  group(gid: number): string {
    this.#refresh();
    return this.#groups.get(gid) ?? String(gid);
  }

  #refresh(): void {
    if (performance.now() - this.#readAtMs < limits.accountsCachedMs) return;
    this.#readAtMs = performance.now();
    this.#users = readNames("/etc/passwd");
    this.#groups = readNames("/etc/group");
  }
}

/** The first name of each number: the third field of both files. */
function readNames(path: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const [name, , id] = line.split(":");
    if (name === undefined || id === undefined || names.has(Number(id))) continue;
    names.set(Number(id), name);
  }
  return names;
}
