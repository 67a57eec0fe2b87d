import type { App } from "../app.ts";
import type { Amounts, QuotaHold } from "./facts.ts";
import { partFor } from "./free-resources.ts";
import type { MasterAgent } from "./master-agents.ts";

/** What explanations read of a role in the master's `/roles`. `consumed` is of the role and all below it. */
export interface MasterRole {
  readonly name: string;
  readonly quota?: {
    readonly guarantee?: Readonly<Record<string, number>>;
    readonly limit?: Readonly<Record<string, number>>;
    readonly consumed?: Readonly<Record<string, number>>;
  };
}

/** The roles in which an app can be offered something, those of reservations first. */
export function offerRolesOf({
  role,
  acceptedResourceRoles = ["*"],
}: Pick<App, "role" | "acceptedResourceRoles">): readonly string[] {
  if (role !== undefined) return [role];
  const reserved = acceptedResourceRoles.filter((accepted) => accepted !== "*");
  return acceptedResourceRoles.includes("*") ? [...reserved, "*"] : reserved;
}

/**
 * What quota keeps from one more instance of an app: limits of its role and of roles above it, and what is
 * held for guarantees that are not used yet. Empty: nothing. Quota counts unreserved resources only: an app
 * that uses none of these is not kept from anything. The reckoning is the allocator's (rules ALC50–ALC56),
 * without what is offered at the moment.
 */
export function quotaHolds(
  app: App,
  agents: readonly MasterAgent[],
  roles: readonly MasterRole[],
): readonly QuotaHold[] {
  if (app.acceptedResourceRoles?.includes("*") === false) return [];
  const nodes = roles.filter(hasQuota);
  if (nodes.length === 0) return [];
  const found = offerRolesOf(app).map((role) =>
    kinds.flatMap((name) =>
      app[name] > 0
        ? holdsOf({ nodes, name, role, need: units(app[name]), free: freeOf(agents, name) })
        : [],
    ),
  );
  // One role in which it can be offered what it needs is enough.
  return found.some((holds) => holds.length === 0) ? [] : found.flat();
}

const kinds = ["cpus", "mem", "disk", "gpus"] as const satisfies readonly (keyof Amounts)[];

interface Question {
  readonly nodes: readonly MasterRole[];
  readonly name: keyof Amounts;
  /** The role that is to be offered something. */
  readonly role: string;
  /** Thousandths, as all amounts here. */
  readonly need: number;
  readonly free: number;
}

function holdsOf({ nodes, name, role, need, free }: Question): readonly QuotaHold[] {
  const line = nodes.filter((node) => isWithin(role, node.name)).toSorted(nearestFirst);
  const below = (node: MasterRole): number =>
    childrenOf(nodes, node).reduce((sum, child) => sum + required(child), 0);
  const required = (node: MasterRole): number => Math.max(0, lackOf(node, name), below(node));
  const lacking = nodes.filter((node) => lackOf(node, name) > 0 && !line.includes(node));
  let others = 0;
  let inner = 0;
  for (const node of line) {
    others += below(node) - inner;
    inner = required(node);
    const limit = units(node.quota?.limit?.[name] ?? Infinity);
    const used = units(node.quota?.consumed?.[name] ?? 0);
    if (limit - used < need) {
      return [
        { type: "limit", role: node.name, of: role, name, limit: limit / 1000, used: used / 1000 },
      ];
    }
    if (limit - used - others < need) {
      const waiting = lacking.filter((each) => isWithin(each.name, node.name));
      return [promise(name, waiting, { held: others, free: limit - used, within: node.name })];
    }
  }
  const all = nodes.filter((node) => !nodes.some((other) => isBelow(node.name, other.name)));
  const total = all.reduce((sum, node) => sum + required(node), 0);
  const promisedToIt = Math.max(0, inner - others);
  if (promisedToIt + Math.max(0, free - total) >= need || lacking.length === 0) return [];
  return [promise(name, lacking, { held: total - promisedToIt, free })];
}

function promise(
  name: keyof Amounts,
  roles: readonly MasterRole[],
  {
    held,
    free,
    within,
  }: { readonly held: number; readonly free: number; readonly within?: string },
): QuotaHold {
  return {
    type: "promise",
    roles: roles.map((role) => role.name),
    name,
    held: held / 1000,
    free: free / 1000,
    ...(within === undefined ? {} : { within }),
  };
}

/** Those whose nearest role with quota this one is. */
function childrenOf(nodes: readonly MasterRole[], { name }: MasterRole): readonly MasterRole[] {
  const under = nodes.filter((node) => isBelow(node.name, name));
  return under.filter((node) => !under.some((other) => isBelow(node.name, other.name)));
}

/** What its guarantee still lacks; negative when it has more. */
function lackOf({ quota }: MasterRole, name: keyof Amounts): number {
  return units(quota?.guarantee?.[name] ?? 0) - units(quota?.consumed?.[name] ?? 0);
}

/** Unreserved and in nobody's use, on machines that are there. */
function freeOf(agents: readonly MasterAgent[], name: keyof Amounts): number {
  return agents
    .filter(({ active, deactivated }) => active && deactivated !== true)
    .reduce((sum, agent) => sum + units(partFor(agent, ["*"])?.free[name] ?? 0), 0);
}

function hasQuota({ quota }: MasterRole): boolean {
  return Object.keys({ ...quota?.guarantee, ...quota?.limit }).length > 0;
}

function isBelow(role: string, root: string): boolean {
  return role.startsWith(`${root}/`);
}

function isWithin(role: string, root: string): boolean {
  return role === root || isBelow(role, root);
}

function nearestFirst(one: MasterRole, other: MasterRole): number {
  return other.name.length - one.name.length;
}

/** Thousandths, so that sums are exact. */
function units(amount: number): number {
  return Math.round(amount * 1000);
}
