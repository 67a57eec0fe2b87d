import type { BenchReport, Figure } from "./measure.ts";
import type { Growth, GrowthPoint } from "./growth.ts";
import { counted, median, takenText, type Taken } from "./medians.ts";
import type { RoundsTaken } from "./mesos-workloads.ts";
import { inOwnProcess } from "./own-process.ts";

/** Frameworks × 2 rounds, as in the original; fewer where that would take a quarter of an hour. */
const declines = [
  { agents: 1000, frameworks: 50, rounds: 100, firstMs: 52, filteredMs: 545 },
  { agents: 1000, frameworks: 200, rounds: 400, firstMs: 54, filteredMs: 179 },
  { agents: 5000, frameworks: 50, rounds: 100, firstMs: 324, filteredMs: 724 },
  { agents: 10_000, frameworks: 50, rounds: 100, firstMs: 566, filteredMs: 1191 },
  { agents: 10_000, frameworks: 1000, rounds: 30, firstMs: 652, filteredMs: 1158 },
] as const;
/** For the plots alone: their first round. */
const furtherDeclines = [{ agents: 10_000, frameworks: 200, rounds: 1 }] as const;
const labels = { agents: 1000, frameworks: 50, rounds: 100, firstMs: 65, filteredMs: 550 } as const;
const suppress = { agents: 1000, frameworks: 200, roundMs: 48 } as const;
const addAndUpdate = { agents: 10_000, frameworks: 1000, addMs: 1190, updateMs: 870 } as const;
/** For the plot alone. */
const fewerAdded = [
  { agents: 1000, frameworks: 1000 },
  { agents: 3000, frameworks: 1000 },
] as const;

/** Agents of `LargeAndSmallQuota`: a fifth of an agent for each small role and five for each large one. */
const quotas = [
  { agents: 30, smallRoles: 25, largeRoles: 5 },
  { agents: 300, smallRoles: 250, largeRoles: 50 },
  { agents: 3000, smallRoles: 2500, largeRoles: 500 },
] as const;
/** Two agents and two frameworks for each role. */
const nonQuotaRoles = [10, 100, 1000] as const;

/** Mesos's own allocator benchmarks, beside what C++ Mesos took for them on two such cores. */
export async function benchMesosAllocator(): Promise<BenchReport> {
  const declined = await declineFigures();
  const labelled = await inOwnProcess("resourceLabels", labels);
  const suppressed = await inOwnProcess("suppressOffers", suppress);
  const added = await addAndUpdateFigures();
  const quota = await quotaFigures();
  return {
    title: "Mesos's allocator benchmarks",
    method:
      "The workloads of `hierarchical_allocator_tests.cpp`, and those with quota of `hierarchical_allocator_benchmarks.cpp`, the same agents, frameworks, resources in use, refusals and order of events, agents × frameworks; each run in a fresh process with nothing compiled, as the original's first round has no rounds before it. The targets are what Apache Mesos 1.12 (C++, optimised) took on a machine with 2 cores: another run on another day, not side by side. When everybody has refused everything, Mesos looks at each pair of agent and framework once more in every round; here an agent is looked at again only when something about it has changed, so that a filtered round costs next to nothing. Median and spread of five.",
    figures: [
      ...declined.figures,
      ...roundFigures("ResourceLabels", labels, labelled),
      figureOf(
        `SuppressOffers ${sizeText(suppress)}, slowest round`,
        suppress.roundMs,
        suppressed.map(({ slowest }) => slowest),
      ),
      ...added.figures,
      ...quota.figures,
    ],
    growths: [...declined.growths, ...added.growths, ...quota.growths],
  };
}

/** Some figures, and how what they cost grows. */
interface Part {
  readonly figures: readonly Figure[];
  readonly growths: readonly Growth[];
}

async function declineFigures(): Promise<Part> {
  const figures: Figure[] = [];
  const points: (GrowthPoint & { readonly agents: number; readonly frameworks: number })[] = [];
  for (const size of [...declines, ...furtherDeclines]) {
    const runs = await inOwnProcess("declineOffers", size);
    if ("firstMs" in size) figures.push(...roundFigures("DeclineOffers", size, runs));
    const { agents, frameworks } = size;
    points.push({ agents, frameworks, size: 0, cost: middle(runs.map(({ first }) => first)) });
  }
  const over = (along: "agents" | "frameworks", fixed: number): readonly GrowthPoint[] =>
    points
      .filter((point) => point[along === "agents" ? "frameworks" : "agents"] === fixed)
      .map((point) => ({ size: point[along], cost: point.cost }))
      .toSorted((a, b) => a.size - b.size);
  const othersOver = (along: "agents" | "frameworks", fixed: number): readonly GrowthPoint[] =>
    declines
      .filter((size) => size[along === "agents" ? "frameworks" : "agents"] === fixed)
      .map((size) => ({ size: size[along], cost: size.firstMs }));
  const costOf = "ms of the first round, median of five; target: C++ Mesos, other run";
  return {
    figures,
    growths: [
      {
        name: "mesos-decline-agents",
        title: "DeclineOffers with 50 frameworks",
        sizeOf: "agents",
        costOf,
        series: [{ name: "50 frameworks", points: over("agents", 50) }],
        targets: othersOver("agents", 50),
      },
      {
        name: "mesos-decline-frameworks",
        title: "DeclineOffers with 10,000 agents",
        sizeOf: "frameworks",
        costOf,
        series: [{ name: "10,000 agents", points: over("frameworks", 10_000) }],
        targets: othersOver("frameworks", 10_000),
      },
    ],
  };
}

