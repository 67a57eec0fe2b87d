import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "@tutti/e2e";
import { nodeOptions } from "@tutti/node";

const program = fileURLToPath(new URL("./daemon.ts", import.meta.url));
/** Where a machine's processes keep what was compiled: without it Node's compiler of TypeScript stays in memory. */
const compiled = fileURLToPath(new URL("../../../.tutti/cache", import.meta.url));
const secret = "bench";

/** A master and an agent with plain processes on the loopback address, as the original was measured; Node is told what
 * a machine's keeper tells it. */
export interface Daemons {
  readonly masterUrl: string;
  readonly agentUrl: string;
  readonly secret: string;
  /** Of the master. */
  readonly masterPid: number;
  readonly agentPid: number;
  /** Where both keep their files; the processes that watch over containers name it. */
  readonly dir: string;
  /** Ends both and removes their files; no task may run any more. */
  stop(): Promise<void>;
}

/** What an agent of these is asked to be different in. */
export interface AgentWishes {
  readonly resources?: string;
  readonly containerizer?: { readonly kind?: "process" };
}

/** Starts both; resolves when the agent is registered. */
export async function startDaemons(wishes: AgentWishes = {}): Promise<Daemons> {
  const dir = mkdtempSync(join(tmpdir(), "tutti-bench-"));
  const [masterPort, agentPort] = [await freePort(), await freePort()];
  const masterUrl = `http://127.0.0.1:${String(masterPort)}`;
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await end(child);
    removeControlGroups(basename(dir));
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const master = daemon("master", {
      ip: "127.0.0.1",
      port: masterPort,
      clusterName: "bench",
      stateDir: join(dir, "master"),
      secret,
      open: false,
    });
    children.push(master);
    const agent = daemon("agent", {
      ip: "127.0.0.1",
      port: agentPort,
      hostname: "127.0.0.1",
      masters: [masterUrl],
      secret,
      open: false,
      resources: "cpus:8;mem:8192;disk:20000;ports:[31000-32000]",
      attributes: "rack:r1;zone:z1",
      workDir: join(dir, "work"),
      runtimeDir: join(dir, "run"),
      cgroupParent: `/${basename(dir)}`,
      release: "0.1.0",
      containerizer: { kind: "process" },
      ...wishes,
    });
    children.push(agent);
    await eventually("the agent is registered", 20_000, () => isRegistered(masterUrl));
    return {
      masterUrl,
      agentUrl: `http://127.0.0.1:${String(agentPort)}`,
      secret,
      masterPid: master.pid ?? 0,
      agentPid: agent.pid ?? 0,
      dir,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A master alone on the loopback address; resolves when it leads. */
export async function startMasterAlone(): Promise<
  Pick<Daemons, "masterUrl" | "secret" | "masterPid" | "stop">
> {
  const dir = mkdtempSync(join(tmpdir(), "tutti-bench-"));
  const port = await freePort();
  const masterUrl = `http://127.0.0.1:${String(port)}`;
  const master = daemon("master", {
    ip: "127.0.0.1",
    port,
    clusterName: "bench",
    stateDir: join(dir, "master"),
    secret,
    open: false,
  });
  const stop = async (): Promise<void> => {
    await end(master);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await eventually("the master leads", 60_000, () => isLeading(masterUrl));
  } catch (error) {
    await stop();
    throw error;
  }
  return { masterUrl, secret, masterPid: master.pid ?? 0, stop };
}

async function isLeading(masterUrl: string): Promise<true | undefined> {
  try {
    return (await fetch(`${masterUrl}/slaves`)).status === 200 ? true : undefined;
  } catch {
    return undefined;
  }
}

function daemon(which: "master" | "agent", options: object): ChildProcess {
  return spawn(process.execPath, [...nodeOptions[which], program, which, JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, TUTTI_LOG: "error", NODE_COMPILE_CACHE: compiled },
  });
}

async function isRegistered(masterUrl: string): Promise<true | undefined> {
  try {
    const response = await fetch(`${masterUrl}/slaves`);
    const { slaves } = (await response.json()) as { readonly slaves: readonly unknown[] };
    return slaves.length === 1 ? true : undefined;
  } catch {
    return undefined;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Removes the control groups of this name, which have no processes any more, in every hierarchy. */
function removeControlGroups(name: string): void {
  const root = "/sys/fs/cgroup";
  const hierarchies = isDirectory(root) ? ["", ...readdirSync(root)] : [];
  for (const hierarchy of hierarchies) {
    const group = join(root, hierarchy, name);
    if (!isDirectory(group)) continue;
    for (const child of readdirSync(group, { recursive: true, encoding: "utf8" }).toReversed())
      if (isDirectory(join(group, child))) rmdirSync(join(group, child));
    rmdirSync(group);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
