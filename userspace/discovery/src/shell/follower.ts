import { Fault } from "@tutti/base";
import type { Cancellation } from "@tutti/base";
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
import type { RecordStream } from "@tutti/http";
import type { Clock, Random } from "@tutti/ports";
import { FollowerTable } from "../core/follower-table.ts";
import { LeaderStream } from "./leader-stream.ts";
import type { RecordTaken } from "./leader-stream.ts";
import { limits } from "./limits.ts";
import { readTable } from "./table-file.ts";
import { TableKeeper } from "./table-keeper.ts";

export interface FollowerOptions {
  /** URLs of the discoveries of all masters: `http://10.0.0.2:62080`. */
  readonly discoveries: readonly string[];
  /** The machine's name, unique in the cluster. */
  readonly machine: string;
  /** The machine's address as masters and agents of it have it; left out: it is known by its connection. */
  readonly address?: string;
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
  #stream: LeaderStream | undefined;
  #url: string | undefined;
  #heardWallMs: number | undefined;
  #masterSilentMs = 0;
  #held: HeldWithdrawal | undefined;
  #applied: TableVersion | undefined;
  #reported: TableVersion | undefined;
  #reportedAtMonoMs = -Infinity;
  /** The table of the discovery that was found has not come yet. */
  #isCatchingUp = false;
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
    follower.#follow();
    return follower;
  }

  private constructor(options: FollowerOptions) {
    this.#options = options;
    this.#keeper = new TableKeeper({
      file: options.file,
      clock: options.clock,
      report: options.report,
      lineage: () => this.#table.lineage,
      table: () => {
        const { version, lineage, facts } = this.#table;
        if (version === undefined || lineage === undefined) return undefined;
        const heardWallMs = this.#clusterHeardWallMs();
        return { version, lineage, heardWallMs, facts: [...facts.values()] };
      },
    });
  }

  #follow(): void {
    const { discoveries: urls, clock, random, report } = this.#options;
    this.#stream = new LeaderStream({
      urls,
      clock,
      random,
      report,
      open: (url, signal) => this.#open(url, signal),
      onOpen: () => this.#table.begin(),
      take: (bytes, url) => this.#take(decoder.decode(bytes), url),
      onLost: () => {
        this.#url = undefined;
      },
      asksOtherwise: () => false,
      words: { none: "no discovery", found: "follows" },
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
    if (isAwaited) this.#reportSoon(limits.reportDelayMs);
  }

  #reportSoon(delayMs: number): void {
    if (this.#cancelReport !== undefined) return;
    const { clock } = this.#options;
    const rest = this.#reportedAtMonoMs + limits.reportIntervalMsMin - clock.monoMs();
    this.#cancelReport = clock.after(Math.max(delayMs, rest), () => {
      this.#cancelReport = undefined;
      void this.#report();
    });
  }

  async close(): Promise<void> {
    this.#stream?.stop();
    this.#cancelReport?.();
    await this.#keeper.close();
  }

  #open(url: string, signal: Cancellation): Promise<RecordStream> {
    const { version } = this.#table;
    const { address } = this.#options;
    const request: FollowRequest = {
      versionMin: discoveryVersions.min,
      versionMax: discoveryVersions.max,
      machine: this.#options.machine,
      ...(address === undefined ? {} : { address }),
      ...(version === undefined ? {} : { have: version }),
    };
    return openRecordStream({
      method: "POST",
      url: url + discoveryPaths.stream,
      headers: { "Content-Type": "application/json", ...this.#authorization() },
      body: JSON.stringify(request),
      signal,
      timeoutMs: limits.followerIdleMs,
      idleTimeoutMs: limits.followerIdleMs,
      recordBytesMax: limits.recordBytesMax,
    });
  }

  #take(text: string, url: string): RecordTaken {
    const record = JSON.parse(text) as DiscoveryRecord;
    this.#heardWallMs = this.#options.clock.wallMs();
    if (record.type === "welcome") {
      this.#url = url;
      this.#reported = undefined;
      this.#isCatchingUp = true;
      this.#reportSoon(this.#options.random.next() * limits.reportSpreadMs);
    } else if (record.type === "heartbeat") {
      this.#masterSilentMs = record.masterSilentMs;
      this.#held = record.held;
      if (isSame(record.version, this.#table.version))
        this.#keeper.heard(this.#clusterHeardWallMs());
      void this.#report();
    }
    const { version: since, lineage } = this.#table;
    const outcome = this.#table.take(record);
    if (outcome.type === "broken") return outcome;
    if (outcome.type === "nothing") return { type: "taken" };
    const { change, version } = outcome;
    const asChange = { type: "change", version, since, ...change } as const;
    // A snapshot is kept as what it changes of the table before; a first table, or a large one, as a whole.
    const isSmall = change.put.length + change.remove.length <= limits.journalLinesMax;
    const isNext = since !== undefined && lineage === this.#table.lineage && isSmall;
    const told = isNext ? JSON.stringify(asChange) : undefined;
    this.#keeper.changed(record.type === "change" ? text : told);
    // Another discovery knows of nobody what he holds, and somebody may wait for it.
    const confirm = this.#isCatchingUp || (record.type === "change" && record.confirm === true);
    this.#isCatchingUp = false;
    this.#options.onChange(change, version, confirm);
    return { type: "taken" };
  }

  /** What discovery says is as old as what it last heard itself. */
  #clusterHeardWallMs(): number {
    return Math.max(0, (this.#heardWallMs ?? 0) - this.#masterSilentMs);
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

function isSame(left: TableVersion, right: TableVersion | undefined): boolean {
  return left.epoch === right?.epoch && left.sequence === right.sequence;
}

const decoder = new TextDecoder();
