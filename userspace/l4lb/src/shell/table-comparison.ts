import type { Clock } from "@tutti/ports";
import { contentSeals, flushSeals, tableSeals } from "../core/index.ts";
import type { L4lbMachine, Seal } from "../core/index.ts";
import type { KernelRoutes } from "./kernel-routes.ts";
import { limits } from "./limits.ts";
import type { NftSession } from "./nft-session.ts";
import { holdsElements } from "./table-reader.ts";
import type { TableText, Tables } from "./table-text.ts";
import type { ToolShell } from "./tool-shell.ts";

/** What is compared, and who is told. */
export interface ComparisonOptions {
  readonly clock: Clock;
  /** Runs what only reads. */
  readonly reader: ToolShell;
  readonly tables: Tables;
  readonly text: TableText;
  readonly machine: L4lbMachine;
  readonly kernelRoutes: KernelRoutes;
  /** Whether a change is under way: then nothing can be compared. */
  readonly isBusy: () => boolean;
  readonly session: NftSession;
  readonly compareMs: number;
  readonly disturbed: (reason: string) => void;
}

/**
 * Compares what the kernel has with what it was given, again and again: every second whether the tables are there
 * and nothing in them was flushed (LB33; without a VIP more seldom, LB35), routes and the text of the tables now and then, elements as often as their
 * number allows. `nft monitor` would tell at once, but it holds all elements of all tables in its memory.
 */
