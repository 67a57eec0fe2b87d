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
  /** Whose definition it is: with the name of the task. */
  readonly frameworkId: string;
  readonly taskName: string;
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

/** The fact of a task; undefined when it has no names. */
export function taskFactOf(task: ClusterTask, agentAddress: string): TaskFact | undefined {
  if (!isNamed(task)) return undefined;
  const { frameworkId, taskId, name, agentId, portsMapped, ports, discovery } = task;
  return {
    kind: "task",
    frameworkId,
    taskId,
    name,
    agentId,
    serving: isServing(task),
    containerAddresses: ownAddresses(task, agentAddress),
    portsMapped,
    ports,
    ...(discovery === undefined ? {} : { discovery }),
  };
}

/** What a task adds to VIPs: nothing when it has ended. */
export function contributionsOf(task: ClusterTask, around: Surroundings): readonly Contribution[] {
  if (task.claims.length === 0 || standingOf(task.state) !== "alive") return nothing;
  const [first] = task.claims;
  if (task.claims.length === 1 && first !== undefined)
    return contributionsOfClaim(task, first, around);
  return task.claims.flatMap((claim) => contributionsOfClaim(task, claim, around));
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
  const backends = backendsOf(task, claim, around.agentAddressOf(task));
  const isV6 = address.includes(":");
  const hasIt = backends.length === 0 || backends.some((backend) => isIpv4(backend) !== isV6);
  return hasIt ? undefined : familyFault(address, claim.port);
}

function contributionsOfClaim(
  task: ClusterTask,
  claim: VipClaim,
  around: Surroundings,
): readonly Contribution[] {
  const { target, port, protocol } = claim;
  const backends = isServing(task) ? backendsOf(task, claim, around.agentAddressOf(task)) : [];
  const { frameworkId, name: taskName } = task;
  const v4 = backends.find(isIpv4);
  const v6 = backends.find((backend) => !isIpv4(backend));
  if (target.type === "address") {
    const { address } = target;
    if (around.refusalOf(address) !== undefined) return nothing;
    const backend = address.includes(":") ? v6 : v4;
    const at = { address, port, protocol, name: undefined, given: address };
    return [{ ...at, frameworkId, taskName, backend }];
  }
  const name = target.full ?? around.nameOf(task, target);
  if (name === "") return nothing;
  const address = around.addressOf(name);
  const given = target.name;
  const first: Contribution = {
    address,
    port,
    protocol,
    name,
    given,
    frameworkId,
    taskName,
    backend: v4,
  };
  return v6 === undefined
    ? [first]
    : [first, { ...first, address: ipv6Beside(address), backend: v6 }];
}

/** Where clients of a claim go: at most one backend of each family. */
function backendsOf(task: ClusterTask, claim: VipClaim, agentAddress: string): readonly Backend[] {
  const { frameworkId, taskId, agentId } = task;
  const own = ownAddresses(task, agentAddress);
  const toContainer = claim.scope === "container" || (claim.scope === "auto" && own.length > 0);
  const addresses = toContainer ? own : [agentAddress].filter((address) => address !== "");
  const port = toContainer ? claim.containerPort : claim.agentPort;
  if (port === undefined) return [];
  const at = (address: string): Backend => ({ address, port, agentId, frameworkId, taskId });
  const [only] = addresses;
  return addresses.length === 1 && only !== undefined ? [at(only)] : addresses.map(at);
}

function isIpv4({ address }: Backend): boolean {
  return !address.includes(":");
}

/** Addresses of the container itself; none when it shares its agent's. */
function ownAddresses({ addresses }: ClusterTask, agentAddress: string): readonly string[] {
  if (!addresses.includes(agentAddress)) return addresses;
  return addresses.length === 1 ? nowhere : addresses.filter((one) => one !== agentAddress);
}

const nothing: readonly Contribution[] = [];
const nowhere: readonly string[] = [];
