import {
  negotiate,
  textReply,
  missingContentTypeReply,
  parseContentType,
  unsupportedMediaTypeReply,
} from "@tutti/http";
import type { HttpReply, HttpRequest } from "@tutti/http";
import { codecFor, jsonMediaType, messages, protobufMediaType } from "@tutti/mesos-v1";
import type { AgentCall, AgentResponse, CodecRefusal } from "@tutti/mesos-v1";
import { answerCall, isReading } from "./calls.ts";
import type { CallPorts } from "./calls.ts";

const recordioMediaType = "application/recordio";
const offered = [jsonMediaType, protobufMediaType, recordioMediaType] as const;

/** What `POST /api/v1` needs. */
export interface ApiPorts extends CallPorts {
  /** Whether the request may change something. */
  readonly mayWrite: (request: HttpRequest) => boolean;
  /** The refusal of one that may not. */
  readonly refuse: () => HttpReply;
}

/** The v1 operator API of the agent, in JSON and protobuf; texts as Mesos has them. Rule AGT33. */
export async function callApi(ports: ApiPorts, request: HttpRequest): Promise<HttpReply> {
  const header = request.headers["content-type"];
  if (header === undefined) return missingContentTypeReply();
  const type = parseContentType(header)?.type ?? "";
  if (type === recordioMediaType) {
    return textReply(400, "Expecting 'Message-Content-Type' to be set for streaming requests");
  }
  const codec = codecFor(type);
  if (codec === undefined) return unsupportedMediaTypeReply(offered);
  const accepted = negotiate(request.headers["accept"], offered);
  if (accepted === undefined) {
    return textReply(406, `Expecting 'Accept' to allow ${offered.join(" or ")}`);
  }
  const decoded = codec.decode(messages.AgentCall, request.body);
  if (!decoded.ok) return textReply(400, describeBroken(decoded.error));
  const call: AgentCall = decoded.value;
  const refusal = refusalOf(call) ?? refusalOfWrite(ports, request, call);
  if (refusal !== undefined) return refusal;
  if (accepted === recordioMediaType) {
    return textReply(406, `Streaming response is not supported for ${call.type ?? "UNKNOWN"} call`);
  }
  const answer = await answerCall(ports, call);
  if ("status" in answer) return answer;
  const out = codecFor(accepted);
  if (out === undefined)
    return textReply(406, `Expecting 'Accept' to allow ${offered.join(" or ")}`);
  const response: AgentResponse = answer;
  return {
    status: 200,
    headers: { "Content-Type": accepted },
    body: out.encode(messages.AgentResponse, response),
  };
}

/** Unlike the master's, the agent's texts about a wrong shape have no prefix. */
function describeBroken(refusal: CodecRefusal): string {
  switch (refusal.code) {
    case "JSON_SYNTAX":
      return `Failed to parse body into JSON: ${refusal.message}`;
    case "PROTOBUF_SYNTAX":
      return "Failed to parse body into a protobuf object";
    case "JSON_SHAPE":
    case "MISSING_REQUIRED":
    case "TOO_DEEP":
      return refusal.message;
  }
}

function refusalOf(call: AgentCall): HttpReply | undefined {
  if (call.type === undefined) return invalid("Expecting 'type' to be present");
  if (call.type === "UNKNOWN") return textReply(501, "501 Not Implemented.");
  if (call.type === "LIST_FILES" && call.list_files === undefined) return lacks("list_files");
  if (call.type === "SET_LOGGING_LEVEL" && call.set_logging_level === undefined) {
    return lacks("set_logging_level");
  }
  if (call.type === "READ_FILE" && call.read_file === undefined) return lacks("read_file");
  return undefined;
}

function refusalOfWrite(
  ports: ApiPorts,
  request: HttpRequest,
  call: AgentCall,
): HttpReply | undefined {
  const reads = call.type !== undefined && isReading(call.type);
  return reads || ports.mayWrite(request) ? undefined : ports.refuse();
}

function lacks(field: string): HttpReply {
  return invalid(`Expecting '${field}' to be present`);
}

function invalid(reason: string): HttpReply {
  return textReply(400, `Failed to validate agent::Call: ${reason}`);
}
