import { Fault } from "@tutti/base";
import type { RecordWrite } from "./coordination.ts";
import { limits } from "./limits.ts";

const PATH = /^[\x21-\x2e\x30-\x7e]+(?:\/[\x21-\x2e\x30-\x7e]+)*$/u;
const NAME = /^[A-Za-z0-9-]+$/u;

/** Throws `BAD_PATH` unless `path` is slash-separated segments of printable ASCII without spaces. */
export function checkPath(path: string): void {
  if (path.length <= limits.pathUnitsMax && PATH.test(path)) return;
  throw refused("BAD_PATH", `Not the path of a record: ${JSON.stringify(path.slice(0, 80))}.`);
}

/** Throws `BAD_NAME` or `RECORD_TOO_LARGE` unless an election may have this name and announcement. */
export function checkElection(name: string, announcement: Uint8Array): void {
  if (name.length > limits.electionNameUnitsMax || !NAME.test(name)) {
    throw refused("BAD_NAME", `Not the name of an election: ${JSON.stringify(name.slice(0, 80))}.`);
  }
  if (announcement.length <= limits.announcementBytesMax) return;
  const text = `An announcement has ${announcement.length} bytes, ${limits.announcementBytesMax} are allowed.`;
  throw refused("RECORD_TOO_LARGE", text);
}

/** Throws `BAD_PATH`, `RECORD_TOO_LARGE` or `MULTI_TOO_LARGE` unless the multi-write is within the limits. */
export function checkWrites(writes: readonly RecordWrite[]): void {
  let bytes = 0;
  for (const write of writes) {
    checkPath(write.path);
    if (write.type === "delete") continue;
    bytes += write.value.length;
    if (write.value.length > limits.recordBytesMax) {
      const text = `The record ${write.path} has ${write.value.length} bytes, ${limits.recordBytesMax} are allowed.`;
      throw refused("RECORD_TOO_LARGE", text);
    }
  }
  if (bytes <= limits.multiBytesMax && writes.length <= limits.multiWritesMax) return;
  const allowed = `${limits.multiWritesMax} writes of ${limits.multiBytesMax} bytes are allowed`;
  throw refused(
    "MULTI_TOO_LARGE",
    `A multi-write has ${writes.length} writes of ${bytes} bytes; ${allowed}.`,
  );
}

function refused(code: string, message: string): Fault {
  return new Fault(code, message, { retryable: false });
}
