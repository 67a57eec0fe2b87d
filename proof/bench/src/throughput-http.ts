import type { AgentID } from "@tutti/mesos-v1";
import { benchTask } from "./bench-task.ts";
import { startMasterAlone } from "./daemons.ts";
import { cpuSeconds, type Figure } from "./measure.ts";
import { median, medianAndSpread, readable } from "./medians.ts";
import { BenchScheduler, type BenchOffer } from "./scheduler.ts";
import { SocketAgent } from "./socket-agents.ts";

const runs = 5;
const agentCount = 1000;
const tasks = 15_000;
const warmUpTasks = 5000;
const tasksPerAccept = 10;
const registeredAtOnce = 50;
const deadlineMs = 240_000;
const targetPerSecond = 4000;
const cpusOfAgent = 64;

/** What one master did. */
interface HttpTaken {
  readonly perSecond: number;
  /** Tasks for a second of the master's processor time. */
  readonly perCpuSecond: number;
}

/** Tasks a second through a real master: its shell, HTTP on the loopback address, its state on the disk; five masters. */
export async function throughputOverHttp(): Promise<Figure> {
  const taken: HttpTaken[] = [];
  for (let run = 0; run < runs; run += 1) taken.push(await throughOneMaster());
  const rates = taken.map(({ perSecond }) => perSecond);
  const cpuRates = taken.map(({ perCpuSecond }) => perCpuSecond);
  return {
    name: `${readable(agentCount)} agents over HTTP, durable master, ${String(tasksPerAccept)} in one ACCEPT`,
    target: `≥ ${readable(targetPerSecond)} tasks/s`,
    measured: `${medianAndSpread(rates, "tasks/s")}; ${medianAndSpread(cpuRates, "for a second of the master's processor")}`,
    reached: median(rates) >= targetPerSecond,
  };
}

async function throughOneMaster(): Promise<HttpTaken> {
  const master = await startMasterAlone();
  const abort = new AbortController();
  const scheduler = new BenchScheduler(master.masterUrl, master.secret, { isPooled: true });
  try {
    const run = new HttpRun(scheduler);
    const agents = Array.from(
      { length: agentCount },
      (_, i) =>
        new SocketAgent(
          {
            masterUrl: master.masterUrl,
            secret: master.secret,
            signal: abort.signal,
            resources: [
              { name: "cpus", type: "SCALAR", scalar: { value: cpusOfAgent } },
              { name: "mem", type: "SCALAR", scalar: { value: 131_072 } },
              {
                name: "ports",
                type: "RANGES",
                ranges: { range: [{ begin: 20_000, end: 29_999 }] },
              },
            ],
            onAcknowledged: () => run.countAcknowledged(),
          },
          `10.0.${String(i >> 8)}.${String(i & 255)}`,
        ),
    );
    for (let at = 0; at < agents.length; at += registeredAtOnce)
      await Promise.all(agents.slice(at, at + registeredAtOnce).map((agent) => agent.register()));
    scheduler.onOffers = (offers) => run.takeOffers(offers);
    await scheduler.subscribe();
    const failure = (): unknown =>
      scheduler.failure ?? agents.find((agent) => agent.failure !== undefined)?.failure;
    await run.launch(warmUpTasks, failure);
    const cpuBefore = cpuSeconds(master.masterPid);
    const startMs = performance.now();
    await run.launch(tasks, failure);
    const seconds = (performance.now() - startMs) / 1000;
    return {
      perSecond: tasks / seconds,
      perCpuSecond: tasks / (cpuSeconds(master.masterPid) - cpuBefore),
    };
  } finally {
    abort.abort();
    scheduler.close();
    await master.stop();
  }
}

/** What was wanted, launched and acknowledged. */
class HttpRun {
  readonly #scheduler: BenchScheduler;
  #wanted = 0;
  #launched = 0;
  #acknowledged = 0;
  #done: () => void = () => undefined;
  #failure: unknown;
  readonly #onAgent = new Map<string, number>();

  constructor(scheduler: BenchScheduler) {
    this.#scheduler = scheduler;
  }

  countAcknowledged(): void {
    this.#acknowledged += 1;
    if (this.#acknowledged === this.#wanted) this.#done();
  }

  /** Resolves when so many more tasks were launched, ran and were acknowledged. */
  async launch(count: number, failure: () => unknown): Promise<void> {
    this.#wanted += count;
    const done = new Promise<void>((resolve, reject) => {
      const end = (error?: unknown): void => {
        clearInterval(watch);
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error as Error);
      };
      const watch = setInterval(() => {
        const error = this.#failure ?? failure();
        if (error !== undefined) end(error);
      }, 100);
      const timer = setTimeout(() => end(new Error("the tasks take too long")), deadlineMs);
      this.#done = end;
    });
    if (count < this.#wanted) await this.#scheduler.call("REVIVE", {});
    await done;
  }

  takeOffers(offers: readonly BenchOffer[]): void {
    for (const offer of offers) {
      const agentId = offer.agent_id.value;
      const before = this.#onAgent.get(agentId) ?? 0;
      const count = Math.min(tasksPerAccept, this.#wanted - this.#launched);
      const first = this.#launched;
      this.#onAgent.set(agentId, before + count);
      this.#launched += count;
      this.#scheduler.call(...answerTo(offer, first, before, count)).catch((error: unknown) => {
        this.#failure = error;
      });
    }
  }
}

function answerTo(
  offer: BenchOffer,
  first: number,
  before: number,
  count: number,
): [type: string, fields: Readonly<Record<string, unknown>>] {
  const offer_ids = [offer.id];
  if (count === 0) return ["DECLINE", { decline: { offer_ids, filters: { refuse_seconds: 1e6 } } }];
  const task_infos = Array.from({ length: count }, (_, i) =>
    benchTask(first + i, offer.agent_id as AgentID, { port: 20_000 + before + i }),
  );
  const operations = [{ type: "LAUNCH", launch: { task_infos } }];
  return ["ACCEPT", { accept: { offer_ids, operations, filters: { refuse_seconds: 0 } } }];
}
