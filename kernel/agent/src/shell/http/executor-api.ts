import {
  missingContentTypeReply,
  parseContentType,
  textReply,
  unsupportedMediaTypeReply,
} from "@tutti/http";
import type { HttpReply, HttpRequest } from "@tutti/http";
import { codecFor, jsonMediaType, messages, protobufMediaType } from "@tutti/mesos-v1";
import type { AgentView } from "../../core/index.ts";

/**
 * `POST /api/v1/executor`: what is wrong is refused as Mesos refuses it; this agent drives its command tasks itself,
 * so an executor of a framework it knows is told that none may subscribe (501).
 */
export async function callExecutorApi(
  look: () => Promise<AgentView>,
  request: HttpRequest,
): Promise<HttpReply> {
  const header = request.headers["content-type"];
  if (header === undefined) return missingContentTypeReply();
  const codec = codecFor(parseContentType(header)?.type ?? "");
  if (codec === undefined) return unsupportedMediaTypeReply([jsonMediaType, protobufMediaType]);
  const decoded = codec.decode(messages.ExecutorCall, request.body);
  if (!decoded.ok) {
    return textReply(400, `Failed to convert JSON into Call protobuf: ${decoded.error.message}`);
  }
  const { frameworks } = await look();
  const frameworkId = decoded.value.framework_id.value;
  if (!frameworks.some((framework) => framework.frameworkId === frameworkId)) {
    return textReply(400, "Framework cannot be found");
  }
  return textReply(
    501,
    "501 Not Implemented. This agent runs command tasks only: no executor may subscribe.",
  );
}
