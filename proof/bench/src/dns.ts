import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  endPeer,
  enterDnsPlace,
  installDnsPrograms,
  startDnsPeers,
  type DnsPeer,
  type DnsPlace,
} from "./dns-peers.ts";
import type { GrowthPoint } from "./growth.ts";
import { cpuSeconds, percentile, type BenchReport, type Figure } from "./measure.ts";
import { median, medianAndSpread, readable } from "./medians.ts";

const runs = 5;
const secondsPerRun = 4;
const size = { apps: 1000, tasksPerApp: 10 };
/** Queries a second of the run that looks at each answer's time. */
const calmQueries = 30_000;
const calmRuns = 5;

interface Run {
  readonly perSecond: number;
  readonly cpuUs: number;
  /** Of dnsperf itself. */
  readonly clientCpuUs: number;
  readonly lost: number;
}

/**
 * Queries a second of the forwarder of a machine with 10,000 tasks in answers of ten addresses, beside unbound and nsd on
 * the same data in the same run.
 */
export async function benchDns(): Promise<BenchReport> {
  installDnsPrograms();
  const dir = mkdtempSync(join(tmpdir(), "tutti-bench-dns-"));
  const place = enterDnsPlace();
  let peers: DnsPeer[] = [];
  try {
    peers = await startDnsPeers(dir, size, place);
    const questions = join(dir, "questions");
    const lines = Array.from({ length: size.apps }, (_, app) => `app-${app}.marathon.mesos A`);
    writeFileSync(questions, `${lines.join("\n")}\n`);
    const results = new Map(peers.map((peer) => [peer.name, [] as Run[]]));
    // The first round is not counted: until then the code of those in Node is not compiled.
    for (const peer of peers) await measure(peer, questions, place);
    for (let run = 0; run < runs; run += 1) {
      for (const peer of peers) results.get(peer.name)?.push(await measure(peer, questions, place));
    }
    const latencies = await calmLatencies(peers, questions, place);
    return {
      title: "DNS queries",
      method:
        `The forwarder of a machine with its zones in one process, ${size.apps.toLocaleString("en")} names with ${size.tasksPerApp} addresses ` +
        `each, asked by dnsperf (20 clients, 100 questions under way) on the same 2 cores, all in a network namespace of their own; unbound ` +
        `and nsd on the same data, with two threads or processes each; the skeleton is \`node:dgram\` with one callback that copies the question and ` +
        `ten fixed addresses into a buffer and sends it; ${runs} runs of ${secondsPerRun} s in turn after one that is not counted, medians and spread. The 99th ` +
        `percentile is of single answers at ${calmQueries.toLocaleString("en")} queries a second, median and spread of ${calmRuns} runs. ` +
        `Both cores are busy in each run, with the server and with dnsperf: together they can give no more than two million microseconds ` +
        `divided by what the two need for a query.`,
      figures: figuresOf(results, latencies),
    };
  } finally {
    await Promise.all(peers.map(endPeer));
    place.leave();
    rmSync(dir, { recursive: true, force: true });
  }
}

function figuresOf(
  results: ReadonlyMap<string, readonly Run[]>,
  latencies: ReadonlyMap<string, readonly number[]>,
): Figure[] {
  const rateOf = (name: string): number =>
    median((results.get(name) ?? []).map((run) => run.perSecond));
  const ofEach = [...results].map(([name, list]) => {
    const rates = list.map((run) => run.perSecond);
    const cpuUs = list.map((run) => run.cpuUs);
    const clientCpuUs = list.map((run) => run.clientCpuUs);
    const lost = list.reduce((sum, run) => sum + run.lost, 0);
    const isOurs = name === "Tutti";
    return {
      name: `queries a second, ${name}`,
      target: isOurs ? "≥ 100,000" : "beside it",
      measured: `${medianAndSpread(rates, "/s")}, ${medianAndSpread(cpuUs, "µs")} of processor time each and ${medianAndSpread(clientCpuUs, "µs")} of dnsperf's, ${lost} lost`,
      reached: !isOurs || (median(rates) >= 100_000 && lost === 0),
    };
  });
  const ratios = ["a Node skeleton in two processes", "unbound", "nsd"].map((name) => ({
    name: `Tutti against ${name}`,
    target: "beside it",
    measured: readable(rateOf("Tutti") / rateOf(name)),
    reached: true,
  }));
  const ofAnswers = [...latencies].map(([name, p99Ms]) => ({
    name: `answers of ${name}, p99`,
    target: name === "Tutti" ? "< 5 ms" : "beside it",
    measured: medianAndSpread(p99Ms, "ms"),
    reached: name !== "Tutti" || median(p99Ms) < 5,
  }));
  return [...ofEach, ...ratios, ...ofAnswers];
}

/** A peer and the processes it started: nsd and unbound have some. */
function family(pid: number): number[] {
  const children = readdirSync("/proc").filter((name) => {
    if (!/^[0-9]+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
    } catch {
      return false;
    }
  });
  return [pid, ...children.flatMap((name) => family(Number(name)))];
}

