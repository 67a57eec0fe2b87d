import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { diskCause, refuseFullDisk } from "./disk.ts";
import { Failure } from "./failure.ts";

const log = new Failure("process master of master1 ends again and again", {
  lines: ["master1 master:", "  SqliteError: database or disk is full"],
  wayOut: "see above",
});

describe("a disk that is full", () => {
  it.each([
    ["an error of the system", new Error("ENOSPC: no space left on device, write")],
    ["the cause of an error", new Error("cannot start", { cause: new Error("ENOSPC") })],
    ["the end of a log", log],
  ])("[MAC23] is blamed for %s", (_name, error) => {
    const told = diskCause(tmpdir(), error);
    expect(told).toBeInstanceOf(Failure);
    expect(told).toMatchObject({ message: `the disk of ${tmpdir()} is full`, cause: error });
  });

  it("[MAC23] is not blamed for anything else", () => {
    const error = new Error("EACCES: permission denied");
    expect(diskCause(tmpdir(), error)).toBe(error);
    expect(diskCause("/nonexistent", error)).toBe(error);
    expect(() => refuseFullDisk("/nonexistent")).not.toThrow();
  });
});
