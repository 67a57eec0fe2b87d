import { readFileSync, truncateSync } from "node:fs";
import { eventually } from "@tutti/e2e";
import { startDaemons, type Daemons } from "./daemons.ts";
import { percentile, type BenchReport } from "./measure.ts";
import { BenchScheduler, type BenchOffer } from "./scheduler.ts";

const fileBytes = 1_000_000_000;
const runs = 5;
/** What the agent may hold in addition: buffers, and what the collector has not had yet. */
const growthMbMax = 32;

/** A file of a gigabyte out of a sandbox: how fast, and what the agent holds in addition meanwhile. */
export async function benchDownload(): Promise<BenchReport> {
  const daemons = await startDaemons();
  try {
    const path = await largeFile(daemons);
    // The first one also loads code.
    await download(daemons, path);
    const samples: { readonly growthMb: number; readonly mbPerSecond: number }[] = [];
    for (let run = 0; run < runs; run += 1) samples.push(await download(daemons, path));
    const growths = samples.map(({ growthMb }) => growthMb);
    const rates = samples.map(({ mbPerSecond }) => mbPerSecond);
    const growthMb = percentile(growths, 0.5);
    return {
      title: "A file of 1 GB",
      method: `GET /files/download of a file of ${String(fileBytes / 1e6)} MB in a sandbox, from an agent's process; its resident memory is read again and again meanwhile, and the most of it compared with what it was before. Median of ${String(runs)} after one that does not count.`,
      figures: [
        {
          name: "growth of the agent's memory",
          target: `≤ ${String(growthMbMax)} MB`,
          measured: `${growthMb.toFixed(1)} MB (${Math.min(...growths).toFixed(1)}–${Math.max(...growths).toFixed(1)})`,
          reached: growthMb <= growthMbMax,
        },
        {
          name: "rate",
          target: "",
          measured: `${percentile(rates, 0.5).toFixed(0)} MB/s (${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)})`,
          reached: true,
        },
      ],
    };
  } finally {
    await daemons.stop();
  }
}

/** Runs a task, and makes a sparse file in its sandbox: the file's path for the files interface. */
async function largeFile({ masterUrl, agentUrl, secret }: Daemons): Promise<string> {
  const scheduler = new BenchScheduler(masterUrl, secret);
  const offers: BenchOffer[] = [];
  let state = "";
  scheduler.onOffers = (more) => offers.push(...more);
  scheduler.onStatus = (status) => (state = status.state);
  await scheduler.subscribe();
  await eventually("an offer", 20_000, () => offers[0]);
  await scheduler.launch(offers.splice(0, offers.length), "large");
  await eventually("the task to run", 20_000, () => (state === "TASK_RUNNING" ? true : undefined));
  const path = `/frameworks/${scheduler.frameworkId}/executors/large/runs/latest`;
  const debug = await fetch(`${agentUrl}/files/debug`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  const places = (await debug.json()) as Readonly<Record<string, string>>;
  truncateSync(`${places[path] ?? ""}/stdout`, fileBytes);
  await scheduler.kill("large");
  await eventually("the task to end", 20_000, () => (state === "TASK_KILLED" ? true : undefined));
  scheduler.close();
  return `${path}/stdout`;
}

async function download(
  { agentUrl, agentPid, secret }: Daemons,
  path: string,
): Promise<{ readonly growthMb: number; readonly mbPerSecond: number }> {
  const before = residentMb(agentPid);
  const began = performance.now();
  let most = before;
  let bytes = 0;
  let lookAt = 0;
  const answer = await fetch(`${agentUrl}/files/download?path=${encodeURIComponent(path)}`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  if (answer.status !== 200 || answer.body === null) throw new Error(await answer.text());
  for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
    bytes += chunk.length;
    if (bytes < lookAt) continue;
    lookAt = bytes + 8e6;
    most = Math.max(most, residentMb(agentPid));
  }
  if (bytes !== fileBytes) throw new Error(`${String(bytes)} bytes came`);
  const seconds = (performance.now() - began) / 1000;
  return { growthMb: most - before, mbPerSecond: bytes / 1e6 / seconds };
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1] ?? Number.NaN) / 1024;
}