async function addAndUpdateFigures(): Promise<Part> {
  const figures: Figure[] = [];
  const [adds, updates]: [GrowthPoint[], GrowthPoint[]] = [[], []];
  for (const size of [...fewerAdded, addAndUpdate]) {
    const runs = await inOwnProcess("addAndUpdateAgent", size);
    const [add, update] = [runs.map((run) => run.add), runs.map((run) => run.update)];
    adds.push({ size: size.agents, cost: middle(add) });
    updates.push({ size: size.agents, cost: middle(update) });
    if (size !== addAndUpdate) continue;
    const name = `AddAndUpdateAgent ${sizeText(addAndUpdate)}`;
    figures.push(figureOf(`${name}, add`, addAndUpdate.addMs, add));
    figures.push(figureOf(`${name}, update`, addAndUpdate.updateMs, update));
  }
  return {
    figures,
    growths: [
      {
        name: "mesos-add-agents",
        title: "AddAndUpdateAgent with 1,000 frameworks",
        sizeOf: "agents",
        costOf: "ms for all agents, median of five; target: C++ Mesos for adding, other run",
        series: [
          { name: "add", points: adds },
          { name: "update", points: updates },
        ],
        targets: [{ size: addAndUpdate.agents, cost: addAndUpdate.addMs }],
      },
    ],
  };
}

/** The quota workloads; what C++ Mesos takes for them was not measured. */
async function quotaFigures(): Promise<Part> {
  const figures: Figure[] = [];
  const points = new Map<string, GrowthPoint[]>();
  const take = (name: string, agents: number, rest: string, runs: readonly RoundsTaken[]): void => {
    figures.push(...quotaPair(`${name.split(",")[0] ?? name} ${rest}`, runs));
    const cost = middle(runs.map(({ first }) => first));
    points.set(name, [...(points.get(name) ?? []), { size: agents, cost }]);
  };
  for (const { agents, ...size } of quotas) {
    const runs = await inOwnProcess("largeAndSmallQuota", size);
    const roles = size.smallRoles + size.largeRoles;
    const rest = `${counted(agents)} agents, ${counted(roles)} roles`;
    take("LargeAndSmallQuota", agents, rest, runs);
  }
  for (const roles of nonQuotaRoles) {
    for (const hasQuota of [false, true]) {
      const runs = await inOwnProcess("nonQuotaVsQuota", { roles, hasQuota });
      const what = hasQuota ? "with quota" : "without quota";
      const rest = `${counted(roles * 2)} agents, ${counted(roles)} roles, ${what}`;
      take(`NonQuotaVsQuota, ${what}`, roles * 2, rest, runs);
    }
  }
  return {
    figures,
    growths: [
      {
        name: "mesos-quota-agents",
        title: "Mesos's quota workloads: all is offered",
        sizeOf: "agents",
        costOf: "ms of the first round, median of five",
        series: [...points].map(([name, own]) => ({ name, points: own })),
        targets: [],
      },
    ],
  };
}

function middle(runs: readonly Taken[]): number {
  return median(runs.map(({ wallMs }) => wallMs));
}

function quotaPair(name: string, runs: readonly RoundsTaken[]): readonly Figure[] {
  const isDone = runs.every(({ offersLast }) => offersLast === 0);
  return [
    {
      name: `${name}, all is offered`,
      target: "",
      measured: takenText(runs.map(({ first }) => first)),
      reached: true,
    },
    {
      name: `${name}, nothing is left`,
      target: "no offers",
      measured: takenText(runs.map(({ last }) => last)),
      reached: isDone,
    },
  ];
}

function roundFigures(
  workload: string,
  size: (typeof declines)[number] | typeof labels,
  runs: readonly RoundsTaken[],
): readonly Figure[] {
  const name = `${workload} ${sizeText(size)}`;
  const isFiltered = runs.every(({ offersLast }) => offersLast === 0);
  return [
    figureOf(
      `${name}, first round`,
      size.firstMs,
      runs.map(({ first }) => first),
    ),
    isFiltered
      ? figureOf(
          `${name}, all is filtered`,
          size.filteredMs,
          runs.map(({ last }) => last),
        )
      : figureOf(
          `${name}, slowest of ${String(size.rounds)} rounds (to filter all of them would take ${counted(size.frameworks)} and more)`,
          size.filteredMs,
          runs.map(({ slowest }) => slowest),
        ),
  ];
}

function figureOf(name: string, otherMs: number, runs: readonly Taken[]): Figure {
  return {
    name,
    target: `< ${counted(otherMs)} ms (C++ Mesos, other run)`,
    measured: takenText(runs),
    reached: middle(runs) < otherMs,
  };
}

function sizeText({ agents, frameworks }: { agents: number; frameworks: number }): string {
  return `${counted(agents)} × ${counted(frameworks)}`;
}
