import { encodeRecord } from "@tutti/http";
import type { StreamWriter } from "@tutti/http";
import { BoundedMap } from "@tutti/base";
import { discoveryVersions, factKey, isOlder } from "@tutti/discovery-v1";
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
import { FollowerTable } from "../core/index.ts";
import { limits } from "./limits.ts";
import { MachineRoll } from "./machine-roll.ts";
import type { RolledMachine } from "./machine-roll.ts";
import { Snapshot } from "./snapshot.ts";

/** One machine that follows. */
interface Follower {
  readonly machine: RolledMachine;
  readonly writer: StreamWriter;
  /** The snapshot it is being sent and its next page; undefined: it is up to date and is sent changes. */
  paging: { readonly snapshot: Snapshot; page: number } | undefined;
}

interface RingEntry {
  readonly version: TableVersion;
  readonly bytes: Uint8Array;
}

interface DrainWaiter {
  readonly key: TaskKey;
  /** The version without its backends; undefined: it has not been published yet. */
  version: TableVersion | undefined;
  readonly done: (drained: boolean) => void;
}

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
  readonly #followers = new Set<Follower>();
  readonly #roll = new MachineRoll(() => this.#table.facts.values());
  readonly #drained = new BoundedMap<TaskKey, TableVersion>(limits.drainedMax);
  #waiters = new Set<DrainWaiter>();
  #ring: RingEntry[] = [];
  #ringBytes = 0;
  /** Position in the ring of the first change that has not been sent. */
  #unsent = 0;
  #snapshot: Snapshot | undefined;
  #version: TableVersion;
  #held: HeldWithdrawal | undefined;
  #cancelFlush: (() => void) | undefined;
  #cancelPaging: (() => void) | undefined;
  #cancelHeartbeat: (() => void) | undefined;
  #flushedAtMonoMs = -Infinity;
  #flushPauseMs: number = limits.flushIntervalMs;
  #bytesSent = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#version = { epoch: options.epoch, sequence: 0 };
    const { base, lineage } = options;
    if (base !== undefined) this.#table.restore(lineage, base.version, base.facts);
    else this.#table.restore(lineage, this.#version, []);
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

  /** For metrics. */
  get counts(): {
    readonly followers: number;
    readonly paging: number;
    readonly ring: number;
    readonly bytesSent: number;
  } {
    const paging = [...this.#followers].filter((follower) => follower.paging !== undefined).length;
    return {
      followers: this.#followers.size,
      paging,
      ring: this.#ring.length,
      bytesSent: this.#bytesSent,
    };
  }

  hold(held: HeldWithdrawal | undefined): void {
    this.#held = held;
  }

  publish(version: TableVersion, change: StreamChange, drained: readonly TaskKey[]): void {
    const since = this.#options.base?.version;
    const isFirst = version.sequence === 1 && since !== undefined;
    const own: StreamChange = isFirst ? this.#fromBase(change, since) : change;
    this.#table.take({ type: "change", version, ...own });
    this.#version = version;
    for (const key of drained) this.#drained.set(key, version);
    const named =
      own.remove.some(isMachineKey) || own.put.some((fact) => isMachineKey(factKey(fact)));
    if (named) this.#roll.machinesChanged();
    for (const waiter of this.#waiters) if (drained.includes(waiter.key)) waiter.version = version;
    if (own.put.length > limits.changeFactsMax) return this.#startOver();
    this.#push(version, encode({ type: "change", version, ...own }));
    this.#scheduleFlush();
  }

  /** The first change puts everything anew; followers that hold the base need what is different. */
  #fromBase(change: StreamChange, since: TableVersion): StreamChange {
    const whole = new Map(change.put.map((fact) => [factKey(fact), fact]));
    const remove = [...this.#table.facts.keys()].filter((key) => !whole.has(key));
    const put = change.put.filter(
      (fact) => JSON.stringify(this.#table.facts.get(factKey(fact))) !== JSON.stringify(fact),
    );
    return { remove, put, since };
  }

  /** Adds a follower; it is sent what it lacks and then every change. `remoteAddress`: of its connection. */
  follow(request: FollowRequest, writer: StreamWriter, remoteAddress: string): void {
    const { machine: name, address } = request;
    const machine: RolledMachine = { name, address, remoteAddress };
    const follower: Follower = { machine, writer, paging: undefined };
    // What waits belongs to those who follow already: the new one gets it with what it lacks.
    this.#flush();
    this.#followers.add(follower);
    this.#roll.enter(machine);
    writer.closed.addEventListener("abort", () => {
      this.#followers.delete(follower);
      this.#roll.leave(machine);
      this.#checkWaiters();
    });
    const welcome = {
      type: "welcome",
      version: discoveryVersions.max,
      heartbeatMs: limits.heartbeatMs,
      lineage: this.#options.lineage,
    } as const;
    this.#write(follower, encode(welcome));
    const missing = request.have === undefined ? undefined : this.#after(request.have);
    if (missing === undefined) this.#beginSnapshot(follower);
    else for (const bytes of missing) this.#write(follower, bytes);
    this.#write(follower, this.#heartbeat());
  }

  /** A machine's dataplane holds a version. */
  applied(machine: string, version: TableVersion): void {
    this.#roll.applied(machine, version);
    this.#checkWaiters();
  }

  /**
   * Resolves when every machine has withdrawn the backends of a task, or with false after a while. `isBackend`: it
   * has some still, and what was published of it before is no answer. A task that nobody knows is not drained.
   */
  drained(key: TaskKey, waitMs: number, isBackend: boolean): Promise<boolean> {
    const version = isBackend ? undefined : this.#drained.get(key);
    const held = version === undefined ? undefined : this.#roll.held();
    if (version !== undefined && held !== undefined && !isOlder(held, version))
      return Promise.resolve(true);
    if (waitMs === 0 || this.#waiters.size >= limits.drainedWaitersMax)
      return Promise.resolve(false);
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(Math.min(waitMs, limits.drainedWaitMsMax), () => {
        waiter.done(false);
      });
      const waiter: DrainWaiter = {
        key,
        version,
        done: (drained) => {
          cancel();
          this.#waiters.delete(waiter);
          resolve(drained);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  stop(): void {
    this.#cancelFlush?.();
    this.#cancelPaging?.();
    this.#cancelHeartbeat?.();
    for (const waiter of this.#waiters) waiter.done(false);
    for (const { writer } of this.#followers) writer.end();
    this.#followers.clear();
  }

  #checkWaiters(): void {
    if (this.#waiters.size === 0) return;
    const held = this.#roll.held();
    if (held === undefined) return;
    for (const { version, done } of this.#waiters)
      if (version !== undefined && !isOlder(held, version)) done(true);
  }

  /** So much is new that everybody is sent the table, in pages and as fast as each takes it. */
  #startOver(): void {
    this.#flush();
    this.#forgetRing();
    for (const follower of this.#followers)
      if (follower.paging === undefined) this.#beginSnapshot(follower);
  }

  #forgetRing(): void {
    this.#ring = [];
    this.#ringBytes = 0;
    this.#unsent = 0;
  }

  #push(version: TableVersion, bytes: Uint8Array): void {
    this.#ring.push({ version, bytes });
    this.#ringBytes += bytes.length;
    if (bytes.length > limits.ringChangeBytesMax) {
      // As large as a table: who misses it is sent the table.
      this.#flush();
      this.#forgetRing();
      return;
    }
    const isOver = (): boolean =>
      this.#ring.length > limits.ringChangesMax || this.#ringBytes > limits.ringBytesMax;
    if (!isOver()) return;
    // Half at once: taking from the front of a long list one by one is slow.
    this.#flush();
    const cut = Math.ceil(this.#ring.length / 2);
    for (const entry of this.#ring.slice(0, cut)) this.#ringBytes -= entry.bytes.length;
    this.#ring = this.#ring.slice(cut);
    this.#unsent = this.#ring.length;
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
    if (this.#unsent >= this.#ring.length) return;
    const { clock } = this.#options;
    this.#flushedAtMonoMs = clock.monoMs();
    const waiting = this.#ring.slice(this.#unsent);
    this.#unsent = this.#ring.length;
    const bytes = concat(waiting.map((entry) => entry.bytes));
    for (const follower of this.#followers)
      if (follower.paging === undefined) this.#write(follower, bytes);
    const tookMs = clock.monoMs() - this.#flushedAtMonoMs;
    this.#flushPauseMs = Math.min(
      limits.flushIntervalMsMax,
      Math.max(limits.flushIntervalMs, tookMs * limits.flushTimePart),
    );
  }

  /** The changes after a version; undefined when they are not all at hand. */
  #after(have: TableVersion): readonly Uint8Array[] | undefined {
    const { base } = this.#options;
    const first = this.#ring[0]?.version.sequence ?? this.#version.sequence + 1;
    const isBase = base !== undefined && isEqual(have, base.version);
    if (have.epoch !== this.#version.epoch && !isBase) return undefined;
    const next = isBase ? 1 : have.sequence + 1;
    if (next < first || next > this.#version.sequence + 1) return undefined;
    return this.#ring.slice(next - first).map((entry) => entry.bytes);
  }

  #beginSnapshot(follower: Follower): void {
    const kept = this.#snapshot;
    const missing = kept === undefined ? undefined : this.#after(kept.version)?.length;
    const isUsable = missing !== undefined && missing < limits.ringChangesMax / 4;
    this.#snapshot =
      kept !== undefined && isUsable
        ? kept
        : new Snapshot(this.#version, [...this.#table.facts.values()]);
    follower.paging = { snapshot: this.#snapshot, page: 0 };
    this.#page();
  }

  /** Sends pages to those who have room for them. */
  #page(): void {
    let more = false;
    for (const follower of this.#followers) {
      this.#pagesTo(follower);
      more ||= follower.paging !== undefined;
    }
    this.#cancelPaging?.();
    this.#cancelPaging = more
      ? this.#options.clock.after(limits.pagePauseMs, () => this.#page())
      : undefined;
  }

  #pagesTo(follower: Follower): void {
    const { writer } = follower;
    while (follower.paging !== undefined && writer.bufferedBytes < limits.pageWaitingBytesMax) {
      const { snapshot, page } = follower.paging;
      if (page < snapshot.pageCount) {
        this.#write(follower, snapshot.page(page));
        follower.paging = { snapshot, page: page + 1 };
        continue;
      }
      const missing = this.#after(snapshot.version);
      follower.paging = undefined;
      if (missing === undefined) this.#beginSnapshot(follower);
      else if (missing.length > 0) this.#write(follower, concat(missing));
    }
  }

  #beat(): void {
    this.#cancelHeartbeat = this.#options.clock.after(limits.heartbeatMs, () => {
      const bytes = this.#heartbeat();
      for (const follower of this.#followers)
        if (follower.paging === undefined) this.#write(follower, bytes);
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

  #write(follower: Follower, bytes: Uint8Array): void {
    this.#bytesSent += bytes.length;
    follower.writer.write(bytes);
  }
}

function isMachineKey(key: string): boolean {
  return key.startsWith("agent/") || key.startsWith("master/");
}

function encode(record: DiscoveryRecord): Uint8Array {
  return encodeRecord(JSON.stringify(record));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

function isEqual(left: TableVersion, right: TableVersion): boolean {
  return left.epoch === right.epoch && left.sequence === right.sequence;
}
