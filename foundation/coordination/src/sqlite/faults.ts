import { Fault } from "@tutti/base";

/** Primary result codes of SQLite that have a name here. */
const CODES: Readonly<Record<number, readonly [code: string, retryable: boolean]>> = {
  5: ["DATABASE_BUSY", true],
  8: ["DISK_READ_ONLY", false],
  10: ["DISK_FAILED", false],
  11: ["DATABASE_CORRUPT", false],
  13: ["DISK_FULL", true],
  14: ["CANNOT_OPEN", false],
  26: ["DATABASE_CORRUPT", false],
};

/** The fault of what SQLite or the file system threw; a fault stays as it is. */
export function toStoreFault(cause: unknown): Fault {
  if (cause instanceof Fault) return cause;
  const primary = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : 0;
  const [code, retryable] = CODES[primary] ?? ["DISK_FAILED", false];
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Fault(code, `The coordination database failed: ${reason}.`, { retryable, cause });
}

/** Whether SQLite refused because somebody else holds the lock. */
export function isBusy(cause: unknown): boolean {
  return cause instanceof Error && "errcode" in cause && (Number(cause.errcode) & 0xff) === 5;
}
