import { assert, utf8Decode, utf8Encode } from "@tutti/base";
import type { CoordinationRecord, RecordWrite } from "@tutti/coordination/core";
import type { AgentRecord, MasterDurable, MasterEntry } from "@tutti/master/core";
import { messages, parseJson, toJson } from "@tutti/mesos-v1";

const agentsPrefix = "master/agents/";
const weightsPath = "master/weights";
const quotasPath = "master/quotas";

/** All that a master keeps. */
export const registryPrefix = "master/";

/** An entry of the master's core as a write of its store. */
export function registryWrite(entry: MasterEntry): RecordWrite {
  switch (entry.type) {
    case "putAgent":
      return { type: "put", path: agentsPrefix + entry.agentId, value: formatAgent(entry.record) };
    case "deleteAgent":
      return { type: "delete", path: agentsPrefix + entry.agentId };
    case "putWeights":
      return { type: "put", path: weightsPath, value: encode(entry.weights) };
    case "putQuotas":
      return { type: "put", path: quotasPath, value: encode(entry.quotas) };
  }
}

/** What was durable, from the records of the store. */
export function readRegistry(records: readonly CoordinationRecord[]): MasterDurable {
  const weights = records.find(({ path }) => path === weightsPath);
  return {
    agents: readAgents(records),
    weights:
      weights === undefined
        ? []
        : (JSON.parse(utf8Decode(weights.value)) as MasterDurable["weights"]),
    quotas: readQuotas(records),
  };
}

/** What is durable of agents in these records. */
export function readAgents(records: readonly CoordinationRecord[]): MasterDurable["agents"] {
  return records.filter(({ path }) => path.startsWith(agentsPrefix)).map(parseAgent);
}

/** The quota that is durable in these records. */
export function readQuotas(records: readonly CoordinationRecord[]): MasterDurable["quotas"] {
  const quotas = records.find(({ path }) => path === quotasPath);
  return quotas === undefined
    ? []
    : (JSON.parse(utf8Decode(quotas.value)) as MasterDurable["quotas"]);
}

function encode(value: unknown): Uint8Array {
  return utf8Encode(JSON.stringify(value));
}

function formatAgent({ info, ...rest }: AgentRecord): Uint8Array {
  return utf8Encode(
    `${JSON.stringify(rest).slice(0, -1)},"info":${toJson(messages.AgentInfo, info)}}`,
  );
}

function parseAgent({ value }: CoordinationRecord): AgentRecord {
  const draft = JSON.parse(utf8Decode(value)) as AgentRecord;
  const info = parseJson(messages.AgentInfo, draft.info);
  assert(info.ok, "an agent's record can be read");
  return { ...draft, info: info.value };
}
