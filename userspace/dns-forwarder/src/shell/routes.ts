import { classes, isAtOrBelow, recordTypes, type ResourceRecord, type Zone } from "@tutti/dns";
import { jsonReply, streamPieces, textReply, type HttpHandler, type Route } from "@tutti/http";

interface Served {
  readonly zones: readonly Zone[];
  readonly version: string;
}

/** The DNS part of dcos-net's API. What it does not implement (501) is told so here, too. */
export function forwarderRoutes(served: Served): Route[] {
  const get = (path: string, handler: HttpHandler): Route => ({ path, methods: { GET: handler } });
  return [
    get("/v1/version", () => jsonReply(200, { Service: "dcos_dns", Version: served.version })),
    get("/v1/config", () => textReply(501, "")),
    get("/v1/enumerate", () => textReply(501, "")),
    get("/v1/hosts/:host", (request) =>
      jsonReply(200, hosts(served, request.params["host"] ?? "")),
    ),
    get("/v1/services/:service", (request) =>
      jsonReply(200, services(served, request.params["service"] ?? "")),
    ),
    get("/v1/records", () => ({
      status: 200,
      headers: { "Content-Type": "application/json" },
      stream: (writer) => streamPieces(writer, recordPieces(served.zones)),
    })),
  ];
}

function answersTo({ zones }: Served, given: string, type: number): readonly ResourceRecord[] {
  const name = given.toLowerCase().replace(/\.$/, "");
  const zone = zones
    .filter((one) => isAtOrBelow(name, one.origin))
    .toSorted((a, b) => b.origin.length - a.origin.length)[0];
  return zone?.answer({ name, type, class: classes.internet }).answers ?? [];
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

function hosts(served: Served, host: string): unknown {
  return addressesAt(served, host);
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
