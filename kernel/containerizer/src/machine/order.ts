import { Fault } from "@tutti/base";

/** Runs what concerns one container one after another, in the order asked. */
export class Serial {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(containerId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(containerId) ?? Promise.resolve();
    const result = before.then(work, work);
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(containerId, tail);
    void tail.then(() => {
      if (this.#tails.get(containerId) === tail) this.#tails.delete(containerId);
    });
    return result;
  }
}

/** Lets at most `slots` pieces of work run at the same time; the others wait in order, up to `queueMax`. */
export class Slots {
  #free: number;
  readonly #queueMax: number;
  readonly #queue: (() => void)[] = [];

  constructor(options: { readonly slots: number; readonly queueMax: number }) {
    this.#free = options.slots;
    this.#queueMax = options.queueMax;
  }

  /** Throws a `Fault` BUSY when the queue is full. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else {
      if (this.#queue.length >= this.#queueMax)
        throw new Fault("BUSY", "too many container operations wait already", { retryable: true });
      await new Promise<void>((resolve) => {
        this.#queue.push(resolve);
      });
    }
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
