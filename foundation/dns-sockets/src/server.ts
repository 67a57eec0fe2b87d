import { Fault } from "@tutti/base";
import { limits } from "./limits.ts";
import { systemFault } from "./system-fault.ts";
import { openTcpServer } from "./tcp-server.ts";
import { openUdpServer } from "./udp-server.ts";
import type { DnsServer, DnsServerOptions, Endpoint } from "./types.ts";

/**
 * Serves an address and port by UDP and TCP. Port 0 takes one that is free for both. Throws a `Fault` with the
 * system's code (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`).
 */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  let last: Fault | undefined;
  const attempts = options.port === 0 ? limits.freePortAttemptsMax : 1;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      return await open(options);
    } catch (error) {
      last = systemFault(error, `listening on ${options.address}, port ${options.port}`);
      if (last.code !== "EADDRINUSE") throw last;
    }
  }
  throw last ?? new Fault("EADDRINUSE", "no port is free", { retryable: true });
}

/** Serves several addresses alike. Throws as `startDnsServer`; then none of them is left open. */
export async function startDnsServers(
  endpoints: readonly Endpoint[],
  options: Omit<DnsServerOptions, keyof Endpoint>,
): Promise<DnsServer[]> {
  const started = await Promise.allSettled(
    endpoints.map((endpoint) => startDnsServer({ ...options, ...endpoint })),
  );
  const servers = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = started.find((one) => one.status === "rejected");
  if (failed === undefined) return servers;
  await Promise.all(servers.map((server) => server.close()));
  throw failed.reason;
}

async function open(options: DnsServerOptions): Promise<DnsServer> {
  const udp = await openUdpServer(options);
  const { port } = udp.address();
  const closeUdp = (): Promise<void> =>
    new Promise((resolve) => {
      udp.close(() => resolve());
    });
  try {
    const tcp = options.udpOnly === true ? undefined : await openTcpServer({ ...options, port });
    return {
      endpoint: { address: options.address, port },
      get connectionCount() {
        return tcp?.connectionCount ?? 0;
      },
      async close() {
        await Promise.all([closeUdp(), tcp?.close()]);
      },
    };
  } catch (error) {
    await closeUdp();
    throw error;
  }
}
