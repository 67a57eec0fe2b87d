import { availableParallelism } from "node:os";
import { limits } from "../core/limits.ts";
import { OtherThread, type OtherThreadOptions } from "./other-thread.ts";

export interface AnsweringThreadsOptions extends Omit<OtherThreadOptions, "ended"> {
  /** With the first, which is always there. Absent: as many as processors, at most `limits.threadsMax`. */
  readonly threadsMax: number | undefined;
  readonly monoMs: () => number;
  /** A line for the log. */
  readonly report: (line: string) => void;
}

/**
 * The threads that answer beside the first. Another is begun each time the first still has more than one thread can
 * answer, so a machine that is asked little has none; and none is begun for want of a processor. When one ends, the
 * others answer what it did, and another may take its place.
 */
export class AnsweringThreads {
  readonly #options: AnsweringThreadsOptions;
  readonly #othersMax: number;
  readonly #others: OtherThread[] = [];
  /** One at a time. */
  #beginning: Promise<void> | undefined;
  #isClosed = false;
  /** What threads have answered that have ended, by the position of the zone. */
  readonly #endedCounts: number[] = [];
  #lastProblem = "";
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
    for (let left = this.#othersMax; left > 0; left -= 1) await this.#beginOne();
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
    const ended = this.#endedCounts[zone] ?? 0;
    return this.#others.reduce((sum, thread) => sum + thread.countOf(zone), ended);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#others.map((thread) => thread.close()));
  }

  #beginOne(): Promise<void> {
    if (this.#beginning !== undefined) return this.#beginning;
    if (this.#isClosed || this.#others.length >= this.#othersMax) return Promise.resolve();
    const thread: OtherThread = new OtherThread({
      ...this.#options,
      ended: (error) => this.#ended(thread, error),
    });
    this.#others.push(thread);
    this.#beginning = thread.begin().then(() => {
      this.#beginning = undefined;
      // What came before it served says nothing of what the first has to do now.
      this.#countAnew();
    });
    return this.#beginning;
  }

  #ended(thread: OtherThread, error: Error | undefined): void {
    this.#others.splice(this.#others.indexOf(thread), 1);
    for (const zone of this.#options.responder.tallies.keys())
      this.#endedCounts[zone] = (this.#endedCounts[zone] ?? 0) + thread.countOf(zone);
    const problem = error?.message ?? "it ended by itself";
    if (problem !== this.#lastProblem) this.#options.report(`dns: a thread has ended: ${problem}`);
    this.#lastProblem = problem;
  }

  #countAnew(): void {
    this.#messageCount = 0;
    this.#sinceMonoMs = this.#options.monoMs();
  }
}
