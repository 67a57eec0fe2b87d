import { isWantedLabel } from "@tutti/dns";
import type { PortMapping, WireLabel, WirePort } from "@tutti/dns";
import { numberTag, partTag } from "./protobuf-fields.ts";
import type { ProtobufFields } from "./protobuf-fields.ts";
import { readId } from "./records-from-protobuf.ts";
import type { SharedTexts } from "./shared-texts.ts";
import { withPortRange, clusterTaskOf } from "./task-parts.ts";
import type { DiscoveryParts } from "./discovery-parts.ts";
import type { TaskParts } from "./task-parts.ts";
import type { ClusterTask, EndedTask, TaskUpdate } from "./types.ts";

const task = {
  name: partTag(1),
  taskId: partTag(2),
  frameworkId: partTag(3),
  agentId: partTag(5),
  state: numberTag(6),
  resources: partTag(7),
  statuses: partTag(8),
  labels: partTag(11),
  discovery: partTag(12),
  container: partTag(13),
  healthCheck: partTag(15),
} as const;
const status = {
  taskId: partTag(1),
  state: numberTag(2),
  healthy: numberTag(8),
  containerStatus: partTag(13),
} as const;
const update = { frameworkId: partTag(1), status: partTag(2), state: numberTag(3) } as const;
const networkInfos = { ofStatus: partTag(1), ofContainer: partTag(7) } as const;
const network = { ipAddresses: partTag(5), portMappings: partTag(7) } as const;
const ipAddress = partTag(2);
const docker = { ofContainer: partTag(3), portMappings: partTag(3) } as const;
const mapping = { hostPort: numberTag(1), containerPort: numberTag(2) } as const;
const resource = { name: partTag(1), ranges: partTag(4) } as const;
const range = { each: partTag(1), begin: numberTag(1), end: numberTag(2) } as const;
const discoveryInfo = { visibility: numberTag(1), name: partTag(2), ports: partTag(6) } as const;
const port = {
  each: partTag(1),
  number: numberTag(1),
  name: partTag(2),
  protocol: partTag(3),
  labels: partTag(5),
} as const;
const label = { each: partTag(1), key: partTag(1), value: partTag(2) } as const;

/** `TaskState` by its numbers. */
const states = [
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_LOST",
  "TASK_STAGING",
  "TASK_ERROR",
  "TASK_KILLING",
  "TASK_DROPPED",
  "TASK_UNREACHABLE",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
  "TASK_UNKNOWN",
] as const;
/** `DiscoveryInfo.Visibility` by its numbers. */
const visibilities = ["FRAMEWORK", "CLUSTER", "EXTERNAL"] as const;

/** A `mesos.v1.Task`; undefined without its ids. */
export function readTask(fields: ProtobufFields, texts: SharedTexts): ClusterTask | undefined {
  const outer = fields.open();
  let name = "";
  let taskId = "";
  let frameworkId = "";
  let agentId = "";
  let state = "";
  let isChecked = false;
  let discovery: DiscoveryParts | undefined;
  let labels: WireLabel[] = none;
  let ports: readonly number[] = none;
  let mappings: readonly PortMapping[] = none;
  const said: Said = { healthy: undefined, addresses: undefined, state: "", taskId: undefined };
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    switch (tag) {
      case task.name:
        name = fields.sharedText();
        break;
      case task.taskId:
        taskId = readId(fields);
        break;
      case task.frameworkId:
        frameworkId = readId(fields, true);
        break;
      case task.agentId:
        agentId = readId(fields, true);
        break;
      case task.state:
        state = states[fields.number()] ?? "";
        break;
      case task.resources:
        ports = readPortRanges(fields, texts, ports);
        break;
      case task.statuses:
        readStatus(fields, texts, said);
        break;
      case task.labels:
        labels = readLabels(fields);
        break;
      case task.discovery:
        discovery = fields.remembered(texts.discoveries, readDiscovery);
        break;
      case task.container:
        mappings = readMappings(fields);
        break;
      case task.healthCheck:
        isChecked = true;
        fields.skip();
        break;
      default:
        fields.skip();
    }
  fields.close(outer);
  const { healthy, addresses } = said;
  const parts: TaskParts = {
    frameworkId,
    taskId,
    name,
    agentId,
    state,
    healthy,
    isChecked,
    addresses,
    mappings,
    ports,
    labels,
    discovery,
  };
  return clusterTaskOf(parts, texts);
}

