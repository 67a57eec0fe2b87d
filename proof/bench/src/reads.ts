import { eventually } from "@tutti/e2e";
import { askUntil } from "./asker.ts";
import { startDaemons, type Daemons } from "./daemons.ts";
import { cpuSeconds, percentile, type BenchReport, type Figure } from "./measure.ts";
import { BenchScheduler, type BenchOffer } from "./scheduler.ts";

const connections = 32;
const runs = 5;
const runMs = 1500;
const warmUpMs = 1000;
const finishedTasks = 200;
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
    figures.push(await figureOf("/health", 12_000, "", daemons));
    figures.push(await figureOf("/state", 2_000, "no task", daemons));
    await finishTasks(daemons);
    const named = `${String(finishedTasks)} finished tasks`;
    figures.push(await figureOf("/state", 500, named, daemons));
    return {
      title: "Reads of the master",
      method: `One master and one agent on the loopback address, as the original was measured; ${String(connections)} kept connections, one request at a time on each, client on the same processors; median of ${String(runs)} runs of ${String(runMs / 1000)} s after a warm-up. Judged by requests a second, as the original was; those for a second of the master's processor time stand beside them, for the client and whatever else runs take their share of the machine.`,
      figures,
    };
  } finally {
    await daemons.stop();
  }
}

async function figureOf(
  path: string,
  target: number,
  what: string,
  daemons: Daemons,
): Promise<Figure> {
  await load(daemons, path, warmUpMs);
  const rates: Rate[] = [];
  for (let run = 0; run < runs; run += 1) rates.push(await load(daemons, path, runMs));
  const perSecond = percentile(
    rates.map((rate) => rate.perSecond),
    0.5,
  );
  const perCpuSecond = percentile(
    rates.map((rate) => rate.perCpuSecond),
    0.5,
  );
  return {
    name: what === "" ? path : `${path}, ${what}`,
    target: `≥ ${String(target)} requests/s`,
    measured: `${perSecond.toFixed(0)} requests/s, ${perCpuSecond.toFixed(0)} for a second of processor`,
    reached: perSecond >= target,
  };
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

/** Launches tasks that end at once, until as many as wanted are in the history; then the framework stays. */
async function finishTasks({ masterUrl, secret }: Daemons): Promise<void> {
  const scheduler = new BenchScheduler(masterUrl, secret);
  const offers: BenchOffer[] = [];
  scheduler.onOffers = (more) => offers.push(...more);
  const finished = new Set<string>();
  const failures: string[] = [];
  scheduler.onStatus = ({ task_id: id, state, message = "" }) => {
    if (state === "TASK_FINISHED") finished.add(id.value);
    else if (!livingStates.has(state)) failures.push(`${id.value}: ${state} ${message}`);
  };
  await scheduler.subscribe();
  try {
    for (let first = 0; first < finishedTasks; first += tasksAtOnce) {
      const offer = await eventually("an offer", 20_000, () => offers[0]);
      const pieces = offers.splice(0, offers.length);
      await scheduler.call("ACCEPT", {
        accept: {
          offer_ids: pieces.map(({ id }) => id),
          operations: [{ type: "LAUNCH", launch: { task_infos: tasksOn(offer, first) } }],
          filters: { refuse_seconds: 0 },
        },
      });
      const wanted = first + tasksAtOnce;
      await eventually(`${String(wanted)} finished tasks`, 20_000, () =>
        finished.size === wanted ? true : undefined,
      );
    }
  } catch (error) {
    throw new Error(`tasks did not get through: ${failures.join("; ")}`, { cause: error });
  } finally {
    scheduler.close();
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
