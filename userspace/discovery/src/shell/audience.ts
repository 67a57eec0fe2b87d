import type { Fact, TableVersion } from "@tutti/discovery-v1";
import type { StreamWriter } from "@tutti/http";
import type { Clock } from "@tutti/ports";
import type { ChangeLog } from "./change-log.ts";
import { limits } from "./limits.ts";
import { Snapshot } from "./snapshot.ts";

/** One stream on which a machine follows. */
interface Listener {
  readonly writer: StreamWriter;
  /** The sequence of the first change that it has not been given. */
  next: number;
  /** The snapshot it is being sent, its next page, and when the one before it was given; undefined: it is sent changes. */
  paging: { readonly snapshot: Snapshot; page: number; givenAtMonoMs: number } | undefined;
  sentBytes: number;
  /** The most of it that was seen to be taken at a heartbeat, and at how many since it did not grow. */
  takenBytes: number;
  stuckBeats: number;
}

interface AudienceOptions {
  readonly clock: Clock;
  readonly log: ChangeLog;
  /** The table as it is published now. */
  readonly table: () => { readonly version: TableVersion; readonly facts: Iterable<Fact> };
}

/**
 * Everybody who follows, and how far each is. Nothing is kept for one alone: who does not take what it is given stays
 * where it is in the log, is given more when it has taken it, and a new table when the log has gone on without it.
 *
 * Invariant: what waits is the log, two snapshots, and a bounded number of unsent writes for each, whoever reads or not.
 */
export class Audience {
  readonly #options: AudienceOptions;
  readonly #listeners = new Set<Listener>();
  #snapshot: Snapshot | undefined;
  #cancelLook: (() => void) | undefined;
  #bytesSent = 0;
  #cutCount = 0;
  #overtakenCount = 0;

  constructor(options: AudienceOptions) {
    this.#options = options;
  }

  /** How many follow. */
  get size(): number {
    return this.#listeners.size;
  }

