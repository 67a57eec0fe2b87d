/** SQLite's SQLITE_FULL. */
const sqliteFull = 13;

/** What systems say of a disk, or a quota, that has no room. */
const fullCodes: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/** Whether an error, or what caused it, is a disk without room. */
export function isDiskFull(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < causesMax; depth += 1) {
    const { code, errcode, message } = at as Error & { code?: unknown; errcode?: unknown };
    if (fullCodes.has(code) || errcode === sqliteFull) return true;
    // A container runtime tells only in words.
    if (/no space left on device|disk quota exceeded/i.test(message)) return true;
    at = at.cause;
  }
  return false;
}

/** An error's message; a disk without room is named as the cause. Rule AGT28. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isDiskFull(error) ? `the disk is full: ${message}` : message;
}

const causesMax = 8;
