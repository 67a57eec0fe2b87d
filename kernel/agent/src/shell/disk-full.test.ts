import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agentId } from "../core/testing/simulated-world.ts";
import { commandTask, framework } from "../core/testing/tasks.ts";
import { describeError } from "./disk-full.ts";
import { startAgent } from "./start-agent.ts";
import { openStore } from "./store.ts";
import { fixtureConfig, secret, until } from "./testing/agent-fixture.ts";
import { startHttpMaster } from "./testing/http-master.ts";

describe("[AGT28] a full disk", () => {
  it.each([
    [Object.assign(new Error("write"), { code: "ENOSPC" }), "the disk is full: write"],
    [
      new Error("sandbox", { cause: Object.assign(new Error("x"), { code: "EDQUOT" }) }),
      "the disk is full: sandbox",
    ],
    [
      Object.assign(new Error("database or disk is full"), { errcode: 13 }),
      "the disk is full: database or disk is full",
    ],
    [
      new Error("mkdir `/x`: No space left on device"),
      "the disk is full: mkdir `/x`: No space left on device",
    ],
    [new Error("no such file"), "no such file"],
    ["a word", "a word"],
  ])("%s", (error, text) => {
    expect(describeError(error)).toBe(text);
  });
});

/** Where we may mount small disks. */
const places = process.getuid?.() === 0 ? ["a disk of 2 MB"] : [];

describe.each(places)("an agent on %s", () => {
  it("[AGT27] [AGT28] keeps sandboxes shorter while it is full, and names it when a task cannot start", async () => {
    await onSmallDisk(async (disk, dir) => {
      const peer = await startHttpMaster({ agentId, secret });
      const config = await fixtureConfig(dir, [peer.url]);
      mkdirSync(`${disk}/agent`);
      // Its records lie elsewhere: they need room when the task's end is written down.
      mkdirSync(`${dir}/meta`);
      mkdirSync(`${disk}/agent/meta`);
      execFileSync("/bin/mount", ["--bind", `${dir}/meta`, `${disk}/agent/meta`]);
      const agent = await startAgent({
        ...config,
        workDir: `${disk}/agent`,
        sandboxKeptMs: 1_000_000,
        diskWatchMs: 20,
      });
      try {
        const ageIs = (seconds: number) => async (): Promise<boolean> => {
          const response = await fetch(`${agent.url}/metrics/snapshot`);
          const metrics = (await response.json()) as Record<string, number>;
          return (
            Math.abs((metrics["slave/executor_directory_max_allowed_age_secs"] ?? 0) - seconds) < 1
          );
        };
        const { blocks, bfree } = statfsSync(disk);
        await until(ageIs(1000 * (0.9 - (blocks - bfree) / blocks)), "the disk is looked at");
        fill(disk, [65_536, 4_096, 1, 0]);
        await until(ageIs(60), "the disk is seen full");
        peer.master.launch(framework, commandTask("t1"));
        await until(() => peer.master.statesOf("t1").at(-1) === "TASK_FAILED", "the task fails");
        expect(peer.master.told.get("t1")?.at(-1)?.status).toMatchObject({
          reason: "REASON_CONTAINER_LAUNCH_FAILED",
          message: expect.stringMatching(/^Failed to launch container: the disk is full: /),
        });
      } finally {
        await agent.stop();
        await peer.close();
        execFileSync("/bin/umount", [`${disk}/agent/meta`]);
      }
    });
  });

  it("[AGT28] does not start when its records find no room", async () => {
    await onSmallDisk((disk) => {
      fill(disk, [65_536, 4_096, 1]);
      expect(() => openStore(`${disk}/agent.sqlite`)).toThrow(
        expect.objectContaining({
          code: "STORE_FULL",
          message: `the disk is full: ${disk}/agent.sqlite cannot be opened`,
        }),
      );
    });
  });
});

async function onSmallDisk(
  work: (disk: string, dir: string) => void | Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "agent-disk-"));
  const disk = `${dir}/disk`;
  mkdirSync(disk);
  execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=2m,nr_inodes=1000,mode=755", "t", disk]);
  try {
    await work(disk, dir);
  } finally {
    execFileSync("/bin/umount", [disk]);
    rmSync(dir, { recursive: true });
  }
}

/** Makes files of these sizes, of each as many as there is room for. */
function fill(disk: string, sizes: readonly number[]): void {
  for (const bytes of sizes) {
    try {
      for (let count = 0; ; count += 1) {
        writeFileSync(`${disk}/fill-${bytes}-${count}`, Buffer.alloc(bytes));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
}
