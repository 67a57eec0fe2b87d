import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import { messages } from "@tutti/mesos-v1";
import { traceLaunch } from "@tutti/ports/node";
import { decodeCall } from "./api-codec.ts";
import { limits } from "./limits.ts";
import type { MasterSite } from "./site.ts";
import { principalOf, withLeader } from "./site.ts";

/** `POST /api/v1/scheduler`: calls of frameworks; SUBSCRIBE is answered by the stream of events. */
export function schedulerRoutes(site: MasterSite): Route[] {
  const handler = (request: HttpRequest): Promise<HttpReply> => takeCall(site, request);
  return ["/api/v1/scheduler", "/master/api/v1/scheduler"].map((path) => ({
    path,
    methods: { POST: handler },
    bodyBytesMax: limits.schedulerCallBytesMax,
    streamBufferedBytesMax: limits.streamBufferedBytesMax,
  }));
}

function takeCall(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  return withLeader(site, request, (leader) => {
    const decoded = decodeCall(messages.SchedulerCall, request);
    if (!decoded.ok) return decoded.error.reply;
    const { call, answerCodec } = decoded.value;
    for (const operation of call.accept?.operations ?? [])
      for (const task of operation.launch?.task_infos ?? [])
        traceLaunch("accept", task.task_id.value);
    const streamId = request.headers["mesos-stream-id"];
    const makeEvent = (requestId: string) =>
      ({
        type: "schedulerCall",
        requestId,
        principal: principalOf(site, request),
        call,
        ...(streamId === undefined ? {} : { streamId }),
        remoteAddress: `${request.remoteAddress}:${request.remotePort}`,
      }) as const;
    return call.type === "SUBSCRIBE"
      ? leader.connections.subscribe(answerCodec, request.signal, makeEvent)
      : leader.connections.request(makeEvent);
  });
}
