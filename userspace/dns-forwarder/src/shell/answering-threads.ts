import { availableParallelism } from "node:os";
import { limits } from "../core/limits.ts";
import { OtherThread, type OtherThreadOptions } from "./other-thread.ts";

export interface AnsweringThreadsOptions extends OtherThreadOptions {
  /** With the first, which is always there. Absent: as many as processors, at most `limits.threadsMax`. */
  readonly threadsMax: number | undefined;
  readonly monoMs: () => number;
}

/**
 * The threads that answer beside the first. Another is begun each time the first still has more than one thread can
 * answer, so a machine that is asked little has none; and none is begun for want of a processor. When one ends, the
 * others answer what it did.
 */
export class AnsweringThreads {
  readonly #options: AnsweringThreadsOptions;
  readonly #othersMax: number;
  readonly #others: OtherThread[] = [];
  /** One at a time. */
  #beginning: Promise<void> | undefined;
  #isClosed = false;
  #messageCount = 0;
  #sinceMonoMs = 0;

  constructor(options: AnsweringThreadsOptions) {
    this.#options = options;
    const own = Math.min(availableParallelism(), limits.threadsMax);
    this.#othersMax = (options.threadsMax ?? own) - 1;
  }

  /** Told each message of the first thread; begins another when they come too fast for it. */
  count(): void {
    this.#messageCount += 1;
    if (this.#messageCount < limits.busyMessages) return;
    const isBusy = this.#options.monoMs() - this.#sinceMonoMs < limits.busyMs;
    this.#countAnew();
    if (isBusy) void this.#beginOne();
  }

  /** Begins all threads; done when they serve, or have failed. */
  async beginAll(): Promise<void> {
    while (!this.#isClosed && this.#others.length < this.#othersMax) await this.#beginOne();
  }

  /** Done when no thread is beginning. */
  async begun(): Promise<void> {
    await this.#beginning;
  }

  /** How many threads answer, with the first. */
  get size(): number {
    return 1 + this.#others.filter(({ isServing }) => isServing).length;
  }

  /** Queries that the other threads have answered by themselves, of the zone at this position. */
  countOf(zone: number): number {
    return this.#others.reduce((sum, thread) => sum + thread.countOf(zone), 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#others.map((thread) => thread.close()));
  }

  #beginOne(): Promise<void> {
    if (this.#beginning !== undefined) return this.#beginning;
    if (this.#isClosed || this.#others.length >= this.#othersMax) return Promise.resolve();
    const thread = new OtherThread(this.#options);
    this.#others.push(thread);
    this.#beginning = thread.begin().then(() => {
      this.#beginning = undefined;
      // What came before it served says nothing of what the first has to do now.
      this.#countAnew();
    });
    return this.#beginning;
  }

  #countAnew(): void {
    this.#messageCount = 0;
    this.#sinceMonoMs = this.#options.monoMs();
  }
}
