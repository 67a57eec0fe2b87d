import type {
  Amounts,
  AppConstraint,
  Constraint,
  Lack,
  NoMatchReason,
  VersionedApp,
} from "@tutti/marathon-v2";
import type { Resource } from "@tutti/mesos-v1";
import { msOfNanoseconds } from "@tutti/mesos-v1";
import type { Random } from "@tutti/ports";
import { toThousandths } from "@tutti/resources";
import type { Instance } from "../instance.ts";
import { fieldOfOffer, meetsConstraint } from "./constraints.ts";
import type { OfferPool } from "./offer-pool.ts";

/** An app with what matching needs of it, read once. */
export interface Candidate {
  readonly app: VersionedApp;
  readonly constraints: readonly {
    readonly written: AppConstraint;
    readonly constraint: Constraint;
  }[];
  /** Roles whose resources it may use: `acceptedResourceRoles`, by default only unreserved ones. */
  readonly resourceRoles: readonly string[];
}

/** An offer that fits: what one instance takes of it. */
export interface Placement {
  readonly type: "match";
  readonly resources: readonly Resource[];
  readonly hostPorts: readonly number[];
}

/** An offer that does not fit: the first reason in the order of the funnel, and what the app could have had. */
export interface Mismatch {
  readonly type: "mismatch";
  readonly reason: NoMatchReason;
  readonly lack: Lack;
  readonly free: Amounts;
}

/**
 * Tries to place one instance of an app on what is left of an offer; on success takes it. `others` are
 * the instances of the app that count for its constraints. Rules MAR12–MAR15.
 */
export function matchOffer(
  candidate: Candidate,
  pool: OfferPool,
  others: readonly Instance[],
  env: { readonly wallMs: number; readonly random: Random },
): Placement | Mismatch {
  const unfit =
    checkRole(candidate, pool) ??
    checkConstraints(candidate, pool, others) ??
    checkMaintenance(candidate, pool, env.wallMs) ??
    checkScalars(candidate, pool);
  if (unfit !== undefined) return unfit;
  const hostPorts = choosePorts(candidate, pool, env.random);
  if (hostPorts === undefined) return lacksPorts(candidate, pool);
  const { app, resourceRoles } = candidate;
  const resources = [
    ...scalarsOf(app).flatMap(({ name, amount }) => pool.takeScalar(name, amount, resourceRoles)),
    ...pool.takePorts(hostPorts, resourceRoles),
  ];
  pool.launched += 1;
  return { type: "match", resources, hostPorts };
}

function checkRole(candidate: Candidate, pool: OfferPool): Mismatch | undefined {
  const { app, resourceRoles } = candidate;
  const isForeign = app.role !== undefined && app.role !== pool.role;
  if (!isForeign && pool.hasRole(resourceRoles)) return undefined;
  const keptFor = isForeign ? pool.role : (pool.reservedFor[0] ?? pool.role);
  const free = freeOf(pool, pool.reservedFor);
  return { type: "mismatch", reason: "UnfulfilledRole", lack: { type: "role", keptFor }, free };
}

function checkConstraints(
  candidate: Candidate,
  pool: OfferPool,
  others: readonly Instance[],
): Mismatch | undefined {
  for (const { written, constraint } of candidate.constraints) {
    if (!meetsConstraint(constraint, pool, others)) {
      const value = fieldOfOffer(pool, constraint.field);
      const lack: Lack = {
        type: "constraint",
        constraint: written,
        ...(value === undefined ? {} : { value }),
      };
      return mismatch("UnfulfilledConstraint", lack, candidate, pool);
    }
  }
  return undefined;
}

function checkMaintenance(
  candidate: Candidate,
  pool: OfferPool,
  wallMs: number,
): Mismatch | undefined {
  const start = pool.offer.unavailability?.start.nanoseconds;
  if (start === undefined || msOfNanoseconds(start) > wallMs) return undefined;
  return mismatch("AgentMaintenance", { type: "maintenance" }, candidate, pool);
}

const scalarReasons = [
  { name: "cpus", reason: "InsufficientCpus" },
  { name: "mem", reason: "InsufficientMemory" },
  { name: "disk", reason: "InsufficientDisk" },
  { name: "gpus", reason: "InsufficientGpus" },
] as const;

function scalarsOf(
  app: VersionedApp,
): readonly { readonly name: string; readonly amount: number }[] {
  return scalarReasons
    .map(({ name }) => ({ name, amount: toThousandths(app[name]) ?? 0 }))
    .filter(({ amount }) => amount > 0);
}

function checkScalars(candidate: Candidate, pool: OfferPool): Mismatch | undefined {
  for (const { name, reason } of scalarReasons) {
    const wanted = toThousandths(candidate.app[name]) ?? 0;
    const available = wanted === 0 ? 0 : pool.available(name, candidate.resourceRoles);
    if (available < wanted) return mismatch(reason, { type: "amounts" }, candidate, pool);
  }
  return undefined;
}

function lacksPorts(candidate: Candidate, pool: OfferPool): Mismatch {
  const { app, resourceRoles } = candidate;
  const taken = app.portDefinitions
    .filter(({ port }) => app.requirePorts && port !== 0 && !pool.hasPort(port, resourceRoles))
    .map(({ port }) => ({ port }));
  const lack: Lack =
    taken.length > 0
      ? { type: "takenPorts", ports: taken }
      : { type: "ports", free: pool.portCount(resourceRoles) };
  return mismatch("InsufficientPorts", lack, candidate, pool);
}

function mismatch(
  reason: NoMatchReason,
  lack: Lack,
  { resourceRoles }: Candidate,
  pool: OfferPool,
): Mismatch {
  return { type: "mismatch", reason, lack, free: freeOf(pool, resourceRoles) };
}

function freeOf(pool: OfferPool, roles: readonly string[]): Amounts {
  const of = (name: string): number => pool.available(name, roles) / 1000;
  return { cpus: of("cpus"), mem: of("mem"), disk: of("disk"), gpus: of("gpus") };
}

/** The definition's ports where they are required, else random ones; undefined when there are not enough. */
function choosePorts(
  candidate: Candidate,
  pool: OfferPool,
  random: Random,
): readonly number[] | undefined {
  const { app, resourceRoles } = candidate;
  const ports: number[] = [];
  for (const { port } of app.portDefinitions) {
    if (app.requirePorts && port !== 0) {
      if (!pool.hasPort(port, resourceRoles)) return undefined;
      ports.push(port);
    } else {
      ports.push(0);
    }
  }
  const count = pool.portCount(resourceRoles);
  if (count < ports.length) return undefined;
  const used = new Set(ports);
  const start = random.below(Math.max(1, count));
  let step = 0;
  return ports.map((fixed) => {
    if (fixed !== 0) return fixed;
    for (; step < count; step += 1) {
      const port = pool.portAt((start + step) % count, resourceRoles);
      if (port !== undefined && !used.has(port)) {
        used.add(port);
        return port;
      }
    }
    return 0;
  });
}
