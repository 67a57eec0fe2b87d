import { fetchJson } from "@tutti/http";
import { Failure } from "../failure.ts";
import { limits } from "../limits.ts";
import { ports, type ClusterFile } from "../plan/cluster-file.ts";
import type { MachineProcess } from "../plan/machine-processes.ts";
import { lookAt } from "./keepers.ts";
import type { ClusterPaths } from "./paths.ts";
import { eventually, readText } from "./processes.ts";

/** A question to a process of the cluster; undefined while it does not answer. */
export async function ask(
  cluster: ClusterFile,
  url: string,
  signal?: AbortSignal,
): Promise<{ readonly status: number; readonly json: unknown; readonly text: string } | undefined> {
  try {
    return await fetchJson({
      method: "GET",
      url,
      headers: { Authorization: `Bearer ${cluster.secret}` },
      timeoutMs: limits.requestTimeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** Waits until master and Marathon answer, every agent that is not given up is registered and every machine has the table. Throws a `Failure` that shows why not. */
export async function waitUntilReady(
  cluster: ClusterFile,
  paths: ClusterPaths,
  processes: readonly MachineProcess[],
  signal: AbortSignal,
): Promise<void> {
  let missing = "the master";
  const ready = await eventually(
    async () => {
      refuseDying(paths, processes);
      const wanted = cluster.agents.filter(
        ({ name }) => !lookAt(paths, { machine: name, name: "agent" }).isGone,
      );
      missing = (await whatIsMissing(cluster, wanted.length, signal)) ?? "";
      return missing === "";
    },
    limits.readyTimeoutMs,
    signal,
  );
  if (ready) return;
  throw new Failure(`${missing} did not answer within ${String(limits.readyTimeoutMs / 1000)} s`, {
    lines: processes.flatMap((process) => logTail(paths, process)),
    wayOut: "the lines above are the ends of the logs: mend the cause, then run the command again",
  });
}

async function whatIsMissing(
  cluster: ClusterFile,
  agentsWanted: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [master, marathon] = await Promise.all([
    ask(cluster, `${cluster.masterUrl}/slaves`, signal),
    ask(cluster, `${cluster.marathonUrl}/ping`, signal),
  ]);
  if (master?.status !== 200) return "the master";
  const agents = (master.json as { slaves?: readonly { active?: boolean }[] }).slaves ?? [];
  const active = agents.filter((agent) => agent.active !== false).length;
  if (active < agentsWanted)
    return `${String(agentsWanted - active)} of ${String(agentsWanted)} agents`;
  if (marathon?.status !== 200) return "Marathon";
  const machines = [...cluster.masters, ...cluster.agents];
  const health = await Promise.all(
    machines.map(({ ip }) => ask(cluster, `http://${ip}:${String(ports.node)}/health`, signal)),
  );
  const without = machines.find((_, index) => {
    const answer = health[index]?.json as { readonly healthy?: boolean } | undefined;
    return answer?.healthy !== true;
  });
  return without === undefined ? undefined : `names and virtual IPs of ${without.name}`;
}

/** A process that ends again and again before the cluster is ready never will be. */
function refuseDying(paths: ClusterPaths, processes: readonly MachineProcess[]): void {
  for (const process of processes) {
    if (lookAt(paths, process).exits < limits.earlyExitsMax) continue;
    throw new Failure(`process ${process.name} of ${process.machine} ends again and again`, {
      lines: logTail(paths, process),
      wayOut: "the lines above are the end of its log: mend the cause, then run the command again",
    });
  }
}

/** The last lines of a process's log, under its name. */
export function logTail(
  paths: ClusterPaths,
  process: Pick<MachineProcess, "machine" | "name">,
): readonly string[] {
  const text = (readText(paths.logFile(process.machine, process.name)) ?? "").trimEnd();
  if (text === "") return [`${process.machine} ${process.name}: (its log is empty)`];
  const lines = text.split("\n").slice(-limits.logTailLines);
  return [`${process.machine} ${process.name}:`, ...lines.map((line) => `  ${line}`)];
}
