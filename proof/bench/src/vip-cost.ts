import { readFileSync } from "node:fs";
import { vipFact } from "@tutti/l4lb/testing";
import { percentile, type Figure } from "./measure.ts";
import { readable } from "./medians.ts";
import { areApart, blockOrder, pairedRatio, ratioText, type PairedRatio } from "./paired.ts";
import { descendantsOf, processesNow, runMs } from "./run-time.ts";
import { backendPort, type VipWorld } from "./vip-world.ts";

/** Blocks of six short rounds: direct, VIP, direct once more as control, and the same backwards. */
const blocks = 40;
/** Rounds through the VIP and beside it that do not count: until then the code of both ends is not compiled. */
const warmUpMs = 2000;
const warmUpBlocks = 2;
const roundMs = 250;
/** About what is made in such a round. */
const connectionsOfRound = 1500;
const atOnce = 16;
/** How much a VIP may cost of what is reached, or take in addition. */
const share = 0.05;

const arms = ["direct", "vip", "control"] as const;
type Arm = (typeof arms)[number];

/** What was done in one round. */
interface Round {
  readonly perSecond: number;
  /** Processor time of both ends and of what the kernel does for the network, for one of them. */
  readonly cpuUs: number;
}

interface At {
  readonly address: string;
  readonly port: number;
}

/** What is measured here, for the page. */
export const vipCostMethod =
  `What a VIP costs: the same pair of processes speaks direct, through a VIP, and direct once more as a control that nothing ` +
  `distinguishes from the first, in rounds of ${roundMs / 1000} s, each block of six there and back with the order taking turns, ` +
  `${blocks} blocks. A block gives one ratio of VIP to direct and one of control to direct; their medians, with 95 % intervals by ` +
  "bootstrap. Reached is what the whole interval reaches, while the control's whole interval is as close to 1. Processor time is " +
  "that of both ends and of the kernel's threads for the network (`schedstat`, in nanoseconds). The rules that a packet passes " +
  "are the same for all: what a VIP costs is the translation of its addresses.";

/** What a VIP costs: requests over kept connections, and new connections. */
export async function vipCost({ there, client, l4lb }: VipWorld): Promise<readonly Figure[]> {
  const vip = { address: "11.200.0.1", port: 80 };
  const direct = { address: there.address, port: backendPort };
  await l4lb.apply({
    remove: [],
    put: [vipFact(vip.address, vip.port, [[direct.address, direct.port]])],
  });
  const requests = async (at: At): Promise<Round> =>
    roundOf(async () => {
      const loaded = await client.ask({ do: "load", ...at, atOnce, forMs: roundMs });
      return { count: loaded.counts["answered"] ?? 0, tookMs: loaded.tookMs };
    });
  const connections = async (at: At): Promise<Round> =>
    roundOf(async () => {
      const order = { count: connectionsOfRound, atOnce };
      const { tookMs } = await client.ask({ do: "connect", ...at, ...order });
      return { count: connectionsOfRound, tookMs };
    });
  const places = { direct, vip, control: direct };
  for (const at of [direct, vip]) await client.ask({ do: "load", ...at, atOnce, forMs: warmUpMs });
  return [
    ...figuresOf("requests over kept connections", await inBlocks(requests, places)),
    ...figuresOf("new connections", await inBlocks(connections, places)),
  ];
}

/** Both rounds of each arm in each block. */
type Block = Readonly<Record<Arm, readonly Round[]>>;

async function inBlocks(
  round: (at: At) => Promise<Round>,
  places: Readonly<Record<Arm, At>>,
): Promise<readonly Block[]> {
  const made: Block[] = [];
  for (let number = 0; number < warmUpBlocks + blocks; number += 1) {
    const block: Record<Arm, Round[]> = { direct: [], vip: [], control: [] };
    for (const arm of blockOrder(arms, number)) block[arm].push(await round(places[arm]));
    if (number >= warmUpBlocks) made.push(block);
  }
  return made;
}

function figuresOf(name: string, made: readonly Block[]): readonly Figure[] {
  const ratio = (arm: Arm, pick: (round: Round) => number): PairedRatio =>
    pairedRatio(made.map((block) => sum(block[arm], pick) / sum(block.direct, pick)));
  const middle = (arm: Arm, pick: (round: Round) => number): number =>
    percentile(
      made.flatMap((block) => block[arm].map(pick)),
      0.5,
    );
  const rate = ({ perSecond }: Round): number => perSecond;
  const cpu = ({ cpuUs }: Round): number => cpuUs;
  const [rates, rateControl] = [ratio("vip", rate), ratio("control", rate)];
  const [cpus, cpuControl] = [ratio("vip", cpu), ratio("control", cpu)];
  const [less, more] = [1 - share, 1 + share];
  const isCalm = ({ low, high }: PairedRatio): boolean => low >= less && high <= more;
  const beside = { target: "beside it", reached: true };
  return [
    {
      name: `${name} a second, VIP against direct`,
      target: `≥ ${less}`,
      measured: `${ratioText(rates)}, ${judged(rates, rateControl)}; ${readable(middle("vip", rate))} against ${readable(middle("direct", rate))}`,
      reached: rates.low >= less && isCalm(rateControl),
    },
    { name: `${name} a second, control`, measured: ratioText(rateControl), ...beside },
    {
      name: `${name}, processor time of one, VIP against direct`,
      target: `≤ ${more}`,
      measured: `${ratioText(cpus)}, ${judged(cpus, cpuControl)}; ${readable(middle("vip", cpu))} µs against ${readable(middle("direct", cpu))} µs`,
      reached: cpus.high <= more && isCalm(cpuControl),
    },
    { name: `${name}, processor time, control`, measured: ratioText(cpuControl), ...beside },
  ];
}

function judged(ratio: PairedRatio, control: PairedRatio): string {
  return areApart(ratio, control) ? "apart from the control" : "not to be told from the control";
}

function sum(rounds: readonly Round[], pick: (round: Round) => number): number {
  return rounds.reduce((total, round) => total + pick(round), 0);
}

async function roundOf(
  what: () => Promise<{ readonly count: number; readonly tookMs: number }>,
): Promise<Round> {
  const pids = networkPids();
  const before = runMs(pids);
  const { count, tookMs } = await what();
  if (count === 0) throw new Error("nothing was answered");
  return { perSecond: (count / tookMs) * 1000, cpuUs: ((runMs(pids) - before) * 1000) / count };
}

/** The peers, which this process started, and the kernel's threads that take packets. */
function networkPids(): readonly number[] {
  const all = processesNow();
  const kernel = all.filter(({ comm }) => comm.startsWith("ksoftirqd/"));
  const peers = descendantsOf(process.pid, all).filter(({ pid }) =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("peer.ts"),
  );
  return [...kernel, ...peers].map(({ pid }) => pid);
}
