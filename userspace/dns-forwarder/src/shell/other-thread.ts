import { Worker } from "node:worker_threads";
import type { Responder } from "@tutti/dns";
import type { Client, Endpoint } from "@tutti/dns-sockets";
import type { FromThread, ThreadBeginning, ToThread } from "./thread-messages.ts";

export interface OtherThreadOptions {
  readonly responder: Responder;
  /** Deals with a query that is in no zone; the responder has just read it. */
  readonly handBack: (query: Uint8Array, client: Client) => void;
  readonly endpoints: () => readonly Endpoint[];
  /** The thread has ended by itself; `error`: what it died of. */
  readonly ended?: (error?: Error) => void;
}

/** A thread that answers beside the first. It costs some 10 MB, so it is begun when it is needed. */
export class OtherThread {
  readonly #options: OtherThreadOptions;
  readonly #counts: Float64Array<SharedArrayBuffer>;
  #worker: Worker | undefined;
  #serving: Promise<void> | undefined;
  #isServing = false;

  constructor(options: OtherThreadOptions) {
    this.#options = options;
    const { length } = options.responder.tallies;
    const memory = new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT);
    this.#counts = new Float64Array(memory);
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
        if (message.type !== "serving") {
          this.#answer(worker, message);
          return;
        }
        this.#isServing = true;
        resolve();
      });
      let error: Error | undefined;
      worker.on("error", (cause: unknown) => {
        error = cause instanceof Error ? cause : new Error(String(cause));
      });
      worker.on("exit", () => {
        const isClosed = this.#worker === undefined;
        this.#worker = undefined;
        this.#isServing = false;
        resolve();
        if (!isClosed) this.#options.ended?.(error);
      });
    });
    return this.#serving;
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  /** Queries that the thread has answered by itself, of the zone at this position. */
  countOf(zone: number): number {
    return this.#counts[zone] ?? 0;
  }

  async close(): Promise<void> {
    this.#serving ??= Promise.resolve();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
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
