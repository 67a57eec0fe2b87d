import { eventually } from "@tutti/e2e";
import { askUntil } from "./asker.ts";
import { startDaemons, type Daemons } from "./daemons.ts";
import type { GrowthPoint } from "./growth.ts";
import { cpuSeconds, type BenchReport, type Figure } from "./measure.ts";
import { median, medianAndSpread } from "./medians.ts";
import { BenchScheduler, type BenchOffer } from "./scheduler.ts";

const connections = 32;
const runs = 5;
const runMs = 1500;
const warmUpMs = 1000;
/** The one that is compared with the original. */
const finishedTasks = 200;
/** How many tasks are in the history when the state is read. */
const historySizes = [100, finishedTasks, 400, 800] as const;
/** Tasks of one call: they fit on the agent together. */
const tasksAtOnce = 20;

/** What a task of this benchmark goes through; anything else is a failure. */
const livingStates: ReadonlySet<string> = new Set(["TASK_STARTING", "TASK_RUNNING"]);

/** What one run over a path found. */
interface Rate {
  /** Requests answered in a second. */
  readonly perSecond: number;
  /** Requests answered for a second of the master's processor time. */
  readonly perCpuSecond: number;
}

/** How many reads a second a master answers: its health, its state when empty and with finished tasks. */
export async function benchReads(): Promise<BenchReport> {
  const daemons = await startDaemons();
  try {
    const figures: Figure[] = [];
    figures.push((await read("/health", { least: 12_000, what: "" }, daemons)).figure);
    figures.push((await read("/state", { least: 2_000, what: "no task" }, daemons)).figure);
    const points: GrowthPoint[] = [];
    const history = new History(daemons);
    for (const size of historySizes) {
      await history.finishUpTo(size);
      const what = `${String(size)} finished tasks`;
      const { figure, perCpuSecond } = await read("/state", { least: 500, what }, daemons);
      if (size === finishedTasks) figures.push(figure);
      points.push({ size, cost: 1000 / perCpuSecond });
    }
    history.close();
    return {
      title: "Reads of the master",
      method: `One master and one agent on the loopback address, as the original was measured; ${String(connections)} kept connections, one request at a time on each, client on the same processors; median and spread of ${String(runs)} runs of ${String(runMs / 1000)} s after a warm-up. Judged by requests a second, as the original was; those for a second of the master's processor time stand beside them, for the client and whatever else runs take their share of the machine.`,
      figures,
      growths: [
        {
          name: "state",
          title: "Reading /state",
          sizeOf: "finished tasks",
          costOf: "ms of the master's processor time for one answer, median of five runs",
          series: [{ name: "/state", points }],
          targets: [],
        },
      ],
    };
  } finally {
    await daemons.stop();
  }
}

/** Reads a path again and again; `least`: requests a second that are wanted. */
async function read(
  path: string,
  { least, what }: { readonly least: number; readonly what: string },
  daemons: Daemons,
): Promise<{ readonly figure: Figure; readonly perCpuSecond: number }> {
  await load(daemons, path, warmUpMs);
  const rates: Rate[] = [];
  for (let run = 0; run < runs; run += 1) rates.push(await load(daemons, path, runMs));
  const perSecond = median(rates.map((rate) => rate.perSecond));
  const perCpuSecond = median(rates.map((rate) => rate.perCpuSecond));
  const figure: Figure = {
    name: what === "" ? path : `${path}, ${what}`,
    target: `≥ ${String(least)} requests/s`,
    measured: `${medianAndSpread(
      rates.map((rate) => rate.perSecond),
      "requests/s",
    )}, ${perCpuSecond.toFixed(0)} for a second of processor`,
    reached: perSecond >= least,
  };
  return { figure, perCpuSecond };
}

async function load(
  { masterUrl, masterPid }: Daemons,
  path: string,
  durationMs: number,
): Promise<Rate> {
  const cpuBefore = cpuSeconds(masterPid);
  const began = performance.now();
  const until = began + durationMs;
  const counts = await Promise.all(
    Array.from({ length: connections }, () => askUntil(masterUrl, path, until)),
  );
  const seconds = (performance.now() - began) / 1000;
  const requests = counts.reduce((sum, count) => sum + count, 0);
  return {
    perSecond: requests / seconds,
    perCpuSecond: requests / (cpuSeconds(masterPid) - cpuBefore),
  };
}

/** Tasks that ended at once and are in the history; their framework stays while it is needed. */
class History {
  readonly #scheduler: BenchScheduler;
  readonly #offers: BenchOffer[] = [];
  readonly #finished = new Set<string>();
  readonly #failures: string[] = [];
  #subscribed: Promise<void> | undefined;

  constructor({ masterUrl, secret }: Daemons) {
    this.#scheduler = new BenchScheduler(masterUrl, secret);
    this.#scheduler.onOffers = (more) => this.#offers.push(...more);
    this.#scheduler.onStatus = ({ task_id: id, state, message = "" }) => {
      if (state === "TASK_FINISHED") this.#finished.add(id.value);
      else if (!livingStates.has(state)) this.#failures.push(`${id.value}: ${state} ${message}`);
    };
  }

  /** Launches until so many are in the history. */
  async finishUpTo(count: number): Promise<void> {
    this.#subscribed ??= this.#scheduler.subscribe();
    await this.#subscribed;
    try {
      for (let first = this.#finished.size; first < count; first += tasksAtOnce)
        await this.#finishFrom(first);
    } catch (error) {
      throw new Error(`tasks did not get through: ${this.#failures.join("; ")}`, { cause: error });
    }
  }

  async #finishFrom(first: number): Promise<void> {
    const offer = await eventually("an offer", 20_000, () => this.#offers[0]);
    const pieces = this.#offers.splice(0, this.#offers.length);
    await this.#scheduler.call("ACCEPT", {
      accept: {
        offer_ids: pieces.map(({ id }) => id),
        operations: [{ type: "LAUNCH", launch: { task_infos: tasksOn(offer, first) } }],
        filters: { refuse_seconds: 0 },
      },
    });
    const wanted = first + tasksAtOnce;
    await eventually(`${String(wanted)} finished tasks`, 20_000, () =>
      this.#finished.size === wanted ? true : undefined,
    );
  }

  close(): void {
    this.#scheduler.close();
  }
}

function tasksOn(offer: BenchOffer, first: number): readonly unknown[] {
  const resource = (name: string, value: number): unknown => ({
    name,
    type: "SCALAR",
    scalar: { value },
  });
  return Array.from({ length: tasksAtOnce }, (_, index) => ({
    name: `bench-${String(first + index)}`,
    task_id: { value: `bench-${String(first + index)}` },
    agent_id: offer.agent_id,
    command: { value: "true" },
    resources: [resource("cpus", 0.1), resource("mem", 32)],
  }));
}
