import { createCancellation, Fault } from "@tutti/base";
import type { CancellationSource } from "@tutti/base";
import { discoveryPaths, discoveryVersions } from "@tutti/discovery-v1";
import type {
  DiscoveryRecord,
  Fact,
  FollowRequest,
  HeldWithdrawal,
  TableChange,
  TableVersion,
} from "@tutti/discovery-v1";
import { fetchJson, openRecordStream } from "@tutti/http";
import type { Clock, Random } from "@tutti/ports";
import { FollowerTable } from "../core/follower-table.ts";
import { Backoff } from "./backoff.ts";
import { limits } from "./limits.ts";
import { originOf } from "./redirect.ts";
import { readTable } from "./table-file.ts";
import { TableKeeper } from "./table-keeper.ts";

export interface FollowerOptions {
  /** URLs of the discoveries of all masters: `http://10.0.0.2:62080`. */
  readonly discoveries: readonly string[];
  /** The machine's name, unique in the cluster. */
  readonly machine: string;
  readonly secret: string | undefined;
  /** Where the table is kept. */
  readonly file: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The table changed. Called first with all of the table that was kept. */
  readonly onChange: (change: TableChange, version: TableVersion, confirm: boolean) => void;
  readonly report: (line: string) => void;
}

/** What is known of the stream, for metrics. */
export interface FollowerStatus {
  readonly version: TableVersion | undefined;
  readonly connected: boolean;
  /** How old the table is: since when nothing of the cluster was heard; undefined before the first table. */
  readonly ageMs: number | undefined;
  readonly held: HeldWithdrawal | undefined;
  readonly facts: number;
}

