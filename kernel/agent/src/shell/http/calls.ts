import { textReply } from "@tutti/http";
import type { HttpReply } from "@tutti/http";
import type { Containerizer } from "@tutti/containerizer/core";
import { msOfNanoseconds, nanosecondsOf } from "@tutti/mesos-v1";
import type { AgentCall, AgentCallReadFile, AgentCallType, AgentResponse } from "@tutti/mesos-v1";
import {
  getAgent,
  getExecutors,
  getFrameworks,
  getState,
  getTasks,
  metricsOf,
  versionOf,
} from "../../core/index.ts";
import type { AgentView } from "../../core/index.ts";
import type { AccountNames } from "./accounts.ts";
import { refuseUnknownContainer } from "./container-calls.ts";
import { listContainers } from "./containers.ts";
import { setLoggingLevel } from "./logging-level.ts";
import type { LoggingPorts } from "./logging-level.ts";
import { readMachineLoad } from "./machine-load.ts";
import { listPlace, openPlace, readPlace } from "./sandbox-files.ts";

/** What the calls need. */
export interface CallPorts {
  readonly look: () => Promise<AgentView>;
  readonly containerizer: Pick<Containerizer, "usage">;
  readonly flags: Readonly<Record<string, string>>;
  readonly accounts: AccountNames;
  readonly log: LoggingPorts["log"];
}

type Answer = (
  ports: CallPorts,
  call: AgentCall,
) => Promise<AgentResponse | HttpReply> | AgentResponse;

/** The calls that change something: they need the secret. */
const changes: Readonly<
  Partial<Record<AgentCallType, (ports: CallPorts, call: AgentCall) => HttpReply>>
> = {
  SET_LOGGING_LEVEL: ({ log }, { set_logging_level: asked }) =>
    setLoggingLevel(log, asked?.level ?? 0, msOfNanoseconds(asked?.duration.nanoseconds ?? 0)),
  // This agent keeps no images: there is nothing to prune.
  PRUNE_IMAGES: () => textReply(200, ""),
};

/** The calls that read: none needs the secret. */
const answers: Readonly<Partial<Record<AgentCallType, Answer>>> = {
  GET_HEALTH: () => ({ type: "GET_HEALTH", get_health: { healthy: true } }),
  GET_FLAGS: (ports) => {
    const flags = Object.entries(ports.flags).map(([name, value]) => ({ name, value }));
    return { type: "GET_FLAGS", get_flags: { flags } };
  },
  GET_VERSION: async (ports) => {
    const { config } = await ports.look();
    return { type: "GET_VERSION", get_version: { version_info: versionOf(config.release) } };
  },
  GET_METRICS: async (ports) => {
    const metrics = Object.entries(metricsOf(await ports.look(), readMachineLoad()));
    const listed = metrics.map(([name, value]) => ({ name, value }));
    return { type: "GET_METRICS", get_metrics: { metrics: listed } };
  },
  GET_LOGGING_LEVEL: ({ log }) => ({
    type: "GET_LOGGING_LEVEL",
    get_logging_level: { level: log.verbosity() },
  }),
  LIST_FILES: (ports, call) => listFiles(ports, call.list_files?.path ?? ""),
  READ_FILE: (ports, call) => readFile(ports, call.read_file ?? { path: "", offset: 0 }),
  GET_STATE: async (ports) => ({ type: "GET_STATE", get_state: getState(await ports.look()) }),
  GET_CONTAINERS: async (ports) => {
    const containers = await listContainers(await ports.look(), ports.containerizer);
    const some = containers.length === 0 ? {} : { get_containers: { containers } };
    return { type: "GET_CONTAINERS", ...some };
  },
  GET_FRAMEWORKS: async (ports) => ({
    type: "GET_FRAMEWORKS",
    get_frameworks: getFrameworks(await ports.look()),
  }),
  GET_EXECUTORS: async (ports) => ({
    type: "GET_EXECUTORS",
    get_executors: getExecutors(await ports.look()),
  }),
  GET_OPERATIONS: () => ({ type: "GET_OPERATIONS", get_operations: {} }),
  GET_TASKS: async (ports) => ({ type: "GET_TASKS", get_tasks: getTasks(await ports.look()) }),
  GET_AGENT: async (ports) => ({ type: "GET_AGENT", get_agent: getAgent(await ports.look()) }),
  GET_RESOURCE_PROVIDERS: () => ({ type: "GET_RESOURCE_PROVIDERS", get_resource_providers: {} }),
};

/** Whether a call changes nothing and needs no secret. */
export function isReading(type: AgentCallType): boolean {
  return answers[type] !== undefined;
}

/** The response of a valid call, or a refusal: of what this agent does not do, 501. */
export async function answerCall(
  ports: CallPorts,
  call: AgentCall,
): Promise<AgentResponse | HttpReply> {
  const answer = call.type === undefined ? undefined : (answers[call.type] ?? changes[call.type]);
  if (answer !== undefined) return answer(ports, call);
  const { tasks } = await ports.look();
  const refusal = refuseUnknownContainer(call, (id) =>
    tasks.some(({ record }) => record.id === id),
  );
  if (refusal !== undefined) return refusal;
  return textReply(501, `501 Not Implemented. This agent has no call ${call.type ?? "UNKNOWN"}.`);
}

async function listFiles(ports: CallPorts, path: string): Promise<AgentResponse | HttpReply> {
  const opened = await openPlace(await ports.look(), path);
  if (!opened.ok)
    return textReply(opened.error.code === "NOT_FOUND" ? 404 : 400, opened.error.message);
  const place = opened.value;
  try {
    const entries = place.stats.isDirectory() ? await listPlace(place) : [];
    const infos = entries.map(({ name, stats }) => ({
      path: `${path.replace(/\/$/, "")}/${name}`,
      nlink: stats.nlink,
      size: stats.size,
      mtime: { nanoseconds: nanosecondsOf(Math.floor(stats.mtimeMs / 1000) * 1000) },
      mode: stats.mode,
      uid: ports.accounts.user(stats.uid),
      gid: ports.accounts.group(stats.gid),
    }));
    return { type: "LIST_FILES", list_files: { file_infos: infos } };
  } finally {
    await place.handle.close();
  }
}

async function readFile(
  ports: CallPorts,
  asked: AgentCallReadFile,
): Promise<AgentResponse | HttpReply> {
  const { path } = asked;
  const offset = Number(asked.offset);
  const length = asked.length === undefined ? undefined : Number(asked.length);
  const opened = await openPlace(await ports.look(), path);
  if (!opened.ok)
    return textReply(opened.error.code === "NOT_FOUND" ? 404 : 400, opened.error.message);
  const place = opened.value;
  try {
    if (place.stats.isDirectory()) return textReply(400, "Cannot read a directory.\n");
    if (offset < 0) return textReply(400, `Negative offset provided: ${offset}.\n`);
    const bytes = await readPlace(place, offset, length);
    const data = bytes.toString("base64");
    return { type: "READ_FILE", read_file: { size: place.stats.size, data } };
  } finally {
    await place.handle.close();
  }
}