/** Whom an ended or unreachable task belongs to, and how it ended. */
export function readEnded(fields: ProtobufFields): EndedTask {
  const outer = fields.open();
  let frameworkId = "";
  let taskId = "";
  let state = "";
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === task.frameworkId) frameworkId = readId(fields, true);
    else if (tag === task.taskId) taskId = readId(fields);
    else if (tag === task.state) state = states[fields.number()] ?? "";
    else fields.skip();
  fields.close(outer);
  return { frameworkId, taskId, state };
}

/** `TASK_UPDATED`; undefined without its ids. */
export function readStatusUpdate(
  fields: ProtobufFields,
  texts: SharedTexts,
): TaskUpdate | undefined {
  const outer = fields.open();
  let frameworkId = "";
  let state = "";
  const said: Said = { healthy: undefined, addresses: undefined, state: "", taskId: "" };
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === update.frameworkId) frameworkId = readId(fields, true);
    else if (tag === update.status) readStatus(fields, texts, said);
    else if (tag === update.state) state = states[fields.number()] ?? "";
    else fields.skip();
  fields.close(outer);
  const { taskId, healthy, addresses } = said;
  if (frameworkId === "" || taskId === undefined || taskId === "") return undefined;
  return {
    ...{ type: "taskUpdated", frameworkId, taskId, healthy, addresses },
    // `state` is the newest that the master knows; the status may be an older one that waited.
    state: state || said.state,
  };
}

/** What statuses say, each over what the ones before it said. */
interface Said {
  /** Undefined: it is known already, and not read. */
  taskId: string | undefined;
  state: string;
  healthy: boolean | undefined;
  addresses: readonly string[] | undefined;
}

function readStatus(fields: ProtobufFields, texts: SharedTexts, said: Said): void {
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    switch (tag) {
      case status.taskId:
        if (said.taskId === undefined) fields.skip();
        else said.taskId = readId(fields);
        break;
      case status.state:
        said.state = states[fields.number()] ?? "";
        break;
      case status.healthy:
        said.healthy = fields.flag();
        break;
      case status.containerStatus:
        said.addresses = readAddresses(fields, texts) ?? said.addresses;
        break;
      default:
        fields.skip();
    }
  fields.close(outer);
}

/** Addresses of a `ContainerStatus`; undefined when it has no networks. */
function readAddresses(fields: ProtobufFields, texts: SharedTexts): readonly string[] | undefined {
  let found: readonly string[] | undefined;
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next()) {
    if (tag !== networkInfos.ofStatus) {
      fields.skip();
      continue;
    }
    found ??= none;
    const ofNetwork = fields.open();
    for (let inner = fields.next(); inner !== 0; inner = fields.next())
      if (inner === network.ipAddresses) found = joined(found, readAddress(fields, texts));
      else fields.skip();
    fields.close(ofNetwork);
  }
  fields.close(outer);
  return found;
}

function readAddress(fields: ProtobufFields, texts: SharedTexts): readonly string[] {
  let found: readonly string[] = none;
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === ipAddress) found = texts.address(fields.sharedText());
    else fields.skip();
  fields.close(outer);
  return found;
}

function joined(left: readonly string[], right: readonly string[]): readonly string[] {
  return left.length === 0 ? right : [...left, ...right];
}

/** With the numbers of a resource when it is `ports`. Its name comes first: fields are written in their order. */
function readPortRanges(
  fields: ProtobufFields,
  texts: SharedTexts,
  before: readonly number[],
): readonly number[] {
  const outer = fields.open();
  let isPorts = false;
  let ports = before;
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === resource.name) isPorts = fields.isText("ports");
    else if (tag === resource.ranges && isPorts) ports = readRanges(fields, texts, ports);
    else fields.skip();
  fields.close(outer);
  return ports;
}

