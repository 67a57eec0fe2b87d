import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import type { Fact, TableChange, TableVersion } from "@tutti/discovery-v1";
import { encodeRecord, startHttpServer } from "@tutti/http";
import type { HttpReply, HttpRequest, HttpServer, StreamWriter } from "@tutti/http";
import { jsonCodec, messages, protobufCodec } from "@tutti/mesos-v1";
import type { Clock } from "@tutti/ports";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { Follower } from "../follower.ts";
import { startDiscovery } from "../start-discovery.ts";
import type { RunningDiscovery } from "../options.ts";
import { readTable } from "../table-file.ts";

/** A master that streams what a test tells it, discovery with its HTTP server, and followers, all real. */
export class DiscoveryWorld {
  readonly dir = mkdtempSync(join(tmpdir(), "tutti-discovery-"));
  /** What the master answers to SUBSCRIBE; undefined: 503. */
  snapshot: (() => unknown) | undefined;
  subscriptions = 0;
  /** Whether the master speaks Protocol Buffers; else it refuses them, and speaks JSON. */
  hasProtobuf = true;
  /** Where the leader is; undefined: this master leads. */
  leaderUrl: string | undefined;
  /** Of discovery. */
  clock: Clock = systemClock;
  /** More masters that discovery is told of, after this one. */
  otherMasters: readonly string[] = [];
  /** Lines of the log of discovery and of all followers. */
  readonly reports: string[] = [];
  /** With whether it speaks Protocol Buffers. */
  readonly #streams = new Map<StreamWriter, boolean>();
  readonly #followers: Follower[] = [];
  #master: HttpServer | undefined;
  #server: HttpServer | undefined;
  #discovery: RunningDiscovery | undefined;

  async start(): Promise<void> {
    this.#master = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: [{ path: "/api/v1", methods: { POST: (request) => this.#subscribe(request) } }],
      onError: (error) => {
        throw error;
      },
    });
    await this.startDiscovery();
  }

  /** `unreached`: what happens before anybody reaches it. */
  async startDiscovery(unreached = () => Promise.resolve()): Promise<void> {
    const port = this.#server?.port ?? 0;
    this.#discovery = startDiscovery({
      address: "127.0.0.1",
      port,
      masters: [this.masterUrl, ...this.otherMasters],
      secret: "s",
      stateDir: this.dir,
      keptTable: () => readTable(this.tableFile("m0")),
      clock: this.clock,
      random: cryptoRandom,
      report: (line) => this.reports.push(line),
      onFatal: (error) => {
        throw error;
      },
    });
    await unreached();
    this.#server = await startHttpServer({
      host: "127.0.0.1",
      port,
      routes: this.#discovery.routes,
      onError: (error) => {
        throw error;
      },
    });
  }

  async stopDiscovery(): Promise<void> {
    await this.#discovery?.close();
    await this.#server?.close();
  }

  get masterUrl(): string {
    return this.#master?.url ?? "";
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  metric(name: string): number {
    const text = this.#discovery?.metrics() ?? "";
    return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
  }

  /** The master tells its subscribers. */
  tell(...records: readonly unknown[]): void {
    for (const [stream, isProtobuf] of this.#streams)
      for (const record of records) stream.write(encodeEvent(record, isProtobuf));
  }

  /** Streams that the master has. */
  get listeners(): number {
    return this.#streams.size;
  }

  /** The master ends its streams. */
  cutMaster(): void {
    for (const stream of this.#streams.keys()) stream.end();
    this.#streams.clear();
  }

  tableFile(machine: string): string {
    return join(this.dir, `${machine}.table`);
  }

  /** `address`: undefined as of a release that does not tell it. */
  async follow(machine: string, address?: string): Promise<Following> {
    const following = new Following();
    following.follower = await Follower.open({
      discoveries: [this.url],
      machine,
      ...(address === undefined ? {} : { address }),
      secret: "s",
      file: this.tableFile(machine),
      clock: systemClock,
      random: cryptoRandom,
      report: (line) => this.reports.push(line),
      onChange: (change, version, isAwaited) => following.take(change, version, isAwaited),
    });
    this.#followers.push(following.follower);
    return following;
  }

  async stop(): Promise<void> {
    for (const follower of this.#followers) await follower.close();
    await this.stopDiscovery();
    await this.#master?.close();
    rmSync(this.dir, { recursive: true });
  }

  #subscribe({ headers }: HttpRequest): HttpReply {
    const { snapshot, leaderUrl } = this;
    if (leaderUrl !== undefined)
      return { status: 307, headers: { Location: `${leaderUrl.replace("http:", "")}/api/v1` } };
    const isProtobuf = headers["accept"] === "application/x-protobuf";
    if (isProtobuf && !this.hasProtobuf) return { status: 406, body: "no" };
    this.subscriptions += 1;
    if (snapshot === undefined) return { status: 503, body: "no" };
    return {
      status: 200,
      headers: { "Content-Type": isProtobuf ? "application/x-protobuf" : "application/json" },
      stream: (writer: StreamWriter) => {
        this.#streams.set(writer, isProtobuf);
        writer.closed.addEventListener("abort", () => this.#streams.delete(writer));
        writer.write(encodeEvent(snapshot(), isProtobuf));
      },
    };
  }
}

/** An event of a master as a record of its stream. */
function encodeEvent(event: unknown, isProtobuf: boolean): Uint8Array {
  const text = JSON.stringify(event);
  if (!isProtobuf) return encodeRecord(text);
  const read = jsonCodec.decode(messages.MasterEvent, new TextEncoder().encode(text));
  if (!read.ok) throw new Error(read.error.message);
  return encodeRecord(protobufCodec.encode(messages.MasterEvent, read.value));
}

/** A follower and what it was told. */
export class Following {
  follower: Follower | undefined;
  readonly changes: TableChange[] = [];
  version: TableVersion | undefined;
  /** Whether it reports at once what it holds. */
  reports = true;

  take(change: TableChange, version: TableVersion, isAwaited: boolean): void {
    this.changes.push(change);
    this.version = version;
    if (this.reports) this.follower?.applied(version, isAwaited);
  }

  get facts(): readonly Fact[] {
    return [...(this.follower?.facts.values() ?? [])];
  }

  backends(name: string): number {
    const vip = this.facts.find((fact) => fact.kind === "vip" && fact.names.includes(name));
    return vip?.kind === "vip" ? vip.backends.length : 0;
  }
}

/** Polls until `probe` is true; throws after a minute, naming `what`. */
export async function until(what: string, probe: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!probe()) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await rest(2);
  }
}
