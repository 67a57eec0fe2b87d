/** Runs jobs with at most `widthMax` at the same time, beginning them in the order they were added. */
export class CallLane {
  readonly #widthMax: number;
  #jobs: (() => Promise<void>)[] = [];
  #running = 0;

  constructor(widthMax: number) {
    this.#widthMax = widthMax;
  }

  /** Jobs that have not begun. */
  get waiting(): number {
    return this.#jobs.length;
  }

  add(job: () => Promise<void>): void {
    this.#jobs.push(job);
    this.#pump();
  }

  /** Forgets jobs that have not begun. */
  clear(): void {
    this.#jobs = [];
  }

  #pump(): void {
    while (this.#running < this.#widthMax) {
      const job = this.#jobs.shift();
      if (job === undefined) return;
      this.#running += 1;
      void job().finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }
}
