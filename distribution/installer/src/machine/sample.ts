import { fetchJson } from "@tutti/http";
import { Failure } from "../failure.ts";
import { limits } from "../limits.ts";
import type { ClusterFile } from "../plan/cluster-file.ts";
import { sampleApp } from "../sample-app.ts";
import { ask } from "./ready.ts";
import { eventually } from "./processes.ts";

interface SampleTask {
  readonly host: string;
  readonly ports: readonly number[];
  readonly healthCheckResults?: readonly { readonly alive: boolean }[];
}

/** How many instances the sample gets: one on each private agent, at most two. */
export function sampleInstances(cluster: ClusterFile): number {
  return Math.min(sampleApp.instances, cluster.agents.filter((agent) => !agent.public).length);
}

/** Deploys the sample app and answers the addresses of its instances, once they are healthy and serve the page. */
export async function deploySample(
  cluster: ClusterFile,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const instances = sampleInstances(cluster);
  const url = `${cluster.marathonUrl}/v2/apps`;
  const posted = await fetchJson({
    method: "POST",
    url,
    headers: { Authorization: `Bearer ${cluster.secret}` },
    json: { ...sampleApp, instances },
    timeoutMs: limits.requestTimeoutMs,
    signal,
  });
  // 409: an `up` that was killed came as far as this.
  if (posted.status !== 201 && posted.status !== 409)
    throw new Failure(`Marathon answered ${String(posted.status)}: ${posted.text.slice(0, 300)}`, {
      wayOut: "start without the sample app: ./tutti up --no-sample",
    });
  let addresses: readonly string[] = [];
  const healthy = await eventually(
    async () => {
      addresses = await healthyAddresses(cluster, signal);
      return addresses.length >= instances;
    },
    limits.sampleTimeoutMs,
    signal,
  );
  if (healthy) return addresses;
  const app = await ask(cluster, `${url}${sampleApp.id}?embed=app.tasks&embed=app.lastTaskFailure`);
  throw new Failure(
    `${String(addresses.length)} of ${String(instances)} instances of ${sampleApp.id} became healthy`,
    {
      lines: (app?.text ?? "Marathon does not answer").slice(0, 2_000).split("\n"),
      wayOut: "start without the sample app: ./tutti up --no-sample",
    },
  );
}

/** Where the sample app answers now: nowhere when it was removed, or Marathon is away. */
export async function sampleAddresses(
  cluster: ClusterFile,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return healthyAddresses(cluster, signal);
}

async function healthyAddresses(
  cluster: ClusterFile,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const answer = await ask(cluster, `${cluster.marathonUrl}/v2/apps${sampleApp.id}/tasks`, signal);
  if (answer?.status !== 200) return [];
  const tasks = (answer.json as { tasks?: readonly SampleTask[] }).tasks ?? [];
  const healthy = tasks
    .filter((task) => task.healthCheckResults?.some((result) => result.alive) === true)
    .map((task) => `http://${task.host}:${String(task.ports[0] ?? 0)}/`);
  const serving = await Promise.all(healthy.map((url) => serves(url, signal)));
  return healthy.filter((_, index) => serving[index]);
}

/** Whether the page comes; an app is not shown the cluster's secret. */
async function serves(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const timeoutMs = limits.requestTimeoutMs;
    return (await fetchJson({ method: "GET", url, timeoutMs, signal })).status === 200;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