function readRanges(
  fields: ProtobufFields,
  texts: SharedTexts,
  before: readonly number[],
): readonly number[] {
  const outer = fields.open();
  let ports = before;
  for (let tag = fields.next(); tag !== 0; tag = fields.next()) {
    if (tag !== range.each) {
      fields.skip();
      continue;
    }
    const ofRange = fields.open();
    let begin = 0;
    let end = 0;
    for (let inner = fields.next(); inner !== 0; inner = fields.next())
      if (inner === range.begin) begin = fields.number();
      else if (inner === range.end) end = fields.number();
      else fields.skip();
    fields.close(ofRange);
    const isOnly = ports.length === 0 && begin === end && begin <= 65_535;
    ports = isOnly ? texts.onlyPort(begin) : withPortRange(ports, begin, end);
  }
  fields.close(outer);
  return ports;
}

/** Port mappings of a container: of its networks, and of Docker. */
function readMappings(fields: ProtobufFields): readonly PortMapping[] {
  const mappings: PortMapping[] = [];
  const ofDocker: PortMapping[] = [];
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === networkInfos.ofContainer) readMappingsOf(fields, network.portMappings, mappings);
    else if (tag === docker.ofContainer) readMappingsOf(fields, docker.portMappings, ofDocker);
    else fields.skip();
  fields.close(outer);
  return [...mappings, ...ofDocker];
}

function readMappingsOf(fields: ProtobufFields, wanted: number, mappings: PortMapping[]): void {
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === wanted) mappings.push(readMapping(fields));
    else fields.skip();
  fields.close(outer);
}

function readMapping(fields: ProtobufFields): PortMapping {
  const outer = fields.open();
  let hostPort = 0;
  let containerPort = 0;
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === mapping.hostPort) hostPort = fields.number();
    else if (tag === mapping.containerPort) containerPort = fields.number();
    else fields.skip();
  fields.close(outer);
  return { hostPort, containerPort };
}

function readDiscovery(fields: ProtobufFields): DiscoveryParts {
  const outer = fields.open();
  let name = "";
  let visibility = "";
  const ports: WirePort[] = [];
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === discoveryInfo.visibility) visibility = visibilities[fields.number()] ?? "";
    else if (tag === discoveryInfo.name) name = fields.sharedText();
    else if (tag === discoveryInfo.ports) readPorts(fields, ports);
    else fields.skip();
  fields.close(outer);
  return { name, visibility, ports };
}

function readPorts(fields: ProtobufFields, ports: WirePort[]): void {
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === port.each) ports.push(readPort(fields));
    else fields.skip();
  fields.close(outer);
}

function readPort(fields: ProtobufFields): WirePort {
  const outer = fields.open();
  let number = 0;
  let name = "";
  let protocol = "";
  let labels: readonly WireLabel[] = none;
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === port.number) number = fields.number();
    else if (tag === port.name) name = fields.sharedText();
    else if (tag === port.protocol) protocol = fields.sharedText();
    else if (tag === port.labels) labels = readLabels(fields);
    else fields.skip();
  fields.close(outer);
  return { number, name: name || undefined, protocol: protocol || undefined, labels };
}

/** The labels that speak of VIPs; the values of others are not even looked at. */
function readLabels(fields: ProtobufFields): WireLabel[] {
  const labels: WireLabel[] = [];
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next()) {
    if (tag !== label.each) {
      fields.skip();
      continue;
    }
    const ofLabel = fields.open();
    let key = "";
    let value = "";
    for (let inner = fields.next(); inner !== 0; inner = fields.next())
      if (inner === label.key) key = fields.sharedText();
      else if (inner === label.value && isWantedLabel(key)) value = fields.sharedText();
      else fields.skip();
    fields.close(ofLabel);
    if (isWantedLabel(key)) labels.push({ key, value });
  }
  fields.close(outer);
  return labels;
}

const none: never[] = [];
