import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatDuration, runCommand } from "./run-command.ts";

function node(script: string, deadlineMs = 30_000): Parameters<typeof runCommand>[0] {
  return { file: process.execPath, args: ["-e", script], cwd: tmpdir(), deadlineMs };
}

test("a command's code and both its outputs are kept, in memory and in the log", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tutti-run-"));
  const logPath = join(folder, "x.log");
  const script = 'console.log("out"); console.error("err"); process.exitCode = 3;';
  const outcome = await runCommand({ ...node(script), logPath });
  expect(outcome).toMatchObject({ code: 3, timedOut: false, interrupted: false });
  expect(outcome.output.split("\n").toSorted()).toEqual(["", "err", "out"]);
  expect(readFileSync(logPath, "utf8")).toBe(outcome.output);
  rmSync(folder, { recursive: true });
});

test("a command that hangs is stopped with its children, and says so", async () => {
  // The child holds the output open: the command only ends when the child has ended too.
  const script =
    'require("node:child_process").spawn("sleep", ["600"], { stdio: "inherit" }); setInterval(() => {}, 1000);';
  const outcome = await runCommand(node(script, 1000));
  expect(outcome).toMatchObject({ code: null, timedOut: true });
  expect(outcome.output).toContain("stopped after 1.0 s");
});

test("a command that does not exist is an outcome, no exception", async () => {
  const outcome = await runCommand({ ...node(""), file: "/nonexistent/program" });
  expect(outcome.code).toBeNull();
  expect(outcome.output).toContain("ENOENT");
});

test.each([
  [40, "0.0 s"],
  [9_940, "9.9 s"],
  [61_000, "61 s"],
  [125_000, "2 min 5 s"],
])("%d ms are written as %s", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});