export class TableComparison {
  readonly #options: ComparisonOptions;
  #cancel: (() => void) | undefined;
  /** When the next look begins; while one is under way, and before the first, none is due. */
  #lookDueMs = Number.NEGATIVE_INFINITY;
  #started = false;
  #closed = false;
  #look: Promise<void> | undefined;
  #compareDueMs = 0;
  #textDueMs = 0;
  /** How often the text was another one since it was last as it was made. */
  #changedInARow = 0;
  #elementsDueMs = 0;
  /** Whether all seals have held since the tables were made anew. */
  #sealed = false;
  #turnStart = 0;

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  /** A change was carried out: begins to compare, once; with the first VIP the next look is not far. */
  roundDone(): void {
    if (this.#closed) return;
    const nowMs = this.#options.clock.monoMs();
    if (!this.#started) {
      this.#started = true;
      this.#compareDueMs = nowMs + this.#comparePauseMs();
      this.#later();
      return;
    }
    this.#compareDueMs = Math.min(this.#compareDueMs, nowMs + this.#comparePauseMs());
    if (this.#lookDueMs > nowMs + this.#pauseMs()) {
      this.#cancel?.();
      this.#later();
    }
  }

  /** The tables will be made anew: seals count once they have held. */
  unseal(): void {
    this.#sealed = false;
  }

  /** The tables were made anew just now: whether seals hold is asked at once. */
  async seal(): Promise<void> {
    try {
      const { ofTables, content } = this.#seals();
      this.#sealed = await this.#allHold(ofTables, content);
    } catch {
      // What cannot be asked now is asked at the next look.
    }
  }

  /** Looks no more; resolves when nothing is read any more: at most what is being read now is read to its end. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#look;
  }

  #later(): void {
    if (this.#closed) return;
    const pauseMs = this.#pauseMs();
    const { clock } = this.#options;
    this.#lookDueMs = clock.monoMs() + pauseMs;
    this.#cancel = clock.after(pauseMs, () => {
      this.#lookDueMs = Number.NEGATIVE_INFINITY;
      this.#look = this.#compare().finally(() => this.#later());
    });
  }

  #comparePauseMs(): number {
    const { machine, compareMs } = this.#options;
    return machine.dataplane.size > 0 ? compareMs : compareMs * limits.compareEmptyTimes;
  }

  #pauseMs(): number {
    const { machine, compareMs } = this.#options;
    if (machine.dataplane.size > 0) return limits.standMs;
    return Math.max(limits.standMs, Math.min(limits.standEmptyMs, compareMs));
  }

  async #compare(): Promise<void> {
    try {
      const reason = (await this.#tables()) ?? (await this.#more());
      if (reason !== undefined && !this.#closed) this.#options.disturbed(reason);
    } catch {
      // What cannot be read now is read the next time.
    }
  }

  /** Before seals have held once, only a table that is gone is one that somebody took. */
  async #tables(): Promise<string | undefined> {
    const { session } = this.#options;
    const { ofTables, ofFlush, content } = this.#seals();
    if (this.#sealed) {
      const seals = [...ofTables, ...ofFlush, ...this.#turn(content)];
      if ((await this.#quiet(() => session.refuses(seals))) !== false) return undefined;
      this.#sealed = false;
      return "tables are gone, or were flushed";
    }
    if ((await this.#quiet(() => session.refuses(ofTables))) === false) return "a table is gone";
    const holds = await this.#quiet(() => this.#allHold(ofTables, content));
    this.#sealed = holds === true;
    return undefined;
  }

  #seals(): Readonly<Record<"ofTables" | "ofFlush" | "content", readonly Seal[]>> {
    const { tableName, families } = this.#options.tables;
    return {
      ofTables: tableSeals(tableName, families),
      ofFlush: flushSeals(tableName, families),
      content: contentSeals(tableName, families, this.#options.machine.dataplane),
    };
  }

  /** Tables are asked for with each part: the kernel refuses them, and so carries out nothing of it. */
  async #allHold(ofTables: readonly Seal[], content: readonly Seal[]): Promise<boolean> {
    for (let at = 0; at < content.length; at += limits.sealsAtOnceMax) {
      const some = content.slice(at, at + limits.sealsAtOnceMax);
      if (!(await this.#options.session.refuses([...ofTables, ...some]))) return false;
    }
    return true;
  }

  /** As many as are asked for at once; the next look goes on after them. */
  #turn(seals: readonly Seal[]): readonly Seal[] {
    if (seals.length <= limits.sealsPerLookMax) return seals;
    const start = this.#turnStart % seals.length;
    this.#turnStart = start + limits.sealsPerLookMax;
    return [...seals.slice(start), ...seals.slice(0, start)].slice(0, limits.sealsPerLookMax);
  }

  async #more(): Promise<string | undefined> {
    const nowMs = this.#options.clock.monoMs();
    if (nowMs < this.#compareDueMs) return undefined;
    this.#compareDueMs = nowMs + this.#comparePauseMs();
    return (await this.#routes()) ?? (await this.#text()) ?? this.#elements();
  }

  /** Reads and judges only when nothing was changed between the two. */
  async #quiet<T>(read: () => Promise<T>): Promise<T | undefined> {
    const { machine, isBusy } = this.#options;
    const before = machine.roundCount;
    if (this.#closed || isBusy()) return undefined;
    const value = await read();
    return isBusy() || machine.roundCount !== before ? undefined : value;
  }

  async #routes(): Promise<string | undefined> {
    const { kernelRoutes, machine } = this.#options;
    const present = await this.#quiet(() => kernelRoutes.look());
    if (present === undefined) return undefined;
    const isWhole = kernelRoutes.isWhole(present, machine.dataplane.ownedAddresses());
    return isWhole ? undefined : "routes are missing";
  }

  /** A text that does not last is made anew less and less often: no repair is without end at full pace. */
  async #text(): Promise<string | undefined> {
    const { text, machine, compareMs } = this.#options;
    const read = await this.#quiet(() => text.read());
    if (read === undefined) return undefined;
    if (text.isAsMade(read, machine.dataplane)) {
      this.#changedInARow = 0;
      return undefined;
    }
    const nowMs = this.#options.clock.monoMs();
    if (nowMs < this.#textDueMs) return undefined;
    const pauseMs = compareMs * Math.min(2 ** this.#changedInARow, limits.comparePausesMax);
    this.#changedInARow += 1;
    this.#textDueMs = nowMs + pauseMs;
    const reason = "chains, rules or maps are not as they were made";
    if (this.#changedInARow === 1) return reason;
    return `${reason}, again; the next time in ${String(Math.ceil(pauseMs / 1000))} s`;
  }

  async #elements(): Promise<string | undefined> {
    const startMs = this.#options.clock.monoMs();
    if (startMs < this.#elementsDueMs) return undefined;
    const { reader, tables, machine } = this.#options;
    const holds = await this.#quiet(() => holdsElements(reader, tables, machine.dataplane));
    const tookMs = this.#options.clock.monoMs() - startMs;
    this.#elementsDueMs = this.#options.clock.monoMs() + tookMs * limits.compareShareMax;
    return holds === false ? "elements are missing or others" : undefined;
  }
}
