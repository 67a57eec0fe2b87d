import type { Constraint, NoMatchReason, VersionedApp } from "@tutti/marathon-v2";
import type { Resource } from "@tutti/mesos-v1";
import { msOfNanoseconds } from "@tutti/mesos-v1";
import type { Random } from "@tutti/ports";
import { toThousandths } from "@tutti/resources";
import type { Instance } from "../instance.ts";
import { meetsConstraint } from "./constraints.ts";
import type { OfferPool } from "./offer-pool.ts";

/** An app with what matching needs of it, read once. */
export interface Candidate {
  readonly app: VersionedApp;
  readonly constraints: readonly { readonly text: string; readonly constraint: Constraint }[];
  /** Roles whose resources it may use: `acceptedResourceRoles`, by default only unreserved ones. */
  readonly resourceRoles: readonly string[];
}

/** An offer that fits: what one instance takes of it. */
export interface Placement {
  readonly type: "match";
  readonly resources: readonly Resource[];
  readonly hostPorts: readonly number[];
}

/** An offer that does not fit, the first reason in the order of the funnel, and a sentence for people. */
export interface Mismatch {
  readonly type: "mismatch";
  readonly reason: NoMatchReason;
  readonly sentence: string;
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
    checkMaintenance(pool, env.wallMs) ??
    checkScalars(candidate, pool);
  if (unfit !== undefined) return unfit;
  const hostPorts = choosePorts(candidate, pool, env.random);
  if (hostPorts === undefined) {
    const wanted = candidate.app.portDefinitions.map(({ port }) => port);
    const sentence = candidate.app.requirePorts
      ? `the ports ${wanted.join(", ")} are not all free`
      : `fewer than ${wanted.length} ports are free`;
    return { type: "mismatch", reason: "InsufficientPorts", sentence };
  }
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
  if (app.role !== undefined && app.role !== pool.role) {
    const sentence = `was offered to the role '${pool.role}', the app has the role '${app.role}'`;
    return { type: "mismatch", reason: "UnfulfilledRole", sentence };
  }
  if (!pool.hasRole(resourceRoles)) {
    const sentence = `has nothing for the accepted resource roles ${resourceRoles.join(", ")}`;
    return { type: "mismatch", reason: "UnfulfilledRole", sentence };
  }
  return undefined;
}

function checkConstraints(
  candidate: Candidate,
  pool: OfferPool,
  others: readonly Instance[],
): Mismatch | undefined {
  for (const { text, constraint } of candidate.constraints) {
    if (!meetsConstraint(constraint, pool, others)) {
      const sentence = `does not satisfy the constraint ${text}`;
      return { type: "mismatch", reason: "UnfulfilledConstraint", sentence };
    }
  }
  return undefined;
}

function checkMaintenance(pool: OfferPool, wallMs: number): Mismatch | undefined {
  const start = pool.offer.unavailability?.start.nanoseconds;
  if (start === undefined || msOfNanoseconds(start) > wallMs) return undefined;
  return { type: "mismatch", reason: "AgentMaintenance", sentence: "is in maintenance" };
}

const scalarReasons = [
  { name: "cpus", reason: "InsufficientCpus", unit: "cpus" },
  { name: "mem", reason: "InsufficientMemory", unit: "MiB of memory" },
  { name: "disk", reason: "InsufficientDisk", unit: "MiB of disk" },
  { name: "gpus", reason: "InsufficientGpus", unit: "gpus" },
] as const;

function scalarsOf(
  app: VersionedApp,
): readonly { readonly name: string; readonly amount: number }[] {
  return scalarReasons
    .map(({ name }) => ({ name, amount: toThousandths(app[name]) ?? 0 }))
    .filter(({ amount }) => amount > 0);
}

function checkScalars(candidate: Candidate, pool: OfferPool): Mismatch | undefined {
  for (const { name, reason, unit } of scalarReasons) {
    const wanted = toThousandths(candidate.app[name]) ?? 0;
    const available = wanted === 0 ? 0 : pool.available(name, candidate.resourceRoles);
    if (available < wanted) {
      const sentence = `offers ${available / 1000} ${unit}, ${wanted / 1000} are needed`;
      return { type: "mismatch", reason, sentence };
    }
  }
  return undefined;
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
