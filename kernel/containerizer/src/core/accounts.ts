/** A user of the machine as a container needs it. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, without `gid`. */
  readonly groups: readonly number[];
}

/** A line of the passwd database. */
export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Parses one line of the passwd database; undefined when it is not one. */
export function parsePasswdLine(line: string): PasswdEntry | undefined {
  const [name, , uid, gid] = line.split(":");
  if (name === undefined || name === "" || uid === undefined || gid === undefined) return undefined;
  if (!/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return undefined;
  return { name, uid: Number(uid), gid: Number(gid) };
}

/** The entry of `user` (a name, or a number as text) in the text of a passwd database. */
export function findPasswdEntry(passwd: string, user: string): PasswdEntry | undefined {
  for (const line of passwd.split("\n")) {
    const entry = parsePasswdLine(line);
    if (entry !== undefined && (entry.name === user || String(entry.uid) === user)) return entry;
  }
  return undefined;
}

/** The account of a passwd entry with the supplementary groups found in the text of a group database. */
export function accountOf(entry: PasswdEntry, groupText: string): Account {
  const groups: number[] = [];
  for (const line of groupText.split("\n")) {
    const [, , gid, members] = line.split(":");
    if (gid === undefined || members === undefined || !/^\d+$/.test(gid)) continue;
    if (members.split(",").includes(entry.name) && Number(gid) !== entry.gid)
      groups.push(Number(gid));
  }
  return { uid: entry.uid, gid: entry.gid, groups };
}
