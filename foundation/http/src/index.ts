export { bearerGuard, hasBearer, unauthorizedReply } from "./bearer-guard.ts";
export { httpRequest } from "./client.ts";
export { fetchJson } from "./fetch-json.ts";
export type { JsonRequest, JsonResponse } from "./fetch-json.ts";
export { limits } from "./limits.ts";
export {
  missingContentTypeReply,
  negotiate,
  notAcceptableReply,
  parseContentType,
  unsupportedMediaTypeReply,
} from "./negotiation.ts";
export type { ContentType } from "./negotiation.ts";
export { openRecordStream } from "./record-stream.ts";
export type { RecordStream, RecordStreamRequest } from "./record-stream.ts";
export { encodeRecord, RecordDecoder } from "./recordio.ts";
export type { RecordRefusal } from "./recordio.ts";
export { startHttpServer } from "./server.ts";
export { isSafeMethod } from "./site-guard.ts";
export { jsonReply, notFoundReply, textReply } from "./standard-replies.ts";
export { streamPieces } from "./stream-pieces.ts";
export type {
  ClientRequest,
  ClientResponse,
  Guard,
  HttpHandler,
  HttpReply,
  HttpRequest,
  HttpServer,
  RequestHead,
  Route,
  ServerOptions,
  StreamWriter,
} from "./types.ts";
