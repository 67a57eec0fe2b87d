import { copyFileSync, fstatSync, ftruncateSync, readlinkSync } from "node:fs";

/** A log that grew larger than this is moved aside once; the one moved before it is dropped. */
const logBytesMax = 10 * 1024 * 1024;
const lookIntervalMs = 60_000;

/**
 * Keeps the file behind standard error within its bound, whoever opened it: copies it to `FILE.1` and empties
 * it. Does nothing for a terminal or a pipe. A line written between the two may be lost.
 */
export function boundLogFile(): void {
  const timer = setInterval(() => {
    try {
      rotate();
    } catch {
      // A log that cannot be moved aside is no reason to end.
    }
  }, lookIntervalMs);
  timer.unref();
}

function rotate(): void {
  const facts = fstatSync(2);
  if (!facts.isFile() || facts.size <= logBytesMax) return;
  copyFileSync("/proc/self/fd/2", `${readlinkSync("/proc/self/fd/2")}.1`);
  ftruncateSync(2, 0);
}
