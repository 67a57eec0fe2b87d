import { expect, test } from "vitest";
import { createCancellation, Fault } from "@tutti/base";
import type { RunOptions } from "../process-runner.ts";
import { cryptoRandom, nodeProcessRunner, systemClock } from "./index.ts";

const options: RunOptions = { timeoutMs: 10_000 };

function sh(script: string, more: Partial<RunOptions> = {}) {
  return nodeProcessRunner.run(["sh", "-c", script], { ...options, ...more });
}

async function faultOf(run: Promise<unknown>): Promise<Fault> {
  const error: unknown = await run.then(
    () => "no fault",
    (reason: unknown) => reason,
  );
  if (!(error instanceof Fault)) throw new Error(`expected a fault, got ${String(error)}`);
  return error;
}

test("a command's output, error output and exit code come back", async () => {
  expect(await sh("echo out; echo err >&2; exit 3")).toEqual({
    exitCode: 3,
    signal: undefined,
    stdout: "out\n",
    stderr: "err\n",
    truncated: false,
  });
});

test("a command sees its input, its environment and its directory, and nothing of ours", async () => {
  const outcome = await nodeProcessRunner.run(
    ["/bin/sh", "-c", "cat; pwd; env | grep -c HOME || true; echo $WORD"],
    {
      ...options,
      stdin: "in\n",
      cwd: "/",
      env: { WORD: "ours" },
    },
  );
  expect(outcome.stdout).toBe("in\n/\n0\nours\n");
});

test("a signal that ends the command is named", async () => {
  expect(await sh("kill -TERM $$")).toMatchObject({ exitCode: undefined, signal: "SIGTERM" });
});

test("output beyond the bound is read and dropped", async () => {
  const outcome = await sh("head -c 300000 /dev/zero | tr '\\0' x; echo done >&2", {
    outputBytesMax: 1000,
  });
  expect(outcome).toMatchObject({
    exitCode: 0,
    stdout: "x".repeat(1000),
    stderr: "done\n",
    truncated: true,
  });
});

test("a timeout kills the whole process group and is a fault", async () => {
  const fault = await faultOf(sh("sleep 60 & sleep 60", { timeoutMs: 100 }));
  expect([fault.code, fault.retryable]).toEqual(["TIMEOUT", true]);
});

test("cancelling kills the command", async () => {
  const source = createCancellation();
  const run = sh("echo started; sleep 60", { signal: source.cancellation });
  source.cancel();
  expect((await faultOf(run)).code).toBe("ABORTED");
  expect((await faultOf(sh("true", { signal: source.cancellation }))).code).toBe("ABORTED");
});

test("a command that does not exist is a fault that says so", async () => {
  const fault = await faultOf(nodeProcessRunner.run(["/nonexistent/tool"], options));
  expect([fault.code, fault.retryable]).toEqual(["ENOENT", false]);
  expect((await faultOf(nodeProcessRunner.run([], options))).code).toBe("ENOENT");
});

test("a daemon left behind with the output open does not hold up the run", async () => {
  const startedMs = performance.now();
  const outcome = await sh("sleep 300 & echo $!", { timeoutMs: 120_000 });
  expect(performance.now() - startedMs).toBeLessThan(100_000);
  process.kill(Number(outcome.stdout), "SIGKILL");
});

test("a command that ends without reading a large input is no fault", async () => {
  expect(await sh("exec true", { stdin: "x".repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
});

test("timers of the system clock never fire early and can be cancelled", async () => {
  const beganMs = systemClock.monoMs();
  let cancelledFired = false;
  const cancel = systemClock.after(5, () => (cancelledFired = true));
  cancel();
  const endedMs = await new Promise<number>((resolve) => {
    systemClock.after(20.5, () => resolve(systemClock.monoMs()));
  });
  expect(endedMs - beganMs).toBeGreaterThanOrEqual(20.5);
  expect(cancelledFired).toBe(false);
});

test("a delay beyond the range of Node's timers does not fire at once", async () => {
  let fired = false;
  const cancel = systemClock.after(2 ** 31 + 5000, () => (fired = true));
  await new Promise<void>((resolve) => {
    systemClock.after(20, resolve);
  });
  cancel();
  expect(fired).toBe(false);
});

test("crypto random stays in its ranges", () => {
  const seen = new Set<number>();
  for (let round = 0; round < 2000; round += 1) {
    const fraction = cryptoRandom.next();
    expect(fraction >= 0 && fraction < 1).toBe(true);
    seen.add(cryptoRandom.below(3));
  }
  expect(seen).toEqual(new Set([0, 1, 2]));
  expect(cryptoRandom.uuid()).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u,
  );
});
