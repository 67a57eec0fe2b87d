/** The numbers of the agents that the next round looks at: single ones, or all. */
export class DueAgents {
  /** One byte for each agent number. */
  #due = new Uint8Array(64);
  #isAll = false;

  add(number: number): void {
    if (number >= this.#due.length) {
      const grown = new Uint8Array(Math.max(number + 1, this.#due.length * 2));
      grown.set(this.#due);
      this.#due = grown;
    }
    this.#due[number] = 1;
  }

  /** Every agent is due, also those that come, until `endAll`. */
  addAll(): void {
    this.#isAll = true;
  }

  has(number: number): boolean {
    return this.#isAll || this.#due[number] === 1;
  }

  /** The agent is not due by itself any more. */
  delete(number: number): void {
    this.#due[number] = 0;
  }

  /** Ends what `addAll` began; single agents that are due stay so. */
  endAll(): void {
    this.#isAll = false;
  }
}