/** A machine's end of the stream: holds the last good table, whatever happens to masters. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #table = new FollowerTable();
  readonly #keeper: TableKeeper;
  readonly #stop = createCancellation();
  readonly #backoff: Backoff;
  #attempt: CancellationSource | undefined;
  #url: string | undefined;
  #heardWallMs: number | undefined;
  #masterSilentMs = 0;
  #held: HeldWithdrawal | undefined;
  #lastReason = "";
  #applied: TableVersion | undefined;
  #reported: TableVersion | undefined;
  #reportedAtMonoMs = -Infinity;
  #cancelReport: (() => void) | undefined;

  /** Begins with the table that was kept, if there is one, and follows. */
  static async open(options: FollowerOptions): Promise<Follower> {
    const kept = await readTable(options.file);
    const follower = new Follower(options);
    if (kept !== undefined) {
      follower.#table.restore(kept.lineage, kept.version, kept.facts);
      follower.#heardWallMs = kept.heardWallMs;
      options.onChange({ remove: [], put: kept.facts }, kept.version, false);
    }
    void follower.#run();
    return follower;
  }

  private constructor(options: FollowerOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.clock, options.random);
    this.#keeper = new TableKeeper({
      file: options.file,
      clock: options.clock,
      report: options.report,
      table: () => {
        const { version, lineage, facts } = this.#table;
        if (version === undefined || lineage === undefined) return undefined;
        const heardWallMs = this.#heardWallMs ?? 0;
        return { version, lineage, heardWallMs, facts: [...facts.values()] };
      },
    });
  }

  get facts(): ReadonlyMap<string, Fact> {
    return this.#table.facts;
  }

  get status(): FollowerStatus {
    const now = this.#options.clock.wallMs();
    return {
      version: this.#table.version,
      connected: this.#url !== undefined,
      ageMs:
        this.#heardWallMs === undefined
          ? undefined
          : Math.max(0, now - this.#heardWallMs) + this.#masterSilentMs,
      held: this.#held,
      facts: this.#table.facts.size,
    };
  }

  /** The dataplane holds a version; discovery is told, soon when it waits for that. */
  applied(version: TableVersion, isAwaited: boolean): void {
    this.#applied = version;
    if (!isAwaited || this.#cancelReport !== undefined) return;
    const { clock } = this.#options;
    const rest = this.#reportedAtMonoMs + limits.reportIntervalMsMin - clock.monoMs();
    this.#cancelReport = clock.after(Math.max(limits.reportDelayMs, rest), () => {
      this.#cancelReport = undefined;
      void this.#report();
    });
  }

  async close(): Promise<void> {
    this.#stop.cancel();
    this.#attempt?.cancel();
    this.#backoff.stop();
    this.#cancelReport?.();
    await this.#keeper.close();
  }

  async #run(): Promise<void> {
    const { discoveries } = this.#options;
    let index = 0;
    let redirected: string | undefined;
    let redirects = 0;
    while (!this.#stop.cancellation.aborted) {
      const url = redirected ?? discoveries[index % discoveries.length] ?? "";
      redirected = undefined;
      const end = await this.#once(url);
      this.#url = undefined;
      if (end.leader !== undefined && redirects < limits.redirectsMax) {
        redirects += 1;
        redirected = end.leader;
        continue;
      }
      redirects = 0;
      if (end.wasWelcome) this.#backoff.reset();
      else index += 1;
      this.#tell(end.reason);
      await this.#backoff.pause();
    }
  }

  #tell(reason: string): void {
    if (this.#stop.cancellation.aborted || reason === this.#lastReason) return;
    this.#lastReason = reason;
    this.#options.report(`no discovery: ${reason}`);
  }

  async #once(url: string): Promise<{ reason: string; leader?: string; wasWelcome: boolean }> {
    let wasWelcome = false;
    this.#attempt = createCancellation();
    try {
      const { version } = this.#table;
      const request: FollowRequest = {
        versionMin: discoveryVersions.min,
        versionMax: discoveryVersions.max,
        machine: this.#options.machine,
        ...(version === undefined ? {} : { have: version }),
      };
      const stream = await openRecordStream({
        method: "POST",
        url: url + discoveryPaths.stream,
        headers: { "Content-Type": "application/json", ...this.#authorization() },
        body: JSON.stringify(request),
        signal: this.#attempt.cancellation,
        timeoutMs: limits.followerIdleMs,
        idleTimeoutMs: limits.followerIdleMs,
        recordBytesMax: limits.recordBytesMax,
      });
      if (stream.status !== 200) {
        const text = (await stream.text()).slice(0, 200).trim();
        const reason = `${url} answered ${stream.status}: ${text}`;
        const leader =
          stream.status === 307 ? originOf(stream.headers["location"], url) : undefined;
        return leader === undefined ? { reason, wasWelcome } : { reason, leader, wasWelcome };
      }
      this.#table.begin();
      for await (const bytes of stream.records()) {
        const broken = this.#take(JSON.parse(decoder.decode(bytes)) as DiscoveryRecord, url);
        if (broken !== undefined) return { reason: broken, wasWelcome };
        wasWelcome = true;
      }
      return { reason: `${url} ended the stream`, wasWelcome };
    } catch (error) {
      if (!(error instanceof Fault) && !(error instanceof SyntaxError)) throw error;
      return { reason: error.message, wasWelcome };
    }
  }

  /** Takes a record; returns why the stream cannot go on. */
  #take(record: DiscoveryRecord, url: string): string | undefined {
    this.#heardWallMs = this.#options.clock.wallMs();
    if (record.type === "welcome") {
      if (this.#lastReason !== "") this.#options.report(`follows ${url}`);
      this.#lastReason = "";
      this.#url = url;
      this.#reported = undefined;
    } else if (record.type === "heartbeat") {
      this.#masterSilentMs = record.masterSilentMs;
      this.#held = record.held;
      void this.#report();
    }
    const outcome = this.#table.take(record);
    if (outcome.type === "broken") return outcome.reason;
    if (outcome.type === "nothing") return undefined;
    const { change, version } = outcome;
    this.#keeper.changed();
    const confirm = record.type === "change" && record.confirm === true;
    this.#options.onChange(change, version, confirm);
    return undefined;
  }

  /** Tells discovery what the dataplane holds, once each version. */
  async #report(): Promise<void> {
    const version = this.#applied;
    const url = this.#url;
    if (url === undefined || version === undefined || version === this.#reported) return;
    this.#reported = version;
    this.#reportedAtMonoMs = this.#options.clock.monoMs();
    try {
      await fetchJson({
        method: "POST",
        url: url + discoveryPaths.applied,
        headers: this.#authorization(),
        json: { machine: this.#options.machine, version },
      });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // The next heartbeat is the next occasion.
      this.#reported = undefined;
    }
  }

  #authorization(): Readonly<Record<string, string>> {
    const { secret } = this.#options;
    return secret === undefined ? {} : { Authorization: `Bearer ${secret}` };
  }
}

const decoder = new TextDecoder();
