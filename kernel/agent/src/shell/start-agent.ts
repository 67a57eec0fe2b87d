import { mkdirSync } from "node:fs";
import { assertNever, Fault } from "@tutti/base";
import { createContainerizer } from "@tutti/containerizer";
import type { CreatedContainerizer } from "@tutti/containerizer";
import {
  bearerGuard,
  hasBearer,
  isSafeMethod,
  startHttpServer,
  unauthorizedReply,
} from "@tutti/http";
import type { HttpServer } from "@tutti/http";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { AgentMachine } from "../core/index.ts";
import type {
  AgentConfig,
  AgentDurable,
  AgentEffect,
  AgentEvent,
  AgentView,
} from "../core/index.ts";
import { CheckRunner } from "./check-runner.ts";
import { coreConfigOf } from "./configuration.ts";
import type { StartAgentConfig } from "./configuration.ts";
import { ContainerEffects } from "./container-effects.ts";
import { describeError } from "./disk-full.ts";
import { DiskWatch } from "./disk-watch.ts";
import { DrainWatch } from "./drain-watch.ts";
import { flagsOf } from "./flags.ts";
import { AccountNames } from "./http/accounts.ts";
import { agentRoutes, isReadPath } from "./http/routes.ts";
import { limits } from "./limits.ts";
import { createLog, levelOf } from "./log.ts";
import type { Log } from "./log.ts";
import { createMasterLink } from "./master-link.ts";
import { openStore } from "./store.ts";
import type { AgentStore } from "./store.ts";

/** A running agent. */
export interface RunningAgent {
  readonly url: string;
  /** Ends the agent and leaves its containers running. */
  stop(): Promise<void>;
}

const wake: AgentEvent = { type: "wake" };

/**
 * Starts an agent: takes up what is durable, finds its containers again, answers HTTP, and calls the
 * masters for as long as it lives. Throws a `Fault`: CONFIG, STORE_IN_USE and the like, NO_CONTAINERS,
 * EADDRINUSE.
 */
export async function startAgent(config: StartAgentConfig): Promise<RunningAgent> {
  const log = createLog(levelOf(process.env["TUTTI_LOG"]));
  const core = coreConfigOf(config);
  mkdirSync(core.workDir, { recursive: true, mode: 0o755 });
  const store = openStore(`${core.workDir}/meta/agent.sqlite`);
  try {
    const containerizer = await makeContainerizer(config, log);
    return await assemble({ config, core, store, containerizer, log });
  } catch (error) {
    store.close();
    throw error;
  }
}

async function makeContainerizer(
  config: StartAgentConfig,
  log: Log,
): Promise<CreatedContainerizer> {
  const { runtimeDir, cgroupParent, containerizer: wanted = {} } = config;
  const containerizer = await createContainerizer({
    runtimeDir,
    cgroupParent,
    stateMark: wanted.stateMark ?? "tutti",
    ...(config.resolvConf === undefined ? {} : { resolvConf: config.resolvConf }),
    ...(wanted.kind === undefined ? {} : { kind: wanted.kind }),
    ...(wanted.runtime === undefined ? {} : { runtime: wanted.runtime }),
  });
  log("info", "containers are made", { kind: containerizer.kind });
  for (const lack of containerizer.lacks) log("warn", "this machine limits containers", { lack });
  return containerizer;
}

interface Parts {
  readonly config: StartAgentConfig;
  readonly core: AgentConfig;
  readonly store: AgentStore;
  readonly containerizer: CreatedContainerizer;
  readonly log: Log;
}

