import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createCancellation, utf8Decode, utf8Encode } from "@tutti/base";
import { openSqliteCoordination } from "@tutti/coordination";
import type { Coordination, Leadership } from "@tutti/coordination";
import { bearerGuard, isSafeMethod, startHttpServer } from "@tutti/http";
import type { HttpServer } from "@tutti/http";
import { known, parseMasterId } from "@tutti/ids";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { defaultDurations } from "../core/config.ts";
import type { MasterConfig } from "../core/config.ts";
import { filesRoutes } from "./files-endpoints.ts";
import { Leader } from "./leader.ts";
import { limits } from "./limits.ts";
import { logLevelOf, MasterLog } from "./log.ts";
import { nodeRoutes } from "./node-endpoint.ts";
import { operatorPaths, operatorRoutes } from "./operator-endpoint.ts";
import { electionName, Registry } from "./registry.ts";
import { schedulerRoutes } from "./scheduler-endpoint.ts";
import type { MasterSite } from "./site.ts";
import { isV0Read, v0Routes } from "./v0-endpoints.ts";

/** How to run a master. Durations in milliseconds; left out, they are Mesos's defaults. */
export interface MasterOptions {
  /** The address to listen on, IPv4. */
  readonly ip: string;
  /** 0 for any free port. */
  readonly port: number;
  /** What the master calls itself; default: its ip. */
  readonly hostname?: string;
  readonly clusterName: string;
  /** A folder on a local disk; made when it is not there. */
  readonly stateDir: string;
  /** Without it nothing can be changed, unless `open`. */
  readonly secret: string;
  readonly open: boolean;
  /** The process has to end: a bug, or a disk that fails. Default: throws out of the event loop. */
  readonly onFatal?: (error: Error) => void;
  /** Takes the lines of the log, each with its end. Default: standard error. */
  readonly log?: (line: string) => void;
  readonly agentPingTimeoutMs?: number;
  readonly maxAgentPingTimeouts?: number;
  readonly agentReregisterTimeoutMs?: number;
  readonly offerTimeoutMs?: number;
  readonly allocationIntervalMs?: number;
}

/** A master that runs. */
export interface RunningMaster {
  readonly url: string;
  /** Gives up leadership, ends all streams and lets go of the port and the files. */
  stop(): Promise<void>;
}

/** Starts a master; resolves when it has been elected. Until then it answers 307 or 503. */
export async function startMaster(options: MasterOptions): Promise<RunningMaster> {
  await mkdir(options.stateDir, { recursive: true });
  const coordination = openSqliteCoordination({ file: join(options.stateDir, "master.sqlite") });
  const candidate = new Candidate(options, coordination);
  try {
    await candidate.listen();
    await candidate.elected();
  } catch (error) {
    await candidate.stop();
    throw error;
  }
  return { url: candidate.url, stop: () => candidate.stop() };
}

interface Announcement {
  readonly address: string;
}

/** This process among the masters: stands for election again and again until it is stopped. */
class Candidate implements MasterSite {
  readonly secret: string;
  readonly open: boolean;
  readonly log: MasterLog;
  readonly #options: MasterOptions;
  readonly #coordination: Coordination;
  readonly #startedMs = systemClock.wallMs();
  readonly #stopping = createCancellation();
  #server: HttpServer | undefined;
  #leader: Leader | undefined;
  #leadership: Leadership | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: MasterOptions, coordination: Coordination) {
    this.#options = options;
    this.#coordination = coordination;
    this.log = new MasterLog(systemClock, logLevelOf(process.env["TUTTI_LOG"]), options.log);
    this.secret = options.secret;
    this.open = options.open;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  leader(): Leader | undefined {
    return this.#leader;
  }

  wallMs(): number {
    return systemClock.wallMs();
  }

  async otherLeader(): Promise<string | undefined> {
    const info = await this.#coordination.leader(electionName);
    if (info === undefined || info.announcement.length === 0) return undefined;
    const { address } = JSON.parse(utf8Decode(info.announcement)) as Announcement;
    return address === this.#address() ? undefined : address;
  }

