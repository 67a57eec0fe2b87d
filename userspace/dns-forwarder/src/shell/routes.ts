import {
  classes,
  isAtOrBelow,
  rcodes,
  recordTypes,
  type ResourceRecord,
  type Zone,
  type ZoneAnswer,
} from "@tutti/dns";
import {
  jsonReply,
  streamPieces,
  textReply,
  type HttpHandler,
  type HttpReply,
  type Route,
} from "@tutti/http";

interface Served {
  readonly zones: readonly Zone[];
  /** Whether a table was told; before that nothing can be said of our names but 503. */
  readonly isTold: () => boolean;
  readonly version: string;
}

/** The DNS part of dcos-net's API. What it does not implement (501) is told so here, too. */
export function forwarderRoutes(served: Served): Route[] {
  const get = (path: string, handler: HttpHandler): Route => ({ path, methods: { GET: handler } });
  return [
    get("/v1/version", () => jsonReply(200, { Service: "dcos-dns", Version: served.version })),
    get("/v1/config", () => textReply(501, "")),
    get("/v1/enumerate", () => textReply(501, "")),
    get("/v1/hosts/:host", ({ params: { host = "" } }) =>
      whenTold(served, host, () => jsonReply(200, addressesAt(served, host))),
    ),
    get("/v1/services/:service", ({ params: { service = "" } }) =>
      whenTold(served, service, () => jsonReply(200, services(served, service))),
    ),
    get("/v1/records", () => (served.isTold() ? records(served) : notTold())),
  ];
}

/** 503 where DNS says SERVFAIL: this machine has no table yet, so what it does not know may well be there. */
function whenTold(served: Served, name: string, reply: () => HttpReply): HttpReply {
  return answerTo(served, name, recordTypes.any)?.rcode === rcodes.servFail ? notTold() : reply();
}

function notTold(): HttpReply {
  return textReply(503, "This machine has not been told the names of the cluster yet.\n");
}

function records({ zones }: Served): HttpReply {
  return {
    status: 200,
    headers: { "Content-Type": "application/json" },
    stream: (writer) => streamPieces(writer, recordPieces(zones)),
  };
}

function answersTo(served: Served, given: string, type: number): readonly ResourceRecord[] {
  return answerTo(served, given, type)?.answers ?? [];
}

/** Undefined: the name is in no zone of ours. */
function answerTo({ zones }: Served, given: string, type: number): ZoneAnswer | undefined {
  const name = given.toLowerCase().replace(/\.$/, "");
  const zone = zones
    .filter((one) => isAtOrBelow(name, one.origin))
    .toSorted((a, b) => b.origin.length - a.origin.length)[0];
  return zone?.answer({ name, type, class: classes.internet });
}

function addressesAt(
  served: Served,
  name: string,
): { readonly host: string; readonly ip: string }[] {
  return [recordTypes.a, recordTypes.aaaa].flatMap((type) =>
    answersTo(served, name, type).flatMap((record) =>
      record.type === "A" || record.type === "AAAA"
        ? [{ host: record.name, ip: record.address }]
        : [],
    ),
  );
}

function services(served: Served, service: string): unknown {
  return answersTo(served, service, recordTypes.srv).flatMap((record) => {
    if (record.type !== "SRV") return [];
    const ip = addressesAt(served, record.target)[0]?.ip;
    return [
      {
        service: record.name,
        host: record.target,
        port: record.port,
        ...(ip === undefined ? {} : { ip }),
      },
    ];
  });
}

/** `[{name, host, rtype}, …]`, one record at a time. */
function* recordPieces(zones: readonly Zone[]): Iterable<string> {
  let separator = "[";
  for (const zone of zones) {
    for (const record of zone.records()) {
      const host = hostOf(record);
      if (host === undefined) continue;
      yield separator + JSON.stringify({ name: record.name, host, rtype: record.type });
      separator = ",\n";
    }
  }
  yield separator === "[" ? "[]" : "]";
}

function hostOf(record: ResourceRecord): string | undefined {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.address;
    case "SRV":
      return `${record.target}:${record.port}`;
    case "NS":
    case "CNAME":
    case "PTR":
    case "TXT":
    case "SOA":
    case "OTHER":
      return undefined;
  }
}
