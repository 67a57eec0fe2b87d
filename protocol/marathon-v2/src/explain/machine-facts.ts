import type { App } from "../app.ts";
import type { Task } from "../task.ts";
import { isEnough } from "./explain-amounts.ts";
import { areJudged, brokenConstraint } from "./fixed-constraint.ts";
import type { Lack, MachineFacts, MachineVerdict, OutOfUse } from "./facts.ts";
import { hasPort, partFor, portCount, rolesOf } from "./free-resources.ts";
import type { Part } from "./free-resources.ts";
import { agentAddress } from "./master-agents.ts";
import type { MasterAgent, MasterAgents } from "./master-agents.ts";

/** What people call the machines. */
export interface NamesOfMachines {
  /** The name of the machine with this address or host name. */
  nameOf(host: string): string;
  /** Every machine that the cluster should have; empty where that is not known. */
  all(): readonly { readonly ip: string; readonly name: string }[];
}

/** Says who has a port of an agent. */
export type PortHolders = (agentId: string, port: number) => string | undefined;

/**
 * Every machine of the cluster, and why it cannot take one more instance: what is free from the master's
 * numbers; constraints and maintenance from what Marathon made of its last offer.
 */
export function machineFacts(
  app: App,
  { agents, recovered }: MasterAgents,
  known: {
    readonly verdicts: readonly MachineVerdict[];
    readonly names: NamesOfMachines;
    readonly holders: PortHolders;
  },
): readonly MachineFacts[] {
  const { names, verdicts, holders } = known;
  const byAgent = new Map(verdicts.map((verdict) => [verdict.agentId, verdict]));
  const here = agents.map((agent): MachineFacts => {
    const name = names.nameOf(agentAddress(agent).ip);
    if (!agent.active && agent.deactivated !== true) return { name, isAway: true };
    const part = partFor(agent, app.acceptedResourceRoles ?? ["*"]);
    const lack = lackOf(app, agent, part, { verdict: byAgent.get(agent.id), holders });
    return {
      name,
      ...(lack === undefined ? {} : { lack }),
      ...(hasReservedRoom(app, agent) ? { isReserved: true } : {}),
      ...(part === undefined ? whateverTheRole(agent) : { free: part.free, total: part.total }),
    };
  });
  const present = new Set(agents.map((agent) => agentAddress(agent).ip));
  const missing = names.all().filter(({ ip }) => !present.has(ip));
  const expected = new Set(recovered.map(({ hostname }) => names.nameOf(hostname)));
  const silent = missing.map(({ name }) => name).filter((name) => !expected.has(name));
  return [
    ...here,
    ...[...expected].map((name) => ({ name, isAway: true, isExpected: true })),
    ...silent.map((name) => ({ name, isAway: true })),
  ].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** Whether what is reserved there for the app's roles is enough for one more instance. */
function hasReservedRoom(app: App, agent: MasterAgent): boolean {
  const reserved = (app.acceptedResourceRoles ?? ["*"]).filter((role) => role !== "*");
  const free = reserved.length === 0 ? undefined : partFor(agent, reserved)?.free;
  return free !== undefined && isEnough(free, app);
}

const none = { cpus: 0, mem: 0, disk: 0, gpus: 0 };

function whateverTheRole(agent: MasterAgent): Pick<MachineFacts, "free" | "offered"> {
  const { free = none, offered = [] } = partFor(agent, rolesOf(agent)) ?? {};
  return { free, offered };
}

/** The first reason in the order in which Marathon tries an offer. */
function lackOf(
  app: App,
  agent: MasterAgent,
  part: Part | undefined,
  known: { readonly verdict: MachineVerdict | undefined; readonly holders: PortHolders },
): Lack | undefined {
  if (part === undefined) {
    const constraint = brokenConstraint(app.constraints, agent);
    const keptFor = rolesOf(agent)[0] ?? "*";
    const cause = agent.deactivated === true ? { cause: causeOf(agent) } : {};
    if (constraint !== undefined) return { type: "role", keptFor, constraint, ...cause };
    const isAllowed = areJudged(app.constraints);
    return { type: "role", keptFor, ...(isAllowed ? { isAllowed } : {}), ...cause };
  }
  if (agent.deactivated === true) return { type: "maintenance", cause: causeOf(agent) };
  const said = known.verdict?.lack;
  if (said?.type === "constraint" || said?.type === "maintenance") return said;
  const { free, ports, offered } = part;
  const isSmall = (["cpus", "mem", "disk", "gpus"] as const).some((name) => free[name] < app[name]);
  if (isSmall) return { type: "amounts" };
  const fixed = app.requirePorts
    ? app.portDefinitions.map(({ port }) => port).filter((port) => port !== 0)
    : [];
  const unoffered = fixed.filter((port) => !hasPort(offered, port));
  if (unoffered.length > 0) return { type: "unofferedPorts", ports: unoffered, offered };
  const taken = fixed.filter((port) => !hasPort(ports, port));
  if (taken.length > 0) {
    return {
      type: "takenPorts",
      ports: taken.map((port) => {
        const holder = known.holders(agent.id, port);
        return holder === undefined ? { port } : { port, holder };
      }),
    };
  }
  const count = portCount(ports);
  return count < app.portDefinitions.length ? { type: "ports", free: count } : undefined;
}

function causeOf({ drain_info: drain }: MasterAgent): OutOfUse {
  if (drain?.state === "DRAINING") return "draining";
  return drain?.state === "DRAINED" ? "drained" : "deactivated";
}

/** What is read of another framework's task in the master's `/tasks`. */
export interface PortTask {
  readonly name: string;
  readonly slave_id: string;
  readonly state: string;
  readonly resources?: { readonly ports?: string };
}

const aliveStates = /^TASK_(STAGING|STARTING|RUNNING|KILLING|UNREACHABLE)$/;

/** Who has a port: an app of Marathon's, else the name of any other task. */
export function portHolders(own: readonly Task[], others: readonly PortTask[]): PortHolders {
  const holders = new Map<string, string>();
  for (const { name, slave_id: agentId, state, resources } of others) {
    if (!aliveStates.test(state)) continue;
    for (const [, begin, end] of (resources?.ports ?? "").matchAll(/(\d+)-(\d+)/g)) {
      // A task with a whole range: only its ends are remembered, which is where single ports are.
      holders.set(`${agentId} ${String(begin)}`, name);
      holders.set(`${agentId} ${String(end)}`, name);
    }
  }
  for (const { slaveId, ports, appId } of own) {
    for (const port of ports) holders.set(`${slaveId} ${String(port)}`, appId);
  }
  return (agentId, port) => holders.get(`${agentId} ${String(port)}`);
}