async function measure(peer: DnsPeer, questions: string, place: DnsPlace): Promise<Run> {
  const pids = family(peer.process.pid ?? 0);
  const used = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const before = used();
  const text = await dnsperf(peer, questions, place, ["-l", String(secondsPerRun)]);
  const seconds = used() - before;
  const completed = numberAfter(text, "Queries completed:");
  return {
    perSecond: numberAfter(text, "Queries per second:"),
    cpuUs: (seconds * 1e6) / completed,
    clientCpuUs: (clientSeconds(text) * 1e6) / completed,
    lost: numberAfter(text, "Queries lost:"),
  };
}

/** The 99th percentile of answers by peer in each run, in ms, at a rate that all bear. */
async function calmLatencies(
  peers: readonly DnsPeer[],
  questions: string,
  place: DnsPlace,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map(peers.map((peer) => [peer.name, [] as number[]]));
  const rate = ["-l", "3", "-v", "-Q", String(calmQueries)];
  for (let run = 0; run < calmRuns; run += 1) {
    for (const peer of peers) {
      const text = await dnsperf(peer, questions, place, rate);
      const times = [...text.matchAll(/^> NOERROR \S+ A ([0-9.]+)$/gm)].map((one) =>
        Number(one[1]),
      );
      found.get(peer.name)?.push(percentile(times, 0.99) * 1000);
    }
  }
  return found;
}

/** What dnsperf says, and in the last line how much processor time it took, as the shell's `times` tells. */
async function dnsperf(
  peer: DnsPeer,
  questions: string,
  { prefix }: DnsPlace,
  more: readonly string[],
): Promise<string> {
  const own = ["-s", "127.0.0.1", "-p", String(peer.port), "-d", questions, "-c", "20", ...more];
  const [program = "", ...argv] = [...prefix, "sh", "-c", 'dnsperf "$@"; times', "sh", ...own];
  const done = await promisify(execFile)(program, argv, { maxBuffer: 1 << 28, timeout: 60_000 });
  return done.stdout;
}

/** `0m1.20s 0m2.50s` in the last line: user and system time of what the shell ran. */
function clientSeconds(text: string): number {
  const line = text.trimEnd().split("\n").at(-1) ?? "";
  const times = [...line.matchAll(/(\d+)m([0-9.]+)s/g)];
  return times.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

function numberAfter(text: string, words: string): number {
  const line = text.split("\n").find((one) => one.includes(words)) ?? "";
  return Number(
    /([0-9.]+)/.exec(line.slice(line.indexOf(words) + words.length))?.[1] ?? Number.NaN,
  );
}

interface TableRun {
  readonly buildMs: number;
  readonly cpuMs: number;
  readonly tableMb: number;
  readonly changeUs: number;
}

/** How long the zones of a machine take to be built for 100,000 tasks, and what they hold. */
export async function benchDnsTable(): Promise<BenchReport> {
  const program = fileURLToPath(new URL("./dns-table.ts", import.meta.url));
  const build = async (apps: number): Promise<TableRun> => {
    const argv = ["--expose-gc", program, JSON.stringify({ apps, tasksPerApp: 1 })];
    const { stdout } = await promisify(execFile)(process.execPath, argv, { timeout: 120_000 });
    return JSON.parse(stdout) as TableRun;
  };
  const builds = async (apps: number): Promise<readonly TableRun[]> => {
    const taken: TableRun[] = [];
    for (let run = 0; run < runs; run += 1) taken.push(await build(apps));
    return taken;
  };
  const taken = await builds(100_000);
  const points: GrowthPoint[] = [];
  for (const size of [10_000, 30_000])
    points.push({ size, cost: median((await builds(size)).map((run) => run.buildMs)) });
  const of = (pick: (run: TableRun) => number): readonly number[] => taken.map(pick);
  const [buildMs, tableMb] = [median(of((run) => run.buildMs)), median(of((run) => run.tableMb))];
  points.push({ size: 100_000, cost: buildMs });
  return {
    title: "DNS table",
    method:
      "100,000 tasks with a name each on 1,000 agents, read from text, indexed by mesos-dns and by the forwarder of the same " +
      `machine, each run in a process of its own; median and spread of ${runs} runs. The facts themselves count as memory.`,
    figures: [
      {
        name: "both zones built",
        target: "< 1 s",
        measured: `${medianAndSpread(
          of((run) => run.buildMs),
          "ms",
        )}, cpu ${medianAndSpread(
          of((run) => run.cpuMs),
          "ms",
        )}`,
        reached: buildMs < 1000,
      },
      {
        name: "memory, facts and zones",
        target: "< 250 MB",
        measured: medianAndSpread(
          of((run) => run.tableMb),
          "MB",
        ),
        reached: tableMb < 250,
      },
      {
        name: "one change, both zones",
        target: "≤ 100 ms until it is answered",
        measured: medianAndSpread(
          of((run) => run.changeUs),
          "µs",
        ),
        reached: median(of((run) => run.changeUs)) <= 100_000,
      },
    ],
    growths: [
      {
        name: "dns-table",
        title: "The zones of a machine",
        sizeOf: "tasks",
        costOf: "ms to build both, median of five",
        series: [{ name: "both zones", points }],
        targets: [{ size: 100_000, cost: 1000 }],
      },
    ],
  };
}
