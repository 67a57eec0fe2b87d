import type { StreamWriter } from "@tutti/http";
import { encodeRecord } from "@tutti/http";
import { discoveryVersions, factKey } from "@tutti/discovery-v1";
import type {
  DiscoveryRecord,
  Fact,
  FollowRequest,
  HeldWithdrawal,
  StreamChange,
  TableVersion,
} from "@tutti/discovery-v1";
import type { Clock } from "@tutti/ports";
import type { TaskKey } from "../core/index.ts";
import { changeSince, FollowerTable, MachineRoll, sequenceAfter } from "../core/index.ts";
import { Audience } from "./audience.ts";
import { ChangeLog } from "./change-log.ts";
import { Drains } from "./drains.ts";
import { limits } from "./limits.ts";

interface PublisherOptions {
  readonly clock: Clock;
  readonly lineage: string;
  readonly epoch: number;
  /** The table that discovery began with: followers that hold it go on from there. */
  readonly base: { readonly version: TableVersion; readonly facts: readonly Fact[] } | undefined;
  /** How long ago the master was heard, in ms. */
  readonly masterSilentMs: () => number;
}

/** The table as it is published, and everybody who follows it. Each change is encoded once. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #table = new FollowerTable();
  readonly #roll = new MachineRoll(
    () => this.#table.facts.values(),
    () => this.#version,
  );
  readonly #log = new ChangeLog(1);
  readonly #audience: Audience;
  readonly #drains: Drains;
  /** The sequence of the first change that has not been sent. */
  #unsent = 1;
  #version: TableVersion;
  #held: HeldWithdrawal | undefined;
  #cancelFlush: (() => void) | undefined;
  #cancelHeartbeat: (() => void) | undefined;
  #flushedAtMonoMs = -Infinity;
  #flushPauseMs: number = limits.flushIntervalMs;

  constructor(options: PublisherOptions) {
    this.#options = options;
    const { base, lineage, clock } = options;
    this.#version = { epoch: options.epoch, sequence: 0 };
    if (base !== undefined) this.#table.restore(lineage, base.version, base.facts);
    else this.#table.restore(lineage, this.#version, []);
    this.#drains = new Drains(clock, () => this.#roll.held());
    this.#audience = new Audience({
      clock,
      log: this.#log,
      table: () => ({ version: this.#version, facts: this.#table.facts.values() }),
    });
    this.#beat();
  }

  get version(): TableVersion {
    return this.#version;
  }

  get held(): HeldWithdrawal | undefined {
    return this.#held;
  }

  get facts(): ReadonlyMap<string, Fact> {
    return this.#table.facts;
  }

  get followers(): number {
    return this.#audience.size;
  }

  /** For metrics: those of the audience, and what can be resumed from. */
  get counts(): Audience["counts"] & { readonly changes: number; readonly changeBytes: number } {
    const { length, byteCount } = this.#log;
    return { ...this.#audience.counts, changes: length, changeBytes: byteCount };
  }

  hold(held: HeldWithdrawal | undefined): void {
    this.#held = held;
  }

  publish(version: TableVersion, change: StreamChange, drained: readonly TaskKey[]): void {
    const base = this.#options.base?.version;
    const isFirst = version.sequence === 1 && base !== undefined;
    const own = isFirst ? changeSince({ version: base, facts: this.facts }, change) : change;
    this.#table.take({ type: "change", version, ...own });
    this.#version = version;
    this.#drains.book.withdrawn(drained, version);
    const named =
      own.remove.some(isMachineKey) || own.put.some((fact) => isMachineKey(factKey(fact)));
    if (named) this.#roll.machinesChanged();
    if (own.put.length > limits.changeFactsMax) this.#startOver();
    else this.#push(encode({ type: "change", version, ...own }));
    this.#scheduleFlush();
  }

  /** Adds a follower; it is sent what it lacks and then every change. `remoteAddress`: of its connection. */
  follow(request: FollowRequest, writer: StreamWriter, remoteAddress: string): void {
    const { machine: name, address } = request;
    const machine = { name, address, remoteAddress };
    this.#roll.enter(machine);
    const welcome: DiscoveryRecord = {
      type: "welcome",
      version: discoveryVersions.max,
      heartbeatMs: limits.heartbeatMs,
      lineage: this.#options.lineage,
    };
    // How old the table is is known from the start.
    const greeting = Buffer.concat([encode(welcome), this.#heartbeat()]);
    const { have } = request;
    const versions = { version: this.#version, base: this.#options.base?.version };
    const after = have === undefined ? undefined : sequenceAfter(have, versions);
    const next = after !== undefined && this.#log.reaches(after) ? after : undefined;
    this.#audience.admit(writer, greeting, next, () => {
      this.#roll.leave(machine);
      this.#drains.book.check();
    });
  }

  /** A machine's dataplane holds a version. */
  applied(machine: string, version: TableVersion): void {
    this.#roll.applied(machine, version);
    this.#drains.book.check();
  }

  /** See `Drains`. */
  drained(key: TaskKey, waitMs: number, isBackend: boolean): Promise<boolean> {
    return this.#drains.drained(key, waitMs, isBackend);
  }

  stop(): void {
    this.#cancelFlush?.();
    this.#cancelHeartbeat?.();
    this.#drains.stop();
    this.#audience.end();
  }

  /** So much is new that everybody is sent the table, in pages and as fast as each takes it. */
  #startOver(): void {
    this.#flush();
    this.#log.startOver();
  }

  #push(bytes: Uint8Array): void {
    this.#log.push(bytes);
    if (bytes.length > limits.ringChangeBytesMax) {
      // As large as a table: who does not take it now is sent the table.
      this.#flush();
      this.#log.forget();
    } else if (this.#log.isOver) {
      this.#flush();
      this.#log.halve();
    }
  }

  /** At once, unless something was sent just now: then with what else comes. */
  #scheduleFlush(): void {
    if (this.#cancelFlush !== undefined) return;
    const wait = this.#flushedAtMonoMs + this.#flushPauseMs - this.#options.clock.monoMs();
    if (wait <= 0) {
      this.#flush();
      return;
    }
    this.#cancelFlush = this.#options.clock.after(wait, () => {
      this.#cancelFlush = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#unsent >= this.#log.end) return;
    const { clock } = this.#options;
    this.#flushedAtMonoMs = clock.monoMs();
    this.#unsent = this.#log.end;
    this.#audience.serve();
    const tookMs = clock.monoMs() - this.#flushedAtMonoMs;
    this.#flushPauseMs = Math.min(
      limits.flushIntervalMsMax,
      Math.max(limits.flushIntervalMs, tookMs * limits.flushTimePart),
    );
  }

  #beat(): void {
    this.#cancelHeartbeat = this.#options.clock.after(limits.heartbeatMs, () => {
      this.#audience.beat(this.#heartbeat());
      this.#beat();
    });
  }

  #heartbeat(): Uint8Array {
    return encode({
      type: "heartbeat",
      version: this.#version,
      masterSilentMs: Math.round(this.#options.masterSilentMs()),
      ...(this.#held === undefined ? {} : { held: this.#held }),
    });
  }
}

function isMachineKey(key: string): boolean {
  return key.startsWith("agent/") || key.startsWith("master/");
}

function encode(record: DiscoveryRecord): Uint8Array {
  return encodeRecord(JSON.stringify(record));
}
