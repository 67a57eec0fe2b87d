// A master and a real agent with plain processes, both in this process, that speak over HTTP.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAgent } from "@tutti/agent";
import type { RunningAgent, StartAgentConfig } from "@tutti/agent";
import type { MasterOptions } from "@tutti/master";
import type { GoldenExchange } from "../recordings/exchanges.ts";
import { eventually, sendTo, startWorld } from "./http-world.ts";
import type { RawRequest, RawResponse, World } from "./http-world.ts";
import { replay } from "./replay.ts";

/** A master and an agent. */
export interface Cluster extends World {
  readonly agent: RunningAgent;
  /** Its sandboxes and records are below. */
  readonly agentDir: string;
  sendAgent(request: RawRequest): Promise<RawResponse>;
  /** Sends what was recorded to the one it was sent to then. */
  replay(exchange: GoldenExchange): Promise<RawResponse>;
}

/**
 * Starts both; resolves when the agent is registered. `beforeAgent` is called when the master is up
 * and the agent is not.
 */
export async function startCluster(
  options: Partial<MasterOptions> & {
    readonly beforeAgent?: (world: World) => Promise<void>;
  } = {},
): Promise<Cluster> {
  const { beforeAgent, ...masterOptions } = options;
  const world = await startWorld(masterOptions);
  await beforeAgent?.(world);
  const agentDir = mkdtempSync(join(tmpdir(), "tutti-agent-"));
  const config = await agentConfig(agentDir, world);
  const agent = await startAgent({
    ...config,
    onFatal: (error) => {
      throw error;
    },
  });
  await agentRegistered(world);
  const sendAgent = (request: RawRequest): Promise<RawResponse> =>
    sendTo(agent.url, world.secret, request);
  return {
    ...world,
    agent,
    agentDir,
    sendAgent,
    replay: (exchange) =>
      replay(exchange.request.port === 5051 ? { send: sendAgent } : world, exchange),
    async end() {
      await eventually("all containers are gone", async () => {
        const { text } = await sendAgent({ method: "GET", path: "/containers" });
        return text === "[]" ? true : undefined;
      });
      await agent.stop();
      await world.end();
      rmSync(agentDir, { recursive: true, force: true });
    },
  };
}

/** The configuration of an agent as large as the one that was recorded. */
export function agentConfig(dir: string, world: World): Promise<StartAgentConfig> {
  return agentConfigFor(dir, [world.master.url], world.secret);
}

/** The same for any masters. */
export async function agentConfigFor(
  dir: string,
  masters: readonly string[],
  secret: string,
): Promise<StartAgentConfig> {
  return {
    ip: "127.0.0.1",
    port: await freePort(),
    hostname: "127.0.0.1",
    masters,
    secret,
    open: false,
    resources: "cpus:8;mem:8192;disk:20000;ports:[31000-32000]",
    attributes: "rack:r1;zone:z1",
    workDir: join(dir, "work"),
    runtimeDir: join(dir, "run"),
    cgroupParent: "/tutti-conformance",
    rootAllowed: true,
    release: "0.1.0",
    containerizer: { kind: "process" },
  };
}

/** Waits until the master has an active agent. */
export async function agentRegistered(world: World): Promise<void> {
  await eventually("the agent is registered", async () => {
    const { slaves } = (await world.json("/slaves")) as {
      readonly slaves: readonly { readonly active: boolean }[];
    };
    return slaves[0]?.active === true ? true : undefined;
  });
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
