import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MasterOptions } from "@tutti/master";
import { freePort } from "./cluster.ts";
import { eventually, sendTo, worldOf } from "./http-world.ts";
import type { World } from "./http-world.ts";

const program = fileURLToPath(new URL("./master-main.ts", import.meta.url));

/** A master in a process of its own, so that what it costs can be seen. */
export interface MasterProcess extends World {
  readonly pid: number;
}

/** Starts one; resolves when it leads. */
export async function startMasterProcess(): Promise<MasterProcess> {
  const stateDir = mkdtempSync(join(tmpdir(), "tutti-master-"));
  const port = await freePort();
  const secret = "a-secret";
  const options: MasterOptions = {
    ip: "127.0.0.1",
    port,
    clusterName: "load",
    stateDir,
    secret,
    open: false,
  };
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  const world = worldOf({ url, stop: () => stop(child) }, secret, stateDir);
  await eventually("the master leads", async () => {
    try {
      const { status } = await sendTo(url, secret, { method: "GET", path: "/state" });
      return status === 200 ? true : undefined;
    } catch {
      return undefined;
    }
  });
  return {
    ...world,
    pid: child.pid ?? 0,
    async end() {
      await stop(child);
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
