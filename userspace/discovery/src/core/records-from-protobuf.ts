import { clusterAgentOf, clusterFrameworkOf } from "./record-parts.ts";
import { numberTag, partTag } from "./protobuf-fields.ts";
import type { ProtobufFields } from "./protobuf-fields.ts";
import type { ClusterAgent, ClusterFramework } from "./types.ts";

/** The only field of `TaskID`, `AgentID` and `FrameworkID`. */
const idValue = partTag(1);
/** `GetAgents.Agent` and `GetFrameworks.Framework`. */
const registered = { info: partTag(1), active: numberTag(2), pid: partTag(4) } as const;
const agentInfo = { hostname: partTag(1), id: partTag(6), port: numberTag(8) } as const;
const frameworkInfo = {
  name: partTag(2),
  id: partTag(3),
  hostname: partTag(7),
  webuiUrl: partTag(9),
} as const;

/** An id; "" when it has no value. `isShared`: many messages have it. */
export function readId(fields: ProtobufFields, isShared = false): string {
  const outer = fields.open();
  let id = "";
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === idValue) id = isShared ? fields.sharedText() : fields.text();
    else fields.skip();
  fields.close(outer);
  return id;
}

/** `GetAgents.Agent`; undefined without its id. */
export function readAgent(fields: ProtobufFields): ClusterAgent | undefined {
  const outer = fields.open();
  let info = noAgent;
  let pid = "";
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === registered.info) info = readAgentParts(fields);
    else if (tag === registered.pid) pid = fields.text();
    else fields.skip();
  fields.close(outer);
  return clusterAgentOf(info, pid);
}

/** `AgentInfo` of an agent that has not come back: it has no pid. */
export function readAgentInfo(fields: ProtobufFields): ClusterAgent | undefined {
  return clusterAgentOf(readAgentParts(fields), "");
}

function readAgentParts(fields: ProtobufFields): typeof noAgent {
  const outer = fields.open();
  let { id, hostname, port } = noAgent;
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === agentInfo.id) id = readId(fields);
    else if (tag === agentInfo.hostname) hostname = fields.text();
    else if (tag === agentInfo.port) port = fields.number();
    else fields.skip();
  fields.close(outer);
  return { id, hostname, port };
}

const noAgent = { id: "", hostname: "", port: 0 };

/** `GetFrameworks.Framework`; undefined without its id. */
export function readFramework(fields: ProtobufFields): ClusterFramework | undefined {
  const outer = fields.open();
  let info: ClusterFramework | undefined;
  let active = false;
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === registered.info) info = readFrameworkInfo(fields);
    else if (tag === registered.active) active = fields.flag();
    else fields.skip();
  fields.close(outer);
  return info === undefined ? undefined : { ...info, active };
}

/** `FrameworkInfo`; undefined without its id. */
export function readFrameworkInfo(fields: ProtobufFields): ClusterFramework | undefined {
  const outer = fields.open();
  const info = { id: "", name: "", hostname: "", webuiUrl: "" };
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === frameworkInfo.id) info.id = readId(fields);
    else if (tag === frameworkInfo.name) info.name = fields.text();
    else if (tag === frameworkInfo.hostname) info.hostname = fields.text();
    else if (tag === frameworkInfo.webuiUrl) info.webuiUrl = fields.text();
    else fields.skip();
  fields.close(outer);
  return clusterFrameworkOf(info, false);
}
