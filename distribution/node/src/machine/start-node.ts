import { mkdirSync } from "node:fs";
import { Fault } from "@tutti/base";
import { Follower, openDiscovery, readTable } from "@tutti/discovery";
import type { RunningDiscovery } from "@tutti/discovery";
import type { Fact, TableVersion } from "@tutti/discovery-v1";
import { openDnsForwarder, parseForwardZones } from "@tutti/dns-forwarder";
import type { DnsForwarder } from "@tutti/dns-forwarder";
import { bearerGuard, jsonReply, startHttpServer } from "@tutti/http";
import type { HttpServer, Route } from "@tutti/http";
import { l4lbStands, openL4lb } from "@tutti/l4lb";
import type { L4lb } from "@tutti/l4lb";
import { openMesosDns } from "@tutti/mesos-dns";
import type { MesosDns } from "@tutti/mesos-dns";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import type { NodeFile } from "../config.ts";
import { nameServersOf } from "./name-servers.ts";
import { keptFactsOf } from "./kept-facts.ts";
import { watchKernel } from "./kernel-watch.ts";
import { nodesRoute } from "./nodes-route.ts";
import { restoreOwnAddresses } from "./own-addresses.ts";
import { writeResolvConf } from "./resolv-conf.ts";
import { TablePump } from "./table-pump.ts";
import { keepDnsUntracked, leaveDnsUntracked, readUntrackedDns } from "./untracked-dns.ts";

/** What the process of names and virtual IPs is told. */
export interface NodeOptions extends NodeFile {
  readonly release: string;
  readonly onFatal: (error: Error) => void;
}

/** The file of a machine's table, below the state of its process. */
const tableFileName = "table";

/** Port of Mesos-DNS's HTTP API. */
const mesosDnsHttpPort = 8123;

/**
 * Starts what every machine has for names and virtual IPs, and on a master discovery and Mesos-DNS too. Throws a
 * `Fault` when an address cannot be listened on.
 */
export async function startNode(options: NodeOptions): Promise<NodeProcess> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const node = new NodeProcess(options);
  try {
    await node.open();
  } catch (error) {
    await node.stop();
    throw error;
  }
  return node;
}