  /** For metrics. */
  get counts(): {
    readonly followers: number;
    /** Of these: they are being sent a snapshot. */
    readonly paging: number;
    /** Of these: they have not taken what they were given, and more is there for them. */
    readonly late: number;
    /** What all of them together have not taken; the bytes themselves are there once. */
    readonly waitingBytes: number;
    readonly bytesSent: number;
    /** Streams ended because nothing was taken for too long. */
    readonly cut: number;
    /** Those that the log went on without, and that were sent a new table. */
    readonly overtaken: number;
  } {
    let [paging, late, waitingBytes] = [0, 0, 0];
    for (const listener of this.#listeners) {
      if (listener.paging !== undefined) paging += 1;
      else if (listener.next < this.#options.log.end && !hasRoom(listener)) late += 1;
      waitingBytes += listener.writer.bufferedBytes;
    }
    return {
      followers: this.#listeners.size,
      ...{ paging, late, waitingBytes },
      bytesSent: this.#bytesSent,
      cut: this.#cutCount,
      overtaken: this.#overtakenCount,
    };
  }

  /**
   * Takes a listener in, whose `welcome` is written at once. `next`: the sequence of the first change that it lacks;
   * undefined: it lacks the table. `left` is called when its stream is over.
   */
  admit(
    writer: StreamWriter,
    welcome: Uint8Array,
    next: number | undefined,
    left: () => void,
  ): void {
    const listener: Listener = {
      writer,
      next: next ?? 0,
      paging: undefined,
      sentBytes: 0,
      takenBytes: 0,
      stuckBeats: 0,
    };
    this.#listeners.add(listener);
    writer.closed.addEventListener("abort", () => {
      this.#listeners.delete(listener);
      left();
    });
    this.#write(listener, welcome);
    if (next === undefined) this.#beginSnapshot(listener);
    for (const one of this.#inTurn([listener])) this.#serve(one);
    this.#lookSoon();
  }

  /** Gives everybody what there is. */
  serve(): void {
    for (const listener of this.#listeners)
      if (listener.paging === undefined) this.#serve(listener);
    this.#lookSoon();
  }

  /** Tells everybody who takes what it is given, and cuts those who take nothing. */
  beat(heartbeat: Uint8Array): void {
    for (const listener of this.#listeners) {
      const { bufferedBytes } = listener.writer;
      const takenBytes = listener.sentBytes - bufferedBytes;
      const isTaking = bufferedBytes === 0 || takenBytes > listener.takenBytes;
      listener.takenBytes = Math.max(takenBytes, listener.takenBytes);
      listener.stuckBeats = isTaking ? 0 : listener.stuckBeats + 1;
      if (listener.stuckBeats >= limits.followerStuckBeats) this.#cut(listener);
      else if (hasRoom(listener)) this.#write(listener, heartbeat);
    }
    if (this.counts.paging === 0) this.#snapshot = undefined;
  }

  end(): void {
    this.#cancelLook?.();
    for (const { writer } of this.#listeners) writer.end();
    this.#listeners.clear();
  }

  /** Looks again, soon, after those who have not taken everything. */
  #lookSoon(): void {
    if (this.#cancelLook !== undefined) return;
    const { clock, log } = this.#options;
    const behind: Listener[] = [];
    for (const listener of this.#listeners)
      if (listener.paging !== undefined || listener.next < log.end) behind.push(listener);
    if (behind.length === 0) return;
    const pauseMs = Math.max(limits.lookPauseMs, behind.length / limits.looksPerMsMax);
    this.#cancelLook = clock.after(pauseMs, () => {
      this.#cancelLook = undefined;
      for (const listener of this.#inTurn(behind)) this.#serve(listener);
      this.#lookSoon();
    });
  }

  /**
   * Those of `behind` whose turn it is. Snapshots are begun for some at a time, which have theirs sooner than all would;
   * those who take no pages do not keep others from beginning.
   */
  #inTurn(behind: readonly Listener[]): readonly Listener[] {
    const pagedMonoMs = this.#options.clock.monoMs() - limits.pagingPauseMs;
    let paging = 0;
    for (const listener of this.#listeners)
      if ((listener.paging?.givenAtMonoMs ?? -Infinity) > pagedMonoMs) paging += 1;
    return behind.filter((listener) => {
      if (!this.#listeners.has(listener)) return false;
      if (listener.paging?.page !== 0) return true;
      paging += 1;
      return paging <= limits.pagingAtOnceMax;
    });
  }

  #serve(listener: Listener): void {
    const { log } = this.#options;
    this.#pagesTo(listener);
    while (listener.paging === undefined && listener.next < log.end && hasRoom(listener)) {
      const piece = log.piece(listener.next);
      if (piece === undefined) {
        this.#overtakenCount += 1;
        this.#beginSnapshot(listener);
        return;
      }
      this.#write(listener, piece.bytes);
      listener.next = piece.next;
    }
  }

  #pagesTo(listener: Listener): void {
    const monoMs = this.#options.clock.monoMs();
    while (listener.paging !== undefined && hasRoom(listener)) {
      const { snapshot, page } = listener.paging;
      const bytes = snapshot.page(page);
      listener.next = snapshot.version.sequence + 1;
      listener.paging =
        bytes === undefined ? undefined : { snapshot, page: page + 1, givenAtMonoMs: monoMs };
      if (bytes !== undefined) this.#write(listener, bytes);
    }
  }

  #beginSnapshot(listener: Listener): void {
    listener.paging = { snapshot: this.#freshSnapshot(), page: 0, givenAtMonoMs: -Infinity };
  }

  /**
   * One that was made lately, or a new one. Of those before it, only the last is sent on to its end, to those who have
   * some of it; who still waits for a first page waits for the new one.
   */
  #freshSnapshot(): Snapshot {
    const { log, table } = this.#options;
    const kept = this.#snapshot;
    if (kept !== undefined) {
      const next = kept.version.sequence + 1;
      if (log.reaches(next) && log.end - next < limits.snapshotBehindMax) return kept;
    }
    const { version, facts } = table();
    const fresh = new Snapshot(version, [...facts]);
    this.#snapshot = fresh;
    for (const listener of this.#listeners) {
      const { paging } = listener;
      if (paging?.page === 0) listener.paging = { ...paging, snapshot: fresh };
      else if (paging !== undefined && paging.snapshot !== kept) this.#cut(listener);
    }
    return fresh;
  }

  /** It comes back, and is given what it lacks. */
  #cut(listener: Listener): void {
    this.#listeners.delete(listener);
    this.#cutCount += 1;
    listener.writer.destroy();
  }

  #write(listener: Listener, bytes: Uint8Array): void {
    this.#bytesSent += bytes.length;
    listener.sentBytes += bytes.length;
    listener.writer.write(bytes);
  }
}

function hasRoom({ writer }: Listener): boolean {
  return writer.bufferedBytes < limits.followerWaitingBytesMax;
}
