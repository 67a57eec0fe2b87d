import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

function run(...args: string[]): { status: number | null; stderr: string } {
  const result = spawnSync(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], {
    encoding: "utf8",
  });
  return { status: result.status, stderr: result.stderr };
}

it.each([[[]], [["master"]], [["cook", "--config", "x"]], [["agent", "--config", "x", "more"]]])(
  "[MAC14] %j ends with 2 and says how to call it",
  (args) => {
    expect(run(...args)).toEqual({
      status: 2,
      stderr: "usage: <master|agent|services|node> --config FILE\n",
    });
  },
);

it("[MAC14] a configuration it does not understand ends it with 2, a missing one with 1", () => {
  const dir = mkdtempSync(join(tmpdir(), "tutti-node-"));
  const file = join(dir, "master.json");
  writeFileSync(file, "{}");
  expect(run("master", "--config", file)).toEqual({
    status: 2,
    stderr: 'configuration of master: field "ip" must be a text\n',
  });
  rmSync(dir, { recursive: true });
  const missing = run("master", "--config", file);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toContain("ENOENT");
});
