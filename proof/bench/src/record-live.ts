import { spawn, type ChildProcessByStdio } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { TestCluster } from "@tutti/e2e";
import { openRecordStream } from "@tutti/http";
import { percentile, type BenchReport, type Figure } from "./measure.ts";
import { median, medianAndSpread } from "./medians.ts";

const runs = 5;
const tasksPerRun = 40;
/** The machine that is watched; discovery runs on another. */
const watched = "public1";
const withinMs = 30_000;
const program = fileURLToPath(new URL("./record-watcher.ts", import.meta.url));

/** What one task took, in ms. */
interface Sample {
  /** TASK_RUNNING on the master's stream → first answer for the task's name. */
  readonly namedMs: number;
  /** TASK_RUNNING → its backend is in the kernel's map. */
  readonly ledMs: number;
  /** TASK_KILLING → its backend is in the kernel's map no more. */
  readonly withdrawnMs: number;
}

/** How soon a machine answers for a task that runs, leads connections to it, and ceases to when it is killed. */
export async function benchRecordLive(): Promise<BenchReport> {
  const cluster = await TestCluster.start(["--no-sample"]);
  const { id } = JSON.parse(readFileSync(join(cluster.dir, "cluster.json"), "utf8")) as {
    readonly id: string;
  };
  const moments = new Moments();
  const abort = new AbortController();
  const watcher = startWatcher(`tutti-${id}-${watched}`, moments);
  try {
    void followMaster(cluster.masterUrl, abort.signal, moments);
    await moments.next("subscribed");
    const samples: Sample[][] = [];
    for (let run = 0; run < runs; run += 1) {
      const own: Sample[] = [];
      for (let task = 0; task < tasksPerRun; task += 1)
        own.push(await measureTask(cluster, watcher, moments, `live-${run}-${task}`));
      samples.push(own);
    }
    return {
      title: "A task's record and VIP on a machine",
      method: `A cluster of four machines with nothing else to do; apps of one \`sleep 1000\` behind a VIP, one after another, ${String(runs)} runs of ${String(tasksPerRun)}. Beginning: the master's event (TASK_RUNNING, TASK_KILLING) reaches a subscriber of its own. End, on a machine without the task's agent and without discovery: the first answer of the machine's DNS for the task's name, asked every millisecond; the kernel's word (\`nft monitor\`) that the backend is in the VIP's map or has left it. Median and spread of the runs' percentiles.`,
      figures: [
        figure(samples, "name, from TASK_RUNNING", 100, ({ namedMs }) => namedMs),
        figure(samples, "VIP, from TASK_RUNNING", 250, ({ ledMs }) => ledMs),
        figure(samples, "VIP, from TASK_KILLING", 250, ({ withdrawnMs }) => withdrawnMs),
      ],
    };
  } finally {
    abort.abort();
    // Its monitor ends with it.
    watcher.stdin.end();
    await cluster.down();
  }
}

async function measureTask(
  cluster: TestCluster,
  watcher: ChildProcessByStdio<Writable, Readable, null>,
  moments: Moments,
  name: string,
): Promise<Sample> {
  const zoned = `${name}.marathon.mesos`;
  const asking = moments.next(`asking ${zoned}`);
  const named = moments.next(`named ${zoned}`);
  watcher.stdin.write(`${zoned}\n`);
  await asking;
  const running = moments.next(`TASK_RUNNING ${name}`);
  const led = moments.next("add");
  const answer = await cluster.marathon("POST", "/v2/apps", {
    id: `/${name}`,
    cmd: "sleep 1000",
    cpus: 0.1,
    mem: 32,
    labels: { drainSeconds: "0" },
    portDefinitions: [{ port: 0, protocol: "tcp", labels: { VIP_0: `/${name}:80` } }],
  });
  if (answer.status !== 201) throw new Error(`POST answered ${String(answer.status)}`);
  const runningNs = await running;
  const namedMs = millis((await named) - runningNs);
  const ledMs = millis((await led) - runningNs);
  const killing = moments.next(`TASK_KILLING ${name}`);
  const withdrawn = moments.next("delete");
  const ended = moments.next(`TASK_KILLED ${name}`);
  await cluster.marathon("DELETE", `/v2/apps/${name}?force=true`);
  const killingNs = await killing;
  const withdrawnMs = millis((await withdrawn) - killingNs);
  await ended;
  return { namedMs, ledMs, withdrawnMs };
}

function millis(ns: bigint): number {
  return Number(ns) / 1e6;
}

function figure(
  samples: readonly (readonly Sample[])[],
  name: string,
  withinP99Ms: number,
  read: (sample: Sample) => number,
): Figure {
  const of = (share: number) => samples.map((run) => percentile(run.map(read), share));
  return {
    name,
    target: `p99 ≤ ${String(withinP99Ms)} ms`,
    measured: `p50 ${medianAndSpread(of(0.5), "ms")}, p99 ${medianAndSpread(of(0.99), "ms")}`,
    reached: median(of(0.99)) <= withinP99Ms,
  };
}

function startWatcher(
  namespace: string,
  moments: Moments,
): ChildProcessByStdio<Writable, Readable, null> {
  const child = spawn(
    "nsenter",
    [`--net=/run/netns/${namespace}`, "--", process.execPath, program],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  createInterface({ input: child.stdout }).on("line", (line) => {
    const end = line.lastIndexOf(" ");
    moments.happened(line.slice(0, end), BigInt(line.slice(end + 1)));
  });
  return child;
}

/** Subscribes to the master as discovery does, and tells the states of tasks: `TASK_RUNNING NAME`. */
async function followMaster(url: string, signal: AbortSignal, moments: Moments): Promise<void> {
  const stream = await openRecordStream({
    method: "POST",
    url: `${url}/api/v1`,
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ type: "SUBSCRIBE" }),
    signal,
    timeoutMs: withinMs,
    idleTimeoutMs: 0,
  });
  try {
    for await (const record of stream.records()) {
      const atNs = process.hrtime.bigint();
      const event = JSON.parse(new TextDecoder().decode(record)) as MasterEvent;
      if (event.type === "SUBSCRIBED") moments.happened("subscribed", atNs);
      const { status } = event.task_updated ?? {};
      // Marathon's ids of tasks begin with the app's: `live-0-1.instance-…`.
      const [name = ""] = status?.task_id.value.split(".") ?? [];
      // Not the newest state beside it: of a task that ends at once that may be its end already.
      if (status !== undefined) moments.happened(`${status.state} ${name}`, atNs);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

interface MasterEvent {
  readonly type: string;
  readonly task_updated?: {
    readonly status: { readonly state: string; readonly task_id: { readonly value: string } };
  };
}

/** Things that happen, each awaited before it does, with the time at which it did. */
class Moments {
  readonly #awaited = new Map<string, (atNs: bigint) => void>();

  happened(what: string, atNs: bigint): void {
    const resolve = this.#awaited.get(what);
    this.#awaited.delete(what);
    resolve?.(atNs);
  }

  /** When it happens next, in ns; rejects when that takes too long. */
  next(what: string): Promise<bigint> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not in time: ${what}`)), withinMs);
      this.#awaited.set(what, (atNs) => {
        clearTimeout(timer);
        resolve(atNs);
      });
    });
  }
}
