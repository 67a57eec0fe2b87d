import { limits } from "./limits.ts";
import type { LabelFault, VipClaim } from "./vip-claim.ts";
import {
  isPortVipLabel,
  parseProtocols,
  parseVipValue,
  portIndexOf,
  splitVipValues,
} from "./vip-labels.ts";
import { fullVipName, nameFault } from "./vip-name.ts";

export interface WireLabel {
  readonly key: string;
  readonly value: string;
}

/** A port of DiscoveryInfo, with its labels. */
export interface WirePort {
  readonly number: number;
  readonly name: string | undefined;
  readonly protocol: string | undefined;
  readonly labels: readonly WireLabel[];
}

/** A port of an agent that leads to one of a container. */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
}

/** What a task's definition says about ports. */
export interface PortFacts {
  /** Of the task. */
  readonly labels: readonly WireLabel[];
  readonly ports: readonly WirePort[];
  readonly resourcePorts: readonly number[];
  readonly mappings: readonly PortMapping[];
}

/** Whether a label says something about VIPs; others need not be read. */
export function isWantedLabel(key: string): boolean {
  return key === scopeLabel || isPortVipLabel(key);
}

/** Marathon says in it where clients of a port go. */
const scopeLabel = "network-scope";

/** What the value of one label says, VIP by VIP. */
export type VipValues = readonly ReturnType<typeof parseVipValue>[];

/** Reads the value of a label: one VIP more than a task may have at most. */
export function vipValues(text: string): VipValues {
  return splitVipValues(text)
    .slice(0, limits.vipsPerTaskMax + 1)
    .map(parseVipValue);
}

/**
 * What is wrong with the VIP labels of a definition, as far as the definition alone shows it: the judgement is the same
 * whether a task of it runs or not. `frameworkName`: of the framework that its tasks will be of. Once each.
 */
export function vipFaultsOf(facts: PortFacts, frameworkName: string): readonly LabelFault[] {
  const { claims, faults } = claimsOf(facts);
  const found = new Map(faults.map((fault) => [fault.message, fault]));
  for (const { target } of claims) {
    if (target.type !== "name") continue;
    const fault = faultOfName(target.name, frameworkName);
    if (fault !== undefined) found.set(fault.message, fault);
  }
  return [...found.values()];
}

function faultOfName(given: string, frameworkName: string): LabelFault | undefined {
  const full = fullVipName(given, frameworkName);
  return full === "" ? undefined : nameFault(given, full);
}

/** What is wrong with a VIP at an address of a family that tasks behind it have no address of. */
export function familyFault(address: string, port: number): LabelFault {
  const [vip, family] = address.includes(":") ? [`[${address}]`, "IPv6"] : [address, "IPv4"];
  const message =
    `${vip}:${port} leads only to ${family} addresses of tasks, and the task has none ` +
    "(on its machine's network it has those that its agent tells): who connects to it is refused";
  return { code: "VIP_NO_BACKEND_ADDRESS", message };
}

/**
 * The VIPs that a task's labels ask for, and what is wrong with the others. `valuesOf`: `vipValues`, or the same
 * remembered.
 */
export function claimsOf(
  facts: PortFacts,
  valuesOf: (text: string) => VipValues = vipValues,
): { readonly claims: readonly VipClaim[]; readonly faults: readonly LabelFault[] } {
  const claims: VipClaim[] = [];
  const faults: LabelFault[] = [];
  let count = 0;
  const take = (port: WirePort | undefined, label: WireLabel): void => {
    const room = limits.vipsPerTaskMax - count;
    const all = room > 0 ? valuesOf(label.value) : none;
    count += Math.max(1, all.length);
    if (room <= 0) return;
    const values = all.length > room ? all.slice(0, room) : all;
    if (port !== undefined) takeLabel(facts, { port, label, values }, { claims, faults });
    else {
      const message = `${label.key}: the task has no such port`;
      faults.push({ code: "VIP_PORT_INVALID", message });
    }
  };
  for (const port of facts.ports)
    for (const label of port.labels) if (isPortVipLabel(label.key)) take(port, label);
  for (const label of facts.labels) {
    const index = portIndexOf(label.key);
    if (index !== undefined) take(portAt(facts, index), label);
    else if (isMisplaced(label.key)) faults.push(misplacedFault(label.key));
  }
  if (count > limits.vipsPerTaskMax) {
    const message = `Only the first ${limits.vipsPerTaskMax} VIPs of a task count`;
    faults.push({ code: "VIP_LIMIT", message });
  }
  return {
    claims: claims.length === 0 ? none : claims,
    faults: faults.length === 0 ? none : faults,
  };
}

/** Whether a label of the whole task is one that only a port can have. */
function isMisplaced(key: string): boolean {
  return /^vip(_?\d{1,4})?$/i.test(key);
}

function misplacedFault(key: string): LabelFault {
  const message =
    `label ${key} of the whole app or task does nothing: a virtual IP is a label of a port ` +
    "(of portDefinitions in Marathon), or VIP_PORT0 of the whole, for its first port";
  return { code: "VIP_LABEL_INVALID", message };
}

const none: readonly never[] = [];

function takeLabel(
  facts: PortFacts,
  {
    port,
    label,
    values,
  }: {
    readonly port: WirePort;
    readonly label: WireLabel;
    readonly values: VipValues;
  },
  out: { readonly claims: VipClaim[]; readonly faults: LabelFault[] },
): void {
  const fault = ({ code, message }: LabelFault): void => {
    out.faults.push({ code, message: `label ${label.key}: ${message}` });
  };
  if (values.length === 0) fault({ code: "VIP_LABEL_INVALID", message: "it has no value" });
  const protocols = parseProtocols(port.protocol);
  if (!protocols.ok) return fault(protocols.error);
  const backend = backendOf(facts, port);
  if (backend.containerPort < 1 || backend.containerPort > 65_535) {
    const message = `the port behind it is ${backend.containerPort}, which is none`;
    return fault({ code: "VIP_PORT_INVALID", message });
  }
  for (const parsed of values) {
    if (!parsed.ok) {
      fault(parsed.error);
      continue;
    }
    const { target, port: vipPort, protocol: own } = parsed.value;
    for (const protocol of own === undefined ? protocols.value : [own])
      out.claims.push({
        target,
        port: vipPort,
        protocol,
        agentPort: backend.agentPort,
        containerPort: backend.containerPort,
        scope: backend.scope,
      });
  }
}

/** The n-th port, for labels of the whole task. */
function portAt(facts: PortFacts, index: number): WirePort | undefined {
  const number = facts.resourcePorts[index];
  const described = facts.ports[index];
  if (number === undefined) return described;
  return { number, name: undefined, protocol: described?.protocol, labels: [] };
}

/**
 * Where clients of a port go. Marathon says it in the label `network-scope`; else a mapping of the port does.
 */
function backendOf(
  { mappings }: PortFacts,
  { number, labels }: WirePort,
): Pick<VipClaim, "agentPort" | "containerPort" | "scope"> {
  const scope = labels.find(({ key }) => key === scopeLabel)?.value;
  const mapping =
    mappings.find(({ hostPort }) => hostPort === number) ??
    mappings.find(({ containerPort, hostPort }) => containerPort === number && hostPort > 0);
  if (scope === "container") return { agentPort: undefined, containerPort: number, scope };
  if (scope === "host" || mapping !== undefined) {
    const agentPort = mapping === undefined ? number : mapping.hostPort;
    return { agentPort, containerPort: mapping?.containerPort ?? number, scope: "agent" };
  }
  return { agentPort: number, containerPort: number, scope: "auto" };
}