  async listen(): Promise<void> {
    const { ip, port, hostname, open, secret } = this.#options;
    this.#server = await startHttpServer({
      host: ip,
      port,
      ...(hostname === undefined ? {} : { hostNames: [hostname] }),
      guard: bearerGuard({ secret, open, allowRead: isRead }),
      routes: [
        ...schedulerRoutes(this),
        ...operatorRoutes(this),
        ...nodeRoutes(this),
        ...v0Routes(this),
        ...filesRoutes(),
      ],
      onError: (error, request) =>
        this.log.line("error", "a request failed: this is a bug", {
          ...request,
          error: textOf(error),
        }),
    });
    this.log.line("info", "this master listens", { url: this.url });
  }

  /** Resolves when this process leads for the first time; later elections go on by themselves. */
  async elected(): Promise<void> {
    const announcement: Announcement = { address: this.#address() };
    const leadership = await this.#coordination.elect(
      electionName,
      utf8Encode(JSON.stringify(announcement)),
      this.#stopping.cancellation,
    );
    const { epoch } = leadership;
    const registry = new Registry(this.#coordination, epoch, systemClock);
    const clusterId = await registry.clusterId(() => cryptoRandom.uuid());
    const durable = await registry.read();
    this.#leadership = leadership;
    leadership.lost.addEventListener("abort", () => this.#abdicate(), { once: true });
    this.#leader = new Leader(this.#configOf(epoch, clusterId), {
      coordination: this.#coordination,
      registry,
      clock: systemClock,
      random: cryptoRandom,
      log: this.log,
      fenced: () => this.#abdicate(),
      fatal: (error) => this.#fatal(error),
    });
    this.#leader.start(durable);
    // It may have been lost while the state was read.
    if (leadership.lost.aborted) this.#abdicate();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.cancel();
    this.#leader?.stop();
    this.#leader = undefined;
    await this.#server?.close();
    await this.#leadership?.resign();
    await this.#coordination.close();
    this.log.line("info", "this master has stopped");
    this.log.close();
  }

  /** Ends this leadership and stands for election again. */
  #abdicate(): void {
    const leader = this.#leader;
    if (leader === undefined || this.#stopping.cancellation.aborted) return;
    this.#leader = undefined;
    const { epoch } = leader.config;
    this.log.line("warn", "this master leads no more; it stands for election again", { epoch });
    leader.stop();
    const leadership = this.#leadership;
    this.#leadership = undefined;
    void this.#standAgain(leadership);
  }

  async #standAgain(old: Leadership | undefined): Promise<void> {
    await old?.resign().catch(() => undefined);
    while (!this.#stopping.cancellation.aborted) {
      try {
        await this.elected();
        return;
      } catch (error) {
        if (this.#stopping.cancellation.aborted) return;
        this.log.line("warn", "an election failed", { error: textOf(error) });
        if (!isRetryable(error)) {
          this.#fatal(error as Error);
          return;
        }
        await delay(limits.electionRetryMs);
      }
    }
  }

  #fatal(error: Error): void {
    if (this.#stopping.cancellation.aborted) return;
    this.log.line("error", "this master cannot go on", { error: textOf(error) });
    const { onFatal } = this.#options;
    if (onFatal !== undefined) onFatal(error);
    else
      queueMicrotask(() => {
        throw error;
      });
  }

  #address(): string {
    return `${this.#options.ip}:${this.#server?.port ?? this.#options.port}`;
  }

  #configOf(epoch: number, clusterId: string): MasterConfig {
    const options = this.#options;
    const { offerTimeoutMs } = options;
    return {
      masterId: known(parseMasterId(cryptoRandom.uuid())),
      epoch,
      clusterId,
      clusterName: options.clusterName,
      ip: options.ip,
      port: this.#server?.port ?? options.port,
      hostname: options.hostname ?? options.ip,
      startedMs: this.#startedMs,
      electedMs: systemClock.wallMs(),
      agentPingTimeoutMs: options.agentPingTimeoutMs ?? defaultDurations.agentPingTimeoutMs,
      maxAgentPingTimeouts: options.maxAgentPingTimeouts ?? defaultDurations.maxAgentPingTimeouts,
      agentReregisterTimeoutMs:
        options.agentReregisterTimeoutMs ?? defaultDurations.agentReregisterTimeoutMs,
      allocationIntervalMs: options.allocationIntervalMs ?? defaultDurations.allocationIntervalMs,
      ...(offerTimeoutMs === undefined ? {} : { offerTimeoutMs }),
    };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(ms, resolve);
  });
}

function isRead(method: string, path: string): boolean {
  if (isSafeMethod(method)) return true;
  const plain = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  return isV0Read(method, plain) || operatorPaths.includes(plain);
}

function isRetryable(error: unknown): boolean {
  return error instanceof Error && "retryable" in error && error.retryable === true;
}