/** The rooms of one machine and how they hold together. */
class NodeProcess {
  readonly #options: NodeOptions;
  readonly #closing: (() => Promise<void>)[] = [];
  #dns: DnsForwarder | undefined;
  #mesosDns: MesosDns | undefined;
  #l4lb: L4lb | undefined;
  #discovery: RunningDiscovery | undefined;
  #follower: Follower | undefined;
  #server: HttpServer | undefined;
  #applied: TableVersion | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#server?.url ?? `http://${this.#options.ip}:${String(this.#options.port)}`;
  }

  async open(): Promise<void> {
    const { ip, dnsPort, dnsBlacklist, isMaster, virtualIps, release } = this.#options;
    const dnsAddresses = this.#servedAddresses();
    // Where the forwarder has the machine's own address, it answers for the zone there too.
    const isServed = isMaster && ![...dnsAddresses, ...dnsBlacklist].includes(ip);
    // A name that was known is never said to be unknown, not even while the rest of this process begins.
    const kept = (await readTable(this.#tableFile()))?.facts;
    const { facts: known, withoutVips } = keptFactsOf(
      kept,
      virtualIps ? await l4lbStands() : undefined,
    );
    const facts = known === undefined ? {} : { facts: known };
    this.#mesosDns = await openMesosDns({
      listen: isServed ? [{ address: ip, port: dnsPort }] : [],
      nameServerAddresses: this.#masterAddresses(),
      resolveOthers: (query, from) => this.#dns?.answer(query, from) ?? Promise.resolve(undefined),
      version: release,
      wallMs: () => systemClock.wallMs(),
      ...facts,
    });
    this.#closing.push(() => this.#mesosDns?.close() ?? Promise.resolve());
    const report = (line: string): void => this.#report(line);
    if (virtualIps) await restoreOwnAddresses(dnsAddresses, report);
    this.#dns = await this.#openForwarder(this.#mesosDns, facts);
    this.#closing.push(() => this.#dns?.close() ?? Promise.resolve());
    if (withoutVips !== undefined) {
      const change = { remove: [], put: withoutVips };
      this.#mesosDns.apply(change);
      this.#dns.apply(change, { vipsFollow: true });
    }
    if (virtualIps) {
      const addresses = isServed ? [...dnsAddresses, ip] : dnsAddresses;
      const untracked = { addresses, port: dnsPort };
      await leaveDnsUntracked(untracked, report);
      let made = await readUntrackedDns();
      const unwatch = watchKernel(async () => {
        await restoreOwnAddresses(dnsAddresses, report);
        made = await keepDnsUntracked(untracked, made, report);
      });
      this.#closing.push(unwatch);
      this.#l4lb = await openL4lb({
        machineAddress: ip,
        nameServers: nameServersOf(this.#options),
        routers: this.#options.routers,
        report: (line) => this.#report(line),
      });
      this.#closing.push(() => this.#l4lb?.close() ?? Promise.resolve());
    }
    if (isMaster) await this.#openDiscovery();
    await this.#listen();
    await this.#follow();
    this.#writeResolvConf();
  }

  async stop(): Promise<void> {
    for (const close of this.#closing.toReversed()) await close();
  }

  #openForwarder(
    mesosDns: MesosDns,
    facts: { readonly facts?: readonly Fact[] },
  ): Promise<DnsForwarder> {
    const { ip, dnsAddresses, dnsPort, dnsBlacklist, dnsComponents, upstreams, isMaster, release } =
      this.#options;
    // Mesos-DNS of a master has its forwarder look up others' names, so those of masters would ask each other in a circle.
    const neverUpstreams = isMaster
      ? [ip, ...this.#masterAddresses()].map((address) => ({ address, port: dnsPort }))
      : [];
    const forwardZones = parseForwardZones(this.#options.forwardZones);
    if (!forwardZones.ok) {
      throw new Fault("CONFIG", forwardZones.error.message, { retryable: false });
    }
    const clusterCryptoId = checkedCryptoId(this.#options.clusterCryptoId);
    return openDnsForwarder({
      listen: dnsAddresses.map((address) => ({ address, port: dnsPort })),
      upstreams: upstreams.map((address) => ({ address, port: 53 })),
      neverUpstreams,
      forwardZones: forwardZones.value,
      bindBlacklist: dnsBlacklist,
      components: dnsComponents,
      ...(clusterCryptoId === "" ? {} : { clusterCryptoId }),
      ...facts,
      zones: [mesosDns.zone],
      tableAgeMs: () => this.#follower?.status.ageMs,
      version: release,
      clock: systemClock,
      random: cryptoRandom,
      report: (line) => this.#report(line),
    });
  }

  /** Where DNS answers on this machine. */
  #servedAddresses(): readonly string[] {
    const { dnsAddresses, dnsBlacklist } = this.#options;
    return dnsAddresses.filter((address) => !dnsBlacklist.includes(address));
  }

  #masterAddresses(): readonly string[] {
    const { masters } = this.#options;
    return masters.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ""));
  }

  async #openDiscovery(): Promise<void> {
    const { ip, port, masters, stateDir, dnsAddresses, onFatal } = this.#options;
    this.#discovery = await openDiscovery({
      address: ip,
      port,
      masters,
      secret: this.#secret(),
      nameServers: [...nameServersOf(this.#options), ...dnsAddresses, ...this.#options.routers],
      stateDir,
      keptTable: () => readTable(this.#tableFile()),
      clock: systemClock,
      random: cryptoRandom,
      report: (line) => this.#report(line),
      onFatal,
    });
    this.#closing.push(() => this.#discovery?.close() ?? Promise.resolve());
  }

  async #listen(): Promise<void> {
    const { ip, port, hostname, isMaster } = this.#options;
    this.#server = await this.#serve(port, [
      ...this.#ownRoutes(),
      ...(this.#dns?.routes ?? []),
      ...(this.#l4lb?.routes ?? []),
      ...(this.#discovery?.routes ?? []),
    ]);
    if (isMaster) await this.#serve(mesosDnsHttpPort, this.#mesosDns?.routes ?? []);
    this.#report(`listens on ${ip}:${String(port)} (${hostname})`);
  }

  async #serve(port: number, routes: readonly Route[]): Promise<HttpServer> {
    const { ip, hostname, secret, open } = this.#options;
    const server = await startHttpServer({
      host: ip,
      port,
      routes,
      hostNames: [hostname],
      guard: bearerGuard({ secret, open }),
      onError: (error, { method, path }) => this.#report(`${method} ${path}: ${String(error)}`),
    });
    this.#closing.push(() => server.close());
    return server;
  }

  async #follow(): Promise<void> {
    const { discoveries, machine, ip } = this.#options;
    const pump = new TablePump({
      names: [this.#mesosDns, this.#dns].filter((room) => room !== undefined),
      dataplane: this.#l4lb,
      onApplied: (version, isAwaited) => {
        this.#applied = version;
        this.#follower?.applied(version, isAwaited);
      },
      onError: (error) => this.#options.onFatal(toError(error)),
    });
    this.#follower = await Follower.open({
      discoveries,
      machine,
      address: ip,
      secret: this.#secret(),
      file: this.#tableFile(),
      clock: systemClock,
      random: cryptoRandom,
      onChange: (change, version, isAwaited) => pump.take(change, version, isAwaited),
      report: (line) => this.#report(line),
    });
    this.#closing.push(() => this.#follower?.close() ?? Promise.resolve());
    // The table that was kept may be in place already.
    if (this.#applied !== undefined) this.#follower.applied(this.#applied, false);
  }

  /** Tasks are told of this machine's DNS once it answers. */
  #writeResolvConf(): void {
    const { resolvConf, searchDomains } = this.#options;
    if (resolvConf === "") return;
    writeResolvConf(resolvConf, { nameServers: this.#servedAddresses(), search: searchDomains });
  }

  #ownRoutes(): readonly Route[] {
    const facts = () => this.#follower?.facts.values() ?? [];
    const updatedWallMs = () => systemClock.wallMs() - (this.#follower?.status.ageMs ?? 0);
    return [
      nodesRoute(facts, updatedWallMs),
      { path: "/health", methods: { GET: () => jsonReply(200, this.#health()) } },
      // dcos-net has several registries behind one path; here all of it is in one.
      ...["/v1/metrics", "/v1/metrics/:registry", "/metrics"].map((path) => ({
        path,
        methods: {
          GET: () => ({
            status: 200,
            headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" },
            body: this.#metrics(),
          }),
        },
      })),
    ];
  }

  #health(): unknown {
    const { version, connected, ageMs, held, facts } = this.#follower?.status ?? {};
    return {
      healthy: version !== undefined,
      version,
      connected,
      ageSeconds: ageMs === undefined ? undefined : ageMs / 1000,
      held,
      facts,
      discovery: this.#discovery === undefined ? undefined : this.#discovery.isLeading,
    };
  }

  #metrics(): string {
    const { version, connected, ageMs, held, facts } = this.#follower?.status ?? {};
    const own = [
      `node_table_age_seconds ${ageMs === undefined ? "NaN" : String(ageMs / 1000)}`,
      `node_table_connected ${connected === true ? "1" : "0"}`,
      `node_table_epoch ${String(version?.epoch ?? 0)}`,
      `node_table_sequence ${String(version?.sequence ?? 0)}`,
      `node_table_facts ${String(facts ?? 0)}`,
      `node_table_held_backends ${String(held?.backends ?? 0)}`,
      "",
    ].join("\n");
    const rooms = [this.#dns, this.#mesosDns, this.#l4lb, this.#discovery];
    return own + rooms.map((room) => room?.metrics() ?? "").join("");
  }

  #tableFile(): string {
    return `${this.#options.stateDir}/${tableFileName}`;
  }

  #secret(): string | undefined {
    return this.#options.open ? undefined : this.#options.secret;
  }

  #report(line: string): void {
    process.stderr.write(`node: ${line}\n`);
  }
}

function checkedCryptoId(id: string): string {
  if (id === "" || /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(id)) return id;
  throw new Fault("CONFIG", `clusterCryptoId "${id}" is no label of DNS`, { retryable: false });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
