import { formatTimestamp } from "@tutti/base";
import { negotiate } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import type { Clock } from "@tutti/ports";
import { limits } from "../limits.ts";
import { refusalReply } from "../replies.ts";
import type { MarathonService } from "../service.ts";

/** `GET /v2/events`: server-sent events, all or those of the `event_type` parameters. */
export function eventRoutes(service: MarathonService, clock: Clock): readonly Route[] {
  return [
    {
      path: "/v2/events",
      methods: { GET: (request) => openStream(service, clock, request) },
      streamBufferedBytesMax: limits.eventStreamBufferedBytesMax,
    },
  ];
}

function openStream(service: MarathonService, clock: Clock, request: HttpRequest): HttpReply {
  const accepted = negotiate(request.headers["accept"], ["text/event-stream"]);
  if (accepted === undefined) {
    const message = "Not Acceptable: ask with the header 'Accept: text/event-stream'.";
    return refusalReply({ code: "NOT_ACCEPTABLE", message });
  }
  if (service.events.size >= limits.eventStreamsMax) {
    const message = `${limits.eventStreamsMax} clients read the event stream already.`;
    return refusalReply({ code: "OVERLOADED", message });
  }
  const filter = {
    types: new Set(request.query.getAll("event_type").filter((type) => type !== "")),
    lightPlans: request.query.get("plan-format") === "light",
  };
  const { remoteAddress } = request;
  const tell = (eventType: "event_stream_attached" | "event_stream_detached"): void => {
    const timestamp = formatTimestamp(clock.wallMs());
    service.events.publish({ remoteAddress, eventType, timestamp });
  };
  return {
    status: 200,
    headers: {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-cache",
      "X-Accel-Buffering": "no",
    },
    stream: (writer) => {
      writer.write(":\n\n");
      service.events.attach(writer, filter, () => tell("event_stream_detached"));
      tell("event_stream_attached");
    },
  };
}
