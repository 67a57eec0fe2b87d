import { rcodes, Responder } from "@tutti/dns";
import { startDnsServers, type Client } from "@tutti/dns-sockets";
import { NameIndex } from "../core/name-index.ts";
import { findProblems } from "../core/problems.ts";
import type { ZoneSettings } from "../core/settings.ts";
import { MesosZone } from "../core/zone.ts";
import { formatMetrics } from "./metrics.ts";
import type { MesosDns, MesosDnsOptions } from "./options.ts";
import { answerOther } from "./others.ts";
import { mesosDnsRoutes } from "./routes.ts";

/**
 * Opens the zone and serves it where `listen` says. Throws a `Fault` with the system's code when an address cannot be
 * had; then nothing is left open.
 */
export async function openMesosDns(options: MesosDnsOptions): Promise<MesosDns> {
  const settings = settingsOf(options);
  const index = new NameIndex(settings);
  if (options.facts !== undefined) index.replace(options.facts);
  const zone = new MesosZone(index, settings);
  const { resolveOthers: resolve } = options;
  const others = { queryCount: 0, failureCount: 0 };
  const responder = new Responder({
    zones: [zone],
    recursionAvailable: resolve !== undefined,
    otherNames: resolve === undefined ? "refuse" : "hand back",
    allocate: (byteCount) => Buffer.allocUnsafe(byteCount),
  });
  const receive = (message: Uint8Array, client: Client): void => {
    const reply = responder.respond(message, client.transport);
    if (reply instanceof Uint8Array) client.reply(reply);
    else if (reply === "hand back" && resolve !== undefined) {
      const failure = responder.bare(message, rcodes.servFail);
      void answerOther(message, client, { resolve, failure, tally: others });
    }
  };
  const servers = await startDnsServers(options.listen, { receive });
  const changed = (): void => {
    zone.serial = Math.max(zone.serial + 1, Math.floor(options.wallMs() / 1000)) % 2 ** 32;
  };
  return {
    zone,
    routes: mesosDnsRoutes({ zone, index, settings, options }),
    listening: servers.map((server) => server.endpoint),
    apply(change) {
      index.apply(change);
      changed();
    },
    replace(facts) {
      index.replace(facts);
      changed();
    },
    problems: () => findProblems(index, settings.domain),
    metrics: () => formatMetrics({ index, responder, servers, settings, others }),
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

function settingsOf(options: MesosDnsOptions): ZoneSettings {
  return {
    domain: (options.domain ?? "mesos").toLowerCase().replace(/\.$/, ""),
    ttlSeconds: options.ttlSeconds ?? 5,
    ipSources: options.ipSources ?? ["netinfo", "mesos", "host"],
    enforceRfc952: options.enforceRfc952 ?? false,
    nameServerAddresses: options.nameServerAddresses ?? options.listen.map((one) => one.address),
  };
}
