import type { Amounts, PortRange } from "./facts.ts";
import type { FullResource, MasterAgent } from "./master-agents.ts";

/** A part of an agent that apps of some roles may use. */
export interface Part {
  readonly total: Amounts;
  readonly free: Amounts;
  /** Every port of it, taken or not, ascending. */
  readonly offered: readonly PortRange[];
  /** The ports that are free, ascending and disjoint. */
  readonly ports: readonly PortRange[];
}

const none: Amounts = { cpus: 0, mem: 0, disk: 0, gpus: 0 };

/** What an agent has, and has left, for these roles; undefined: it has nothing for them. */
export function partFor(agent: MasterAgent, roles: readonly string[]): Part | undefined {
  const mine = (resource: FullResource): boolean =>
    isUsable(resource) && roles.includes(reservedFor(resource));
  const total = [
    ...(agent.unreserved_resources_full ?? []),
    ...Object.values(agent.reserved_resources_full ?? {}).flat(),
  ].filter(mine);
  if (total.length === 0) return undefined;
  const used = (agent.used_resources_full ?? []).filter(mine);
  const all = sum(total);
  const taken = sum(used);
  const offered = rangesOf(total);
  return {
    total: all,
    free: {
      cpus: left(all.cpus, taken.cpus),
      mem: left(all.mem, taken.mem),
      disk: left(all.disk, taken.disk),
      gpus: left(all.gpus, taken.gpus),
    },
    offered,
    ports: without(offered, rangesOf(used)),
  };
}

/** The roles that something of an agent is kept for, `*` first when something is kept for nobody. */
export function rolesOf(agent: MasterAgent): readonly string[] {
  const reserved = Object.keys(agent.reserved_resources_full ?? {});
  return (agent.unreserved_resources_full ?? []).length > 0 ? ["*", ...reserved] : reserved;
}

/** Whether a port is among the ranges. */
export function hasPort(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ begin, end }) => begin <= port && port <= end);
}

/** How many ports there are. */
export function portCount(ranges: readonly PortRange[]): number {
  return ranges.reduce((count, { begin, end }) => count + end - begin + 1, 0);
}

/** Volumes, shared, revocable and dynamically reserved resources are not for apps. */
function isUsable({ disk, revocable, shared, reservations = [] }: FullResource): boolean {
  return (
    disk === undefined &&
    revocable === undefined &&
    shared === undefined &&
    reservations.every(({ type }) => type !== "DYNAMIC")
  );
}

function reservedFor({ reservations = [], role }: FullResource): string {
  return reservations.at(-1)?.role ?? role ?? "*";
}

function sum(resources: readonly FullResource[]): Amounts {
  const amounts = { ...none };
  for (const { name, scalar } of resources) {
    if (name === "cpus" || name === "mem" || name === "disk" || name === "gpus") {
      amounts[name] += scalar?.value ?? 0;
    }
  }
  return amounts;
}

/** Thousandths are the finest there is. */
function left(total: number, used: number): number {
  return Math.max(0, Math.round((total - used) * 1000) / 1000);
}

function rangesOf(resources: readonly FullResource[]): readonly PortRange[] {
  return resources
    .filter(({ name }) => name === "ports")
    .flatMap(({ ranges }) => ranges?.range ?? [])
    .map(({ begin, end }) => ({ begin: Number(begin), end: Number(end) }))
    .toSorted((one, other) => one.begin - other.begin);
}

function without(all: readonly PortRange[], taken: readonly PortRange[]): readonly PortRange[] {
  let rest = all;
  for (const { begin, end } of taken) {
    rest = rest.flatMap((range) =>
      range.end < begin || end < range.begin
        ? [range]
        : [
            { begin: range.begin, end: begin - 1 },
            { begin: end + 1, end: range.end },
          ].filter((piece) => piece.begin <= piece.end),
    );
  }
  return rest;
}
