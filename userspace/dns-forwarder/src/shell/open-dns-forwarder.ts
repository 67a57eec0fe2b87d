import { Responder } from "@tutti/dns";
import { startDnsServers, type Client, type DnsServer } from "@tutti/dns-sockets";
import { makeForwardZones } from "../core/forward-zones.ts";
import { makeOwnZones } from "../core/own-zones.ts";
import { Table } from "../core/table.ts";
import { AnsweringThreads } from "./answering-threads.ts";
import { Forwarder } from "./forwarder.ts";
import { formatMetrics } from "./metrics.ts";
import type { DnsForwarder, DnsForwarderOptions } from "./options.ts";
import { forwarderRoutes } from "./routes.ts";

/**
 * Opens the DNS of a machine. Throws a `Fault` with the system's code when an address cannot be had; then nothing is
 * left open.
 */
export async function openDnsForwarder(options: DnsForwarderOptions): Promise<DnsForwarder> {
  const table = new Table();
  if (options.facts !== undefined) table.replace(options.facts);
  let serial = 1;
  const listen = options.listen.filter(
    (endpoint) => !(options.bindBlacklist ?? []).includes(endpoint.address),
  );
  const zones = makeOwnZones({
    table,
    serial: () => serial,
    injected: options.zones ?? [],
    components: options.components ?? {},
    nameServers: listen.map((endpoint) => endpoint.address),
    ...(options.clusterCryptoId === undefined ? {} : { clusterCryptoId: options.clusterCryptoId }),
  });
  const responder = new Responder({
    zones,
    recursionAvailable: true,
    otherNames: "hand back",
    allocate: (byteCount) => Buffer.allocUnsafe(byteCount),
  });
  const { clock, random } = options;
  const made = makeForwardZones(options.forwardZones ?? {}, options.upstreams, [
    ...listen,
    ...(options.neverUpstreams ?? []),
  ]);
  const forwarding = new Forwarder({ zones: made.zones, clock, random });
  const bare = (query: Uint8Array, rcode: number): Uint8Array => responder.bare(query, rcode);
  const handBack = (query: Uint8Array, client: Client): void =>
    forwarding.forward(query, responder.reader, client, bare);
  let servers: readonly DnsServer[] = [];
  const threads = new AnsweringThreads({
    threadsMax: options.threadsMax,
    responder,
    handBack,
    endpoints: () => servers.map((server) => server.endpoint),
    monoMs: () => clock.monoMs(),
    report: options.report ?? (() => undefined),
  });
  const mayThread = options.otherThreads !== "never";
  const receive = (message: Uint8Array, client: Client): void => {
    const reply = responder.respond(message, client.transport);
    if (reply === "hand back") handBack(message, client);
    else if (reply !== undefined) client.reply(reply);
    if (mayThread) threads.count();
  };
  servers = await startDnsServers(listen, { receive, sharePort: mayThread });
  if (options.otherThreads === "at once") await threads.beginAll();
  const changed = (): void => {
    serial = Math.max(serial + 1, Math.floor(clock.wallMs() / 1000)) % 2 ** 32;
  };
  return {
    localZones: zones,
    routes: forwarderRoutes({ zones, isTold: () => table.knowsVips, version: options.version }),
    listening: servers.map((server) => server.endpoint),
    apply(change, told) {
      table.apply(change, told);
      changed();
    },
    replace(facts) {
      table.replace(facts);
      changed();
    },
    answer: (query, { transport, address }) =>
      new Promise((resolve) => {
        const reply = responder.respond(query, transport);
        if (reply === "hand back") handBack(query, { transport, address, reply: resolve });
        else resolve(reply);
      }),
    metrics: () =>
      formatMetrics({ responder, threads, servers, forwarding, leftOut: made.leftOut, options }),
    async close() {
      await threads.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
