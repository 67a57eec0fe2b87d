import type { BenchReport, Figure } from "./measure.ts";
import { median, readable, takenText, type Taken } from "./medians.ts";
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
const labels = { agents: 1000, frameworks: 50, rounds: 100, firstMs: 65, filteredMs: 550 } as const;
const suppress = { agents: 1000, frameworks: 200, roundMs: 48 } as const;
const addAndUpdate = { agents: 10_000, frameworks: 1000, addMs: 1190, updateMs: 870 } as const;

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
  const figures: Figure[] = [];
  for (const size of declines) {
    const runs = await inOwnProcess("declineOffers", size);
    figures.push(...roundFigures("DeclineOffers", size, runs));
  }
  const labelled = await inOwnProcess("resourceLabels", labels);
  figures.push(...roundFigures("ResourceLabels", labels, labelled));
  const suppressed = await inOwnProcess("suppressOffers", suppress);
  figures.push(
    figureOf(
      `SuppressOffers ${sizeText(suppress)}, slowest round`,
      suppress.roundMs,
      suppressed.map(({ slowest }) => slowest),
    ),
  );
  const added = await inOwnProcess("addAndUpdateAgent", addAndUpdate);
  figures.push(
    figureOf(
      `AddAndUpdateAgent ${sizeText(addAndUpdate)}, add`,
      addAndUpdate.addMs,
      added.map(({ add }) => add),
    ),
    figureOf(
      `AddAndUpdateAgent ${sizeText(addAndUpdate)}, update`,
      addAndUpdate.updateMs,
      added.map(({ update }) => update),
    ),
  );
  figures.push(...(await quotaFigures()));
  return {
    title: "Mesos's allocator benchmarks",
    method:
      "The workloads of `hierarchical_allocator_tests.cpp`, and those with quota of `hierarchical_allocator_benchmarks.cpp`, the same agents, frameworks, resources in use, refusals and order of events, agents × frameworks; each run in a fresh process with nothing compiled, as the original's first round has no rounds before it. The targets are what Apache Mesos 1.12 (C++, optimised) took on a machine with 2 cores: another run on another day, not side by side. When everybody has refused everything, Mesos looks at each pair of agent and framework once more in every round; here an agent is looked at again only when something about it has changed, so that a filtered round costs next to nothing. Median and spread of five.",
    figures,
  };
}

/** The quota workloads; what C++ Mesos takes for them was not measured. */
async function quotaFigures(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { agents, ...size } of quotas) {
    const runs = await inOwnProcess("largeAndSmallQuota", size);
    const roles = size.smallRoles + size.largeRoles;
    const name = `LargeAndSmallQuota ${readable(agents)} agents, ${readable(roles)} roles`;
    figures.push(...quotaPair(name, runs));
  }
  for (const roles of nonQuotaRoles) {
    for (const hasQuota of [false, true]) {
      const runs = await inOwnProcess("nonQuotaVsQuota", { roles, hasQuota });
      const what = hasQuota ? "with quota" : "without quota";
      const name = `NonQuotaVsQuota ${readable(roles * 2)} agents, ${readable(roles)} roles, ${what}`;
      figures.push(...quotaPair(name, runs));
    }
  }
  return figures;
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
          `${name}, slowest of ${String(size.rounds)} rounds (to filter all of them would take ${readable(size.frameworks)} and more)`,
          size.filteredMs,
          runs.map(({ slowest }) => slowest),
        ),
  ];
}

function figureOf(name: string, otherMs: number, runs: readonly Taken[]): Figure {
  return {
    name,
    target: `< ${readable(otherMs)} ms (C++ Mesos, other run)`,
    measured: takenText(runs),
    reached: median(runs.map(({ wallMs }) => wallMs)) < otherMs,
  };
}

function sizeText({ agents, frameworks }: { agents: number; frameworks: number }): string {
  return `${readable(agents)} × ${readable(frameworks)}`;
}
