import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Responder } from "@tutti/dns";
import type { Client, Endpoint } from "@tutti/dns-sockets";
import { limits } from "../core/limits.ts";
import type { FromThread, ThreadBeginning, ToThread } from "./thread-messages.ts";

export interface SecondThreadOptions {
  readonly responder: Responder;
  /** Deals with a query that is in no zone; the responder has just read it. */
  readonly handBack: (query: Uint8Array, client: Client) => void;
  readonly endpoints: () => readonly Endpoint[];
  readonly monoMs: () => number;
}

/**
 * A thread that answers beside this one when there is much to answer. It costs some 10 MB, so it is begun when it is first
 * needed, and not on a machine with one processor. When it ends, this thread answers alone.
 */
export class SecondThread {
  readonly #options: SecondThreadOptions;
  readonly #counts: Float64Array<SharedArrayBuffer>;
  #worker: Worker | undefined;
  #serving: Promise<void> | undefined;
  #messageCount = 0;
  #sinceMonoMs = 0;

  constructor(options: SecondThreadOptions) {
    this.#options = options;
    const { length } = options.responder.tallies;
    const memory = new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT);
    this.#counts = new Float64Array(memory);
  }

  /** Told each message of this thread; begins the other when they come too fast for one. */
  count(): void {
    this.#messageCount += 1;
    if (this.#messageCount < limits.busyMessages) return;
    const monoMs = this.#options.monoMs();
    const isBusy = monoMs - this.#sinceMonoMs < limits.busyMs;
    this.#messageCount = 0;
    this.#sinceMonoMs = monoMs;
    if (isBusy && this.#serving === undefined && availableParallelism() > 1) void this.begin();
  }

  /** Begins the thread, once; done when it serves, or has failed. */
  begin(): Promise<void> {
    this.#serving ??= new Promise((resolve) => {
      const { responder, endpoints } = this.#options;
      const beginning: ThreadBeginning = {
        endpoints: endpoints(),
        stampMemories: responder.stampTables.map((table) => table.memory),
        countMemory: this.#counts.buffer,
      };
      const worker = new Worker(new URL("./answering-thread.ts", import.meta.url), {
        workerData: beginning,
        name: "dns",
      });
      this.#worker = worker;
      worker.on("message", (message: FromThread) => {
        if (message.type === "serving") resolve();
        else this.#answer(worker, message);
      });
      const ended = (): void => {
        this.#worker = undefined;
        resolve();
      };
      worker.on("error", ended);
      worker.on("exit", ended);
    });
    return this.#serving;
  }

  get isServing(): boolean {
    return this.#worker !== undefined;
  }

  /** Queries that the thread has answered by itself, of the zone at this position. */
  countOf(zone: number): number {
    return this.#counts[zone] ?? 0;
  }

  async close(): Promise<void> {
    this.#serving ??= Promise.resolve();
    await this.#worker?.terminate();
  }

  #answer(worker: Worker, message: Extract<FromThread, { readonly type: "ask" }>): void {
    const { number, query, address } = message;
    const say = (told: ToThread): void => worker.postMessage(told);
    const fresh = this.#options.responder.respondToThread(query);
    if (fresh === undefined) say({ type: "nothing", number });
    else if (fresh === "hand back") {
      const reply = (bytes: Uint8Array): void => say({ type: "reply", number, reply: bytes });
      this.#options.handBack(query, { transport: "udp", address, reply });
    } else if (fresh instanceof Uint8Array) say({ type: "reply", number, reply: fresh });
    else say({ type: "answer", number, fresh });
  }
}