async function assemble(parts: Parts): Promise<RunningAgent> {
  const { config, core, store, containerizer, log } = parts;
  const machine = new AgentMachine(core);
  const fatal = (error: Error): void => {
    log("error", "the agent cannot go on", { error: describeError(error), stack: error.stack });
    if (config.onFatal === undefined) process.exit(1);
    config.onFatal(error);
  };
  const tell = (event: AgentEvent): void => loop.post(event);
  const effects = {
    containers: new ContainerEffects({ containerizer, tell, fatal }),
    checks: new CheckRunner({ containerizer, ip: core.ip, tell }),
    drains: new DrainWatch({
      discoveries: config.discoveries ?? [],
      secret: config.secret,
      tell,
    }),
    link: createMasterLink({ secret: config.secret, tell }),
    log,
    fatal,
  };
  const loop: MachineLoop<AgentEvent, AgentDurable> = createMachineLoop(machine, {
    clock: systemClock,
    random: cryptoRandom,
    wake,
    persist: (entries, done) => store.persist(entries, done),
    perform: (effect) => perform(effects, effect),
    fatal,
    stallMs: limits.stallMs,
    onStall: (stalledMs) => loop.post({ type: "stalled", stalledMs }),
  });
  const server = await listen(parts, () => look(loop, machine));
  loop.start(store.load());
  const disk = new DiskWatch({
    dir: core.workDir,
    intervalMs: config.diskWatchMs ?? limits.diskWatchMs,
    tell,
    log,
  });
  log("info", "the agent is up", { url: server.url, release: core.release });
  return {
    url: server.url,
    async stop() {
      disk.close();
      loop.stop();
      effects.drains.close();
      effects.link.close();
      await server.close();
      await containerizer.close();
      store.close();
    },
  };
}

interface Effects {
  readonly containers: ContainerEffects;
  readonly checks: CheckRunner;
  readonly drains: DrainWatch;
  readonly link: ReturnType<typeof createMasterLink>;
  readonly log: Log;
  readonly fatal: (error: Error) => void;
}

/** Performs one effect; what comes of it arrives as an event. */
function perform(effects: Effects, effect: AgentEffect): void {
  const { containers, checks, drains, link, log } = effects;
  if (effect.type !== "log" && log.isOn("debug")) log("debug", "effect", { effect: effect.type });
  switch (effect.type) {
    case "recoverContainers":
      containers.recover(effect);
      return;
    case "launchContainer":
      containers.launch(effect);
      return;
    case "signalContainer":
      containers.signal(effect);
      return;
    case "destroyContainer":
      drains.forget(effect.containerId);
      containers.destroy(effect);
      return;
    case "runCheck":
      checks.run(effect);
      return;
    case "awaitDrained":
      drains.watch(effect);
      return;
    case "removeSandbox":
      containers.removeSandbox(effect);
      return;
    case "dial":
      link.dial(effect);
      return;
    case "hangUp":
      link.hangUp(effect.dial);
      return;
    case "post":
      link.post(effect);
      return;
    case "giveUp":
      effects.fatal(
        new Fault(
          effect.code,
          `the master refused the agent for ever: ${effect.reason} (${effect.code})`,
          { retryable: false },
        ),
      );
      return;
    case "log":
      log(effect.level, effect.message, effect.fields);
      return;
    default:
      assertNever(effect);
  }
}

/** A look at the core when all of it is durable. */
function look(
  loop: MachineLoop<AgentEvent, AgentDurable>,
  machine: AgentMachine,
): Promise<AgentView> {
  return new Promise((resolve) => {
    loop.read(() => resolve(machine.view()));
  });
}

function listen(parts: Parts, lookNow: () => Promise<AgentView>): Promise<HttpServer> {
  const { config, containerizer, log } = parts;
  const { secret, open } = config;
  return startHttpServer({
    host: config.ip,
    port: config.port,
    hostNames: [config.hostname],
    routes: agentRoutes({
      look: lookNow,
      containerizer,
      flags: flagsOf(config, containerizer.kind),
      accounts: new AccountNames(),
      log,
      startedWallMs: Date.now(),
      mayWrite: (request) => open || hasBearer(request.headers, secret),
      refuse: unauthorizedReply,
    }),
    // `/api/v1` reads by POST and judges its own calls.
    guard: bearerGuard({
      secret,
      open,
      allowRead: (method, path) => isSafeMethod(method) || isReadPath(path.replace(/\/$/, "")),
    }),
    onError: (error, request) => {
      log("error", "a request failed", {
        ...request,
        error: error instanceof Error ? error.message : String(error),
      });
    },
  });
}
