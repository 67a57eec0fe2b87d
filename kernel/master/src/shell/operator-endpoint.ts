import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import { textReply, unauthorizedReply } from "@tutti/http";
import { messages, msOfNanoseconds } from "@tutti/mesos-v1";
import type { Codec, MasterCall, MasterCallType, MasterResponseType } from "@tutti/mesos-v1";
import { decodeCall } from "./api-codec.ts";
import type { Leader } from "./leader.ts";
import { limits } from "./limits.ts";
import { setLoggingLevel } from "./logging-level.ts";
import { operatorAnswers, volatileAnswers } from "./operator-answers.ts";
import type { MasterSite } from "./site.ts";
import { principalOf, withLeader } from "./site.ts";

/**
 * Where operators call: Mesos serves `/api/v1` also for longer paths, and PyPI's pymesos posts to
 * `/api/v1/operator`.
 */
export const operatorPaths: readonly string[] = ["/api/v1", "/api/v1/operator"].flatMap((path) => [
  path,
  `/master${path}`,
]);

/** `POST /api/v1`: reads are open to all, what changes something needs the secret. */
export function operatorRoutes(site: MasterSite): Route[] {
  const handler = (request: HttpRequest): Promise<HttpReply> => takeCall(site, request);
  return operatorPaths.map((path) => ({
    path,
    methods: { POST: handler },
    bodyBytesMax: limits.operatorCallBytesMax,
    streamBufferedBytesMax: limits.streamBufferedBytesMax,
  }));
}

/** The field that holds what a call of some types needs. */
const partOfCall: Readonly<Partial<Record<MasterCallType, keyof MasterCall>>> = {
  GET_METRICS: "get_metrics",
  SET_LOGGING_LEVEL: "set_logging_level",
  LIST_FILES: "list_files",
  READ_FILE: "read_file",
  UPDATE_WEIGHTS: "update_weights",
  RESERVE_RESOURCES: "reserve_resources",
  UNRESERVE_RESOURCES: "unreserve_resources",
  CREATE_VOLUMES: "create_volumes",
  DESTROY_VOLUMES: "destroy_volumes",
  GROW_VOLUME: "grow_volume",
  SHRINK_VOLUME: "shrink_volume",
  UPDATE_MAINTENANCE_SCHEDULE: "update_maintenance_schedule",
  START_MAINTENANCE: "start_maintenance",
  STOP_MAINTENANCE: "stop_maintenance",
  DRAIN_AGENT: "drain_agent",
  DEACTIVATE_AGENT: "deactivate_agent",
  REACTIVATE_AGENT: "reactivate_agent",
  UPDATE_QUOTA: "update_quota",
  SET_QUOTA: "set_quota",
  REMOVE_QUOTA: "remove_quota",
  TEARDOWN: "teardown",
  MARK_AGENT_GONE: "mark_agent_gone",
};

function takeCall(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  return withLeader(site, request, (leader) => {
    const decoded = decodeCall(messages.MasterCall, request);
    if (!decoded.ok) return decoded.error.reply;
    const { call, answerCodec } = decoded.value;
    const { type } = call;
    if (type === undefined) return invalid("type");
    if (type === "UNKNOWN") return textReply(501, "501 Not Implemented.");
    const part = partOfCall[type];
    if (part !== undefined && call[part] === undefined) return invalid(part);
    if (type === "SUBSCRIBE") {
      const principal = principalOf(site, request);
      return leader.connections.openOperator(answerCodec, request.signal, (subscriberId) => ({
        type: "operatorSubscribed",
        subscriberId,
        principal,
      }));
    }
    // The master has no files of its own: whatever is looked for is not there.
    if (type === "LIST_FILES" || type === "READ_FILE") return textReply(404, "");
    if (operatorAnswers[type] !== undefined) return read(site, leader, answerCodec, type);
    return change(site, leader, request, call);
  });
}

function invalid(part: string): HttpReply {
  return textReply(400, `Failed to validate master::Call: Expecting '${part}' to be present`);
}

async function read(
  site: MasterSite,
  leader: Leader,
  codec: Codec,
  type: MasterCallType,
): Promise<HttpReply> {
  const body = await leader.read((view) => {
    const render = (): Uint8Array => {
      const source = {
        config: leader.config,
        view,
        host: () => leader.hostMetrics(site.wallMs()),
        verbosity: site.log.verbosity,
      };
      const answer = operatorAnswers[type]?.(source) ?? {};
      // A call that reads has the same name as its answer.
      const response = { type: type as MasterResponseType, ...answer };
      return codec.encode(messages.MasterResponse, response);
    };
    if (volatileAnswers.has(type)) return render();
    return leader.answers.get(`${type} ${codec.mediaType}`, view.version, render);
  });
  return { status: 200, headers: { "Content-Type": codec.mediaType }, body };
}

function change(
  site: MasterSite,
  leader: Leader,
  request: HttpRequest,
  call: MasterCall,
): HttpReply | Promise<HttpReply> {
  const principal = principalOf(site, request);
  if (principal.type !== "trusted") return unauthorizedReply();
  if (call.set_logging_level !== undefined && call.type === "SET_LOGGING_LEVEL") {
    const { level, duration } = call.set_logging_level;
    return setLoggingLevel(site.log, level, msOfNanoseconds(duration.nanoseconds));
  }
  return leader.connections.request((requestId) => ({
    type: "operatorCall",
    requestId,
    principal,
    call,
  }));
}
