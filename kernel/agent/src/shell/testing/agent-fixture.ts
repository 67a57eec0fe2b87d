import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAgent } from "../start-agent.ts";
import type { StartAgentConfig } from "../configuration.ts";
import type { RunningAgent } from "../start-agent.ts";
import { agentId } from "../../core/testing/simulated-world.ts";
import { startHttpMaster } from "./http-master.ts";
import type { HttpMaster } from "./http-master.ts";

export const secret = "the-secret";

/** A real agent with plain processes, and a master it talks to over HTTP. */
export interface AgentFixture {
  readonly dir: string;
  readonly config: StartAgentConfig;
  readonly peer: HttpMaster;
  readonly agent: RunningAgent;
  close(): Promise<void>;
}

/** A port of the loopback address that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The configuration of an agent below `dir`. */
export async function fixtureConfig(
  dir: string,
  masters: readonly string[],
): Promise<StartAgentConfig> {
  return {
    ip: "127.0.0.1",
    port: await freePort(),
    hostname: "localhost",
    masters,
    secret,
    open: false,
    resources: "cpus:4;mem:2048;disk:1000;ports:[31000-32000]",
    attributes: "rack:a;public_ip:true",
    workDir: join(dir, "work"),
    runtimeDir: join(dir, "run"),
    cgroupParent: "/tutti-agent-test",
    release: "0.1.0",
    containerizer: { kind: "process" },
    onFatal: (error) => {
      throw error;
    },
  };
}

/** Starts an agent of its own below the machine's folder for such things. */
export async function startFixture(): Promise<AgentFixture> {
  const dir = mkdtempSync(join(tmpdir(), "agent-"));
  const peer = await startHttpMaster({ agentId, secret });
  const config = await fixtureConfig(dir, [peer.url]);
  const agent = await startAgent(config);
  await until(() => peer.master.hellos.length > 0, "the agent calls");
  return {
    dir,
    config,
    peer,
    agent,
    async close() {
      peer.master.order({ type: "shutdownFramework", frameworkId: "f1" });
      await until(async () => (await containersOf(agent)).length === 0, "all containers are gone");
      await agent.stop();
      await peer.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Polls until `condition` holds, at most a minute. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

async function containersOf(agent: RunningAgent): Promise<readonly unknown[]> {
  const response = await fetch(`${agent.url}/containers`);
  return (await response.json()) as readonly unknown[];
}
