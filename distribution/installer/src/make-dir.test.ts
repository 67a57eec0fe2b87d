import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeClusterDir } from "./make-dir.ts";

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "tutti-dir-"));
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

describe("[MAC20] the directory of a new cluster", () => {
  it("is made with everything above it, and left empty", () => {
    makeClusterDir(join(base, "a/b/c"));
    expect(existsSync(join(base, "a/b/c"))).toBe(true);
    makeClusterDir(join(base, "a/b/c"));
  });

  it("is refused at once, with the level and the cause, where none can be", () => {
    writeFileSync(join(base, "file"), "");
    symlinkSync(join(base, "nowhere"), join(base, "link"));
    expect(() => makeClusterDir(join(base, "file"))).toThrow(/file is not a directory/);
    expect(() => makeClusterDir(join(base, "file/x"))).toThrow(
      /cannot make .*file\/x: a part of the path is a file/,
    );
    expect(() => makeClusterDir(join(base, "link"))).toThrow(
      /link: there is a file or a dangling link/,
    );
    expect(() => makeClusterDir("/proc/no-such-thing/x")).toThrow(
      /cannot make \/proc\/no-such-thing: /,
    );
  });
});
