import { utf8Decode, utf8Encode } from "@tutti/base";
import type { Coordination, RecordWrite } from "@tutti/coordination";
import { messages, parseJson, toJson } from "@tutti/mesos-v1";
import type { AgentRecord, MasterDurable, MasterEntry, RoleWeight } from "../core/events.ts";
import { limits } from "./limits.ts";

/** The name of the masters' election. */
export const electionName = "master";

const agentsPrefix = "master/agents/";
const weightsPath = "master/weights";
const clusterPath = "master/cluster";

/** What was durable, read after an election was won: no older leader can add to it. */
export async function readRegistry(coordination: Coordination): Promise<MasterDurable> {
  const agents = await coordination.list(agentsPrefix);
  const weights = await coordination.read(weightsPath);
  return {
    agents: agents.map(({ value }) => parseAgentRecord(utf8Decode(value))),
    weights:
      weights === undefined ? [] : (JSON.parse(utf8Decode(weights.value)) as WeightsRecord).weights,
  };
}

interface WeightsRecord {
  readonly schema: 1;
  readonly weights: readonly RoleWeight[];
}

/** The id of the cluster: made by its first master, then the same for ever. */
export async function readClusterId(
  coordination: Coordination,
  epoch: number,
  makeId: () => string,
): Promise<string> {
  const known = await coordination.read(clusterPath);
  if (known !== undefined) return (JSON.parse(utf8Decode(known.value)) as { id: string }).id;
  const id = makeId();
  const value = utf8Encode(JSON.stringify({ schema: 1, id }));
  await coordination.write(electionName, epoch, [
    { type: "put", path: clusterPath, value, expectedVersion: 0 },
  ]);
  return id;
}

/** Makes entries durable in their order. `fenced`: another master leads. */
export async function writeEntries(
  coordination: Coordination,
  epoch: number,
  entries: readonly MasterEntry[],
): Promise<"written" | "fenced"> {
  let batch: RecordWrite[] = [];
  let bytes = 0;
  const commit = async (): Promise<boolean> => {
    if (batch.length === 0) return true;
    const outcome = await coordination.write(electionName, epoch, batch);
    batch = [];
    bytes = 0;
    return outcome.type === "written";
  };
  for (const entry of entries) {
    const write = writeOf(entry);
    const size = write.type === "put" ? write.value.length : 0;
    if (batch.length >= limits.writesPerCommitMax || bytes + size > limits.bytesPerCommitMax) {
      if (!(await commit())) return "fenced";
    }
    batch.push(write);
    bytes += size;
  }
  return (await commit()) ? "written" : "fenced";
}

function writeOf(entry: MasterEntry): RecordWrite {
  switch (entry.type) {
    case "putAgent":
      return {
        type: "put",
        path: agentsPrefix + entry.agentId,
        value: utf8Encode(formatAgentRecord(entry.record)),
      };
    case "deleteAgent":
      return { type: "delete", path: agentsPrefix + entry.agentId };
    case "putWeights":
      return {
        type: "put",
        path: weightsPath,
        value: utf8Encode(JSON.stringify({ schema: 1, weights: entry.weights })),
      };
  }
}

/** A record as JSON; the description in Mesos's, which says 64-bit numbers exactly. */
export function formatAgentRecord({ info, ...rest }: AgentRecord): string {
  return `${JSON.stringify(rest).slice(0, -1)},"info":${toJson(messages.AgentInfo, info)}}`;
}

/** Reads what `formatAgentRecord` wrote; throws on anything else, for such a registry is broken. */
export function parseAgentRecord(text: string): AgentRecord {
  const draft = JSON.parse(text) as AgentRecord;
  if (draft.schema !== 1) {
    throw new Error(`an agent's record has schema ${String(draft.schema)}, this release knows 1`);
  }
  const info = parseJson(messages.AgentInfo, draft.info);
  if (!info.ok) throw new Error(`an agent's record is broken: ${info.error.message}`);
  return { ...draft, info: info.value };
}
