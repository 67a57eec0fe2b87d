import { recordTypes, type ResourceRecord } from "@tutti/dns";
import {
  jsonReply,
  streamPieces,
  textReply,
  type HttpReply,
  type HttpRequest,
  type Route,
} from "@tutti/http";
import { axfrPieces, enumeratePieces } from "./listings.ts";
import type { Served } from "./served.ts";

/** The seven endpoints of Mesos-DNS. */
export function mesosDnsRoutes(served: Served): Route[] {
  const get = (path: string, handler: (request: HttpRequest) => HttpReply): Route => ({
    path,
    methods: { GET: handler },
  });
  const told = (path: string, handler: (request: HttpRequest) => HttpReply): Route =>
    get(path, (request) => (served.index.isTold ? handler(request) : notTold()));
  return [
    get("/v1/version", () => version(served)),
    get("/v1/config", () => config(served)),
    told("/v1/hosts/:host", ({ params: { host = "" } }) => hosts(served, host)),
    told("/v1/hosts/:host/ports", ({ params: { host = "" } }) => ports(served, host)),
    told("/v1/services/:service", ({ params: { service = "" } }) => services(served, service)),
    told("/v1/enumerate", () => streamed(enumeratePieces(served))),
    told("/v1/axfr", () => streamed(axfrPieces(served))),
  ];
}

/** Where DNS says SERVFAIL: what is not known may well be there. */
function notTold(): HttpReply {
  return textReply(503, "This machine has not been told the names of the cluster yet.\n");
}

function version({ options }: Served): HttpReply {
  return jsonReply(200, {
    Service: "Mesos-DNS",
    URL: "https://github.com/mesosphere/mesos-dns",
    Version: options.version,
  });
}

/** The parameters of Mesos-DNS that mean something here; what is polled there is told here. */
function config({ settings, options, index }: Served): HttpReply {
  const [first] = options.listen;
  return jsonReply(200, {
    RefreshSeconds: 0,
    Port: first?.port ?? 0,
    Timeout: 5,
    HttpPort: 8123,
    TTL: settings.ttlSeconds,
    SOARefresh: 60,
    SOARetry: 600,
    SOAExpire: 86_400,
    SOAMinttl: 1,
    SOAMname: `ns1.${settings.domain}.`,
    SOARname: `root.ns1.${settings.domain}.`,
    Masters: [...index.masters.values()].map((master) => `${master.address}:${master.port}`),
    Resolvers: [],
    IPSources: settings.ipSources,
    Domain: settings.domain,
    Listener: first?.address ?? "",
    HTTPListener: first?.address ?? "",
    RecurseOn: options.resolveOthers !== undefined,
    DnsOn: options.listen.length > 0,
    HttpOn: true,
    ExternalOn: false,
    EnforceRFC952: settings.enforceRfc952,
    EnumerationOn: true,
  });
}

/** As Mesos-DNS cleans what it is given: case, `.*` and a missing last dot are forgiven. */
function cleanName(given: string): string {
  return given.toLowerCase().replaceAll(".*", "").replace(/\.$/, "");
}

function recordsOf({ zone }: Served, name: string): readonly ResourceRecord[] {
  const inZone = name === zone.origin || name.endsWith(`.${zone.origin}`);
  return inZone ? (zone.find(name)?.records ?? []) : [];
}

function addressesAt(served: Served, name: string): string[] {
  return recordsOf(served, name).flatMap((record) =>
    record.type === "A" || record.type === "AAAA" ? [record.address] : [],
  );
}

function hosts(served: Served, given: string): HttpReply {
  const name = cleanName(given);
  const found = addressesAt(served, name).map((ip) => ({ host: `${name}.`, ip }));
  return jsonReply(200, found.length > 0 ? found : [{ host: "", ip: "" }]);
}

/** Where the services of a host are: Mesos-DNS has the path and answers 501; the form is that of services. */
function ports(served: Served, given: string): HttpReply {
  const name = cleanName(given);
  const [label = "", ...rest] = name.split(".");
  const found = ["_tcp", "_udp"].flatMap((protocol) => {
    const service = `_${label}.${protocol}.${rest.join(".")}`;
    return serviceRows(served, service, `${service}.`);
  });
  return jsonReply(200, found.length > 0 ? found : [emptyRow]);
}

const emptyRow = { service: "", host: "", ip: "", port: "" };

function services(served: Served, given: string): HttpReply {
  const found = serviceRows(served, cleanName(given), given);
  return jsonReply(200, found.length > 0 ? found : [emptyRow]);
}

function serviceRows(served: Served, name: string, shown: string): (typeof emptyRow)[] {
  return recordsOf(served, name).flatMap((record) => {
    if (record.type !== "SRV") return [];
    const port = String(record.port);
    const host = `${record.target}.`;
    return firstOfEachFamily(served, record.target).map((ip) => ({
      service: shown,
      host,
      ip,
      port,
    }));
  });
}

/** One IPv4 and one IPv6 address of a target, as Mesos-DNS shows them. */
function firstOfEachFamily(served: Served, name: string): string[] {
  return [recordTypes.a, recordTypes.aaaa].flatMap((type) => {
    const family = type === recordTypes.a ? "A" : "AAAA";
    const record = recordsOf(served, name).find((one) => one.type === family);
    return record?.type === "A" || record?.type === "AAAA" ? [record.address] : [];
  });
}

function streamed(pieces: Iterable<string>): HttpReply {
  return {
    status: 200,
    headers: { "Content-Type": "application/json" },
    stream: (writer) => streamPieces(writer, pieces),
  };
}
