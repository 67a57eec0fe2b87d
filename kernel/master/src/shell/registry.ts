import { utf8Decode, utf8Encode } from "@tutti/base";
import type { Coordination, RecordWrite } from "@tutti/coordination";
import { messages, parseJson, toJson } from "@tutti/mesos-v1";
import type { Clock } from "@tutti/ports";
import type {
  AgentRecord,
  MasterDurable,
  MasterEntry,
  QuotaRecord,
  RoleWeight,
} from "../core/events.ts";
import { Timing } from "../core/timing.ts";
import { limits } from "./limits.ts";

/** The name of the masters' election. */
export const electionName = "master";

const agentsPrefix = "master/agents/";
const weightsPath = "master/weights";
const quotasPath = "master/quotas";
const clusterPath = "master/cluster";

interface WeightsRecord {
  readonly schema: 1;
  readonly weights: readonly RoleWeight[];
}

interface QuotasRecord {
  readonly schema: 1;
  readonly quotas: readonly QuotaRecord[];
}

/** The durable records of one leadership. No older leader can add to what it reads. */
export class Registry {
  /** How long reading it took, and each writing. */
  readonly reads = new Timing();
  readonly writes = new Timing();
  readonly #coordination: Coordination;
  readonly #epoch: number;
  readonly #clock: Clock;
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor(coordination: Coordination, epoch: number, clock: Clock) {
    this.#coordination = coordination;
    this.#epoch = epoch;
    this.#clock = clock;
  }

  /** Bytes of all records. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What was durable when the election was won. */
  async read(): Promise<MasterDurable> {
    const beganMs = this.#clock.monoMs();
    const agents = await this.#coordination.list(agentsPrefix);
    const weights = await this.#coordination.read(weightsPath);
    const quotas = await this.#coordination.read(quotasPath);
    this.reads.add(this.#clock.monoMs() - beganMs);
    for (const { path, value } of agents) this.#resize(path, value.length);
    if (weights !== undefined) this.#resize(weightsPath, weights.value.length);
    if (quotas !== undefined) this.#resize(quotasPath, quotas.value.length);
    return {
      agents: agents.map(({ value }) => parseAgentRecord(utf8Decode(value))),
      weights:
        weights === undefined
          ? []
          : (JSON.parse(utf8Decode(weights.value)) as WeightsRecord).weights,
      quotas:
        quotas === undefined ? [] : (JSON.parse(utf8Decode(quotas.value)) as QuotasRecord).quotas,
    };
  }

  /** The id of the cluster: made by its first master, then the same for ever. */
  async clusterId(makeId: () => string): Promise<string> {
    const known = await this.#coordination.read(clusterPath);
    if (known !== undefined) {
      this.#resize(clusterPath, known.value.length);
      return (JSON.parse(utf8Decode(known.value)) as { id: string }).id;
    }
    const id = makeId();
    const value = utf8Encode(JSON.stringify({ schema: 1, id }));
    await this.#commit([{ type: "put", path: clusterPath, value, expectedVersion: 0 }]);
    return id;
  }

  /** Makes entries durable in their order. `fenced`: another master leads. */
  async write(entries: readonly MasterEntry[]): Promise<"written" | "fenced"> {
    let batch: RecordWrite[] = [];
    let bytes = 0;
    for (const entry of entries) {
      const write = writeOf(entry);
      const size = write.type === "put" ? write.value.length : 0;
      if (batch.length >= limits.writesPerCommitMax || bytes + size > limits.bytesPerCommitMax) {
        if ((await this.#commit(batch)) === "fenced") return "fenced";
        batch = [];
        bytes = 0;
      }
      batch.push(write);
      bytes += size;
    }
    return this.#commit(batch);
  }

  async #commit(batch: readonly RecordWrite[]): Promise<"written" | "fenced"> {
    if (batch.length === 0) return "written";
    const beganMs = this.#clock.monoMs();
    const outcome = await this.#coordination.write(electionName, this.#epoch, batch);
    this.writes.add(this.#clock.monoMs() - beganMs);
    for (const write of batch) {
      if (write.type === "put") this.#resize(write.path, write.value.length);
      else if (write.type === "delete") this.#resize(write.path, 0);
    }
    return outcome.type === "written" ? "written" : "fenced";
  }

  #resize(path: string, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(path) ?? 0);
    if (bytes === 0) this.#sizes.delete(path);
    else this.#sizes.set(path, bytes);
  }
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
    case "putQuotas":
      return {
        type: "put",
        path: quotasPath,
        value: utf8Encode(JSON.stringify({ schema: 1, quotas: entry.quotas })),
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
