import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandTask, framework } from "../core/testing/tasks.ts";
import { agentId } from "../core/testing/simulated-world.ts";
import { fixtureConfig, secret, until } from "./testing/agent-fixture.ts";
import { startHttpMaster } from "./testing/http-master.ts";
import type { HttpMaster } from "./testing/http-master.ts";
import type { StartAgentConfig } from "./configuration.ts";

const script = fileURLToPath(new URL("testing/agent-process.ts", import.meta.url));
const cgroupParent = `/tutti-agent-restart-${process.pid}`;
const restarts = 6;

let dir = "";
let peer: HttpMaster;
let config: StartAgentConfig;
let agent: ChildProcess | undefined;

/** The best containers this machine allows: the processes of tasks must survive with each kind. */
async function start(): Promise<void> {
  const hellos = peer.master.hellos.length;
  agent = spawn(process.execPath, [script, JSON.stringify(config)], {
    stdio: ["ignore", "inherit", "ignore"],
  });
  await until(() => peer.master.hellos.length > hellos, "the agent calls");
}

async function kill(): Promise<void> {
  if (agent === undefined) return;
  const ended = once(agent, "exit");
  agent.kill("SIGKILL");
  await ended;
  agent = undefined;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "agent-restart-"));
  peer = await startHttpMaster({ agentId, secret });
  const { onFatal: _, ...rest } = await fixtureConfig(dir, [peer.url]);
  config = { ...rest, cgroupParent, containerizer: { kind: "auto" } };
  await start();
});

afterAll(async () => {
  peer.master.order({ type: "shutdownFramework", frameworkId: "f1" });
  await until(async () => {
    const response = await fetch(`http://127.0.0.1:${config.port}/containers`);
    return ((await response.json()) as readonly unknown[]).length === 0;
  }, "all containers are gone");
  await kill();
  await peer.close();
  rmSync(dir, { recursive: true, force: true });
  if (existsSync("/sys/fs/cgroup")) {
    execFileSync("find", [
      "/sys/fs/cgroup",
      "-depth",
      "-type",
      "d",
      "-path",
      `*${cgroupParent}*`,
      "-exec",
      "rmdir",
      "{}",
      "+",
    ]);
  }
});

describe("kill -9 of the agent", () => {
  it("[AGT13] tasks never notice; no update is lost or doubled", async () => {
    const { master } = peer;
    const count = 4;
    for (let index = 0; index < count; index += 1) {
      const value = `i=0; while [ ! -e stop ]; do i=$((i+1)); echo $i; sleep 0.02; done; exit ${index}`;
      master.launch(framework, commandTask(`t${index}`, { command: { value } }));
    }
    for (let round = 0; round < restarts; round += 1) {
      // Each time a little later: into the launches, the first updates, then the quiet.
      await new Promise((resolve) => {
        setTimeout(resolve, round * 40);
      });
      await kill();
      await start();
    }
    const taskIds = Array.from({ length: count }, (_, index) => `t${index}`);
    await until(() => taskIds.every((id) => master.statesOf(id).length === 2), "all run");
    const debug = await fetch(`http://127.0.0.1:${config.port}/files/debug`);
    const paths = (await debug.json()) as Readonly<Record<string, string>>;
    for (const id of taskIds) {
      const sandbox = paths[`/frameworks/f1/executors/${id}/runs/latest`] ?? "";
      execFileSync("touch", [`${sandbox}/stop`]);
    }
    await until(() => taskIds.every((id) => master.statesOf(id).length === 3), "all end");
    expect(taskIds.map((id) => master.statesOf(id))).toEqual(
      taskIds.map((id) => [
        "TASK_STARTING",
        "TASK_RUNNING",
        id === "t0" ? "TASK_FINISHED" : "TASK_FAILED",
      ]),
    );
    for (const id of taskIds) {
      const sandbox = paths[`/frameworks/f1/executors/${id}/runs/latest`] ?? "";
      const lines = readFileSync(`${sandbox}/stdout`, "utf8").trim().split("\n").map(Number);
      expect(lines).toEqual(lines.map((_, index) => index + 1));
    }
  });
});
