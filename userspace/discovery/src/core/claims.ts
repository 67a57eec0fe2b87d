import { limits } from "./limits.ts";
import type { LabelFault, VipClaim } from "./types.ts";
import {
  isPortVipLabel,
  parseProtocols,
  parseVipValue,
  portIndexOf,
  splitVipValues,
} from "./vip-labels.ts";

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

/** What a task's definition says about ports. */
interface PortFacts {
  /** Of the task. */
  readonly labels: readonly WireLabel[];
  readonly ports: readonly WirePort[];
  readonly resourcePorts: readonly number[];
  readonly mappings: readonly { readonly hostPort: number; readonly containerPort: number }[];
}

/** The VIPs that a task's labels ask for, and what is wrong with the others. */
export function claimsOf(facts: PortFacts): {
  readonly claims: readonly VipClaim[];
  readonly faults: readonly LabelFault[];
} {
  const claims: VipClaim[] = [];
  const faults: LabelFault[] = [];
  const labels = [
    ...facts.ports.flatMap((port) =>
      port.labels.filter(({ key }) => isPortVipLabel(key)).map((label) => ({ port, label })),
    ),
    ...facts.labels.flatMap((label) => {
      const index = portIndexOf(label.key);
      return index === undefined ? [] : [{ port: portAt(facts, index), label }];
    }),
  ];
  for (const { port, label } of labels.slice(0, limits.labelsPerTaskMax)) {
    if (port === undefined) {
      const message = `${label.key}: the task has no such port`;
      faults.push({ code: "VIP_PORT_INVALID", message });
    } else takeLabel(facts, port, label, { claims, faults });
  }
  if (labels.length > limits.labelsPerTaskMax) {
    const message = `only the first ${limits.labelsPerTaskMax} VIP labels of a task count`;
    faults.push({ code: "VIP_LIMIT", message });
  }
  return { claims, faults };
}

function takeLabel(
  facts: PortFacts,
  port: WirePort,
  label: WireLabel,
  out: { readonly claims: VipClaim[]; readonly faults: LabelFault[] },
): void {
  const values = splitVipValues(label.value);
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
  for (const value of values) {
    const parsed = parseVipValue(value);
    if (!parsed.ok) {
      fault(parsed.error);
      continue;
    }
    const { target, port: vipPort, protocol: own } = parsed.value;
    for (const protocol of own === undefined ? protocols.value : [own])
      out.claims.push({ target, port: vipPort, protocol, ...backend });
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
  const scope = labels.find(({ key }) => key === "network-scope")?.value;
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
