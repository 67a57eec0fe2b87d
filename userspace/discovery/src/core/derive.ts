import { familyFault, nameFault } from "@tutti/dns";
import type { LabelFault, VipClaim } from "@tutti/dns";
import type { Backend, TaskFact } from "@tutti/discovery-v1";
import { ipv6Beside } from "./address-pool.ts";
import { isNamed, isServing, standingOf } from "./task-states.ts";
import type { ClusterTask } from "./types.ts";

/** What a task adds to one VIP: that it is there, and perhaps a backend. */
export interface Contribution {
  readonly address: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** `web.marathon`; undefined for a VIP by its address. */
  readonly name: string | undefined;
  /** The name as the label has it. */
  readonly given: string;
  /** Undefined while the task takes no connections. */
  readonly backend: Backend | undefined;
}

/** A VIP that a label gives by its name. */
export type NamedTarget = Extract<VipClaim["target"], { readonly type: "name" }>;

/** What a task's facts depend on besides the task. */
export interface Surroundings {
  /** Of its agent; "" while it is not known. */
  readonly agentAddressOf: (task: ClusterTask) => string;
  /** The whole name of a VIP as a label gives it; "" while the framework is not known: then it waits. */
  readonly nameOf: (task: ClusterTask, target: NamedTarget) => string;
  /** The IPv4 address of a named VIP, allocated when it is new. */
  readonly addressOf: (name: string) => string;
  /** Why no VIP may be at an address, when it is a machine's of the cluster or a DNS server's; else undefined. */
  readonly refusalOf: (address: string) => string | undefined;
}

/** Where a task can be reached. */
export interface Whereabouts {
  /** Addresses of the container itself; none when it shares its agent's. */
  readonly own: readonly string[];
  /** The IPv6 address of its machine, which it shares; "" when none was told. */
  readonly machineV6: string;
  /** "" while it is not known. */
  readonly agentAddress: string;
}

/** The fact of a task with these addresses of its own; undefined when it has no names. */
export function taskFactOf(task: ClusterTask, own: readonly string[]): TaskFact | undefined {
  if (!isNamed(task)) return undefined;
  const { frameworkId, taskId, name, agentId, portsMapped, ports, discovery } = task;
  const serving = isServing(task);
  // Two literals and nothing spread: a table has as many of these as there are tasks.
  if (discovery === undefined)
    return {
      kind: "task",
      frameworkId,
      taskId,
      name,
      agentId,
      serving,
      containerAddresses: own,
      portsMapped,
      ports,
    };
  return {
    kind: "task",
    frameworkId,
    taskId,
    name,
    agentId,
    serving,
    containerAddresses: own,
    portsMapped,
    ports,
    discovery,
  };
}

/** What a task adds to VIPs: nothing when it has ended. */
export function contributionsOf(
  task: ClusterTask,
  where: Whereabouts,
  around: Surroundings,
): readonly Contribution[] {
  if (task.claims.length === 0 || standingOf(task.state) !== "alive") return nothing;
  const [first] = task.claims;
  if (task.claims.length === 1 && first !== undefined)
    return contributionsOfClaim(task, first, { where, around });
  return task.claims.flatMap((claim) => contributionsOfClaim(task, claim, { where, around }));
}

/** What is wrong with a task's VIPs that its labels alone do not show; once each, whatever the protocols. */
export function faultsAround(task: ClusterTask, around: Surroundings): readonly LabelFault[] {
  const faults = new Map<string, LabelFault>();
  for (const claim of task.claims) {
    const fault = faultOf(task, claim, around);
    if (fault !== undefined) faults.set(fault.message, fault);
  }
  return [...faults.values()];
}

function faultOf(task: ClusterTask, claim: VipClaim, around: Surroundings): LabelFault | undefined {
  const { target, port } = claim;
  if (target.type === "name") {
    const full = target.full ?? around.nameOf(task, target);
    return full === "" ? undefined : nameFault(target.name, full);
  }
  const reason = around.refusalOf(target.address);
  if (reason === undefined) return lacksFamily(task, claim, around, target.address);
  const message = `${target.address}:${port} is the address of ${reason}: a VIP there would take its traffic`;
  return { code: "VIP_ADDRESS_REFUSED", message };
}

/** Whether the VIP at `address` leads nowhere because the task, which runs, has no address of its family. */
function lacksFamily(
  task: ClusterTask,
  claim: VipClaim,
  around: Surroundings,
  address: string,
): LabelFault | undefined {
  if (!isServing(task)) return undefined;
  const agentAddress = around.agentAddressOf(task);
  const where = whereaboutsOf(task, agentAddress);
  const isV6 = address.includes(":");
  if (backendOf(task, claim, { where, isV6 }) !== undefined) return undefined;
  const leadsElsewhere = backendOf(task, claim, { where, isV6: !isV6 }) !== undefined;
  return leadsElsewhere ? familyFault(address, claim.port) : undefined;
}

function contributionsOfClaim(
  task: ClusterTask,
  claim: VipClaim,
  { where, around }: { readonly where: Whereabouts; readonly around: Surroundings },
): readonly Contribution[] {
  const { target, port, protocol } = claim;
  if (target.type === "address") {
    const { address } = target;
    if (around.refusalOf(address) !== undefined) return nothing;
    const backend = backendOf(task, claim, { where, isV6: address.includes(":") });
    return [{ address, port, protocol, name: undefined, given: address, backend }];
  }
  const name = target.full ?? around.nameOf(task, target);
  if (name === "") return nothing;
  const address = around.addressOf(name);
  const given = target.name;
  const backend = backendOf(task, claim, { where, isV6: false });
  const first: Contribution = { address, port, protocol, name, given, backend };
  // Names lead to the machine's IPv4 address alone: a server there may listen to nothing else.
  const v6 = where.own.length === 0 ? undefined : backendOf(task, claim, { where, isV6: true });
  return v6 === undefined
    ? [first]
    : [first, { ...first, address: ipv6Beside(address), backend: v6 }];
}

/** Where clients of a claim go by one family of addresses, when the task takes connections. */
function backendOf(
  task: ClusterTask,
  { scope, containerPort, agentPort }: VipClaim,
  { where, isV6 }: { readonly where: Whereabouts; readonly isV6: boolean },
): Backend | undefined {
  if (!isServing(task)) return undefined;
  const { own, agentAddress, machineV6 } = where;
  const toContainer = scope === "container" || (scope === "auto" && own.length > 0);
  const ofMachine = isV6 && !agentAddress.includes(":") ? machineV6 : agentAddress;
  const address = toContainer ? firstOf(own, isV6) : ofMachine;
  if (address === undefined || address === "" || address.includes(":") !== isV6) return undefined;
  const port = toContainer ? containerPort : agentPort;
  if (port === undefined) return undefined;
  const { frameworkId, taskId, agentId } = task;
  return { address, port, agentId, frameworkId, taskId };
}

function firstOf(addresses: readonly string[], isV6: boolean): string | undefined {
  for (const address of addresses) if (address.includes(":") === isV6) return address;
  return undefined;
}

/** Where a task is: on its machine's network when the machine's address is among those that it tells. */
export function whereaboutsOf({ addresses }: ClusterTask, agentAddress: string): Whereabouts {
  if (!addresses.includes(agentAddress)) return { own: addresses, agentAddress, machineV6: "" };
  const machineV6 = addresses.length === 1 ? undefined : firstOf(addresses, true);
  return { own: nowhere, agentAddress, machineV6: machineV6 ?? "" };
}

const nothing: readonly Contribution[] = [];
const nowhere: readonly string[] = [];
