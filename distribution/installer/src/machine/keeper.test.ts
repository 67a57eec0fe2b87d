import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, lives, readText } from "./processes.ts";

const script = join(import.meta.dirname, "keeper.sh");

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tutti-keeper-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Keeps a shell command alive; answers the keeper's pid and how it ended, once it has. */
function keep(command: string): { pid: number; ended: Promise<number | null> } {
  const child = spawn("sh", [script, "it", dir, join(dir, "log"), "--", "sh", "-c", command], {
    stdio: "ignore",
  });
  return {
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => {
      child.on("exit", (code) => resolve(code));
    }),
  };
}

const pidNow = (): number => Number(readText(join(dir, "it.pid")) ?? 0);

async function nextPid(before: number): Promise<number> {
  expect(await eventually(() => pidNow() > 0 && pidNow() !== before, 60_000)).toBe(true);
  return pidNow();
}

describe("a keeper", () => {
  it("[MAC11] starts its process again when it is killed", async () => {
    const { pid, ended } = keep("exec sleep 1000");
    const first = await nextPid(0);
    process.kill(first, "SIGKILL");
    const second = await nextPid(first);
    expect(lives(second)).toBe(true);
    expect(readText(join(dir, "it.exits"))).toMatch(/^137 \d+\n$/);
    expect(readText(join(dir, "it.keeper"))).toBe(`${String(pid)}\n`);
    process.kill(pid, "SIGTERM");
    await ended;
  });

  it("[MAC11] pauses longer each time, and says why in the log", async () => {
    const { pid, ended } = keep("exit 3");
    const exits = () => (readText(join(dir, "it.exits")) ?? "").split("\n").length - 1;
    expect(await eventually(() => exits() >= 3, 60_000)).toBe(true);
    const log = readText(join(dir, "log")) ?? "";
    expect(log).toMatch(/ended with 3 after \d s; again in 0.1 s\n.*again in 0.2 s\n/);
    process.kill(pid, "SIGTERM");
    await ended;
  });

  it("[MAC11] does not start again who is not wanted any more", async () => {
    const { ended } = keep("exit 78");
    expect(await ended).toBe(0);
    expect(readText(join(dir, "it.exits"))).toMatch(/^78 \d+\n$/);
    expect(readText(join(dir, "it.keeper"))).toBeUndefined();
    expect(readText(join(dir, "log"))).toContain("not wanted any more");
  });

  it("[MAC12] SIGTERM ends the process, waits for it, and ends the keeper", async () => {
    const { pid, ended } = keep(
      'trap "echo tidied; exit 0" TERM; echo ready; while :; do sleep 0.05; done',
    );
    const kept = await nextPid(0);
    expect(await eventually(() => readText(join(dir, "log")) === "ready\n", 60_000)).toBe(true);
    process.kill(pid, "SIGTERM");
    expect(await ended).toBe(0);
    expect(lives(kept)).toBe(false);
    expect(readText(join(dir, "log"))).toContain("tidied");
    expect(readText(join(dir, "it.keeper"))).toBeUndefined();
    expect(readText(join(dir, "it.pid"))).toBeUndefined();
  });
});
