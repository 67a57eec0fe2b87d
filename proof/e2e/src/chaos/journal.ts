/** What happened, with its time in seconds since the start, and how often each kind of thing happened. */
export class ChaosJournal {
  readonly #begunMs = performance.now();
  readonly #print: (line: string) => void;
  readonly #counts = new Map<string, number>();
  readonly lines: string[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get elapsedMs(): number {
    return performance.now() - this.#begunMs;
  }

  note(text: string): void {
    const line = `${(this.elapsedMs / 1000).toFixed(1).padStart(7)} s  ${text}`;
    this.lines.push(line);
    this.#print(line);
  }

  /** Notes it and counts it under `kind`. */
  count(kind: string, text: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.note(text);
  }

  counted(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** `12 created, 30 scaled …`, most frequent first. */
  summary(): string {
    return [...this.#counts]
      .toSorted(([, a], [, b]) => b - a)
      .map(([kind, count]) => `${String(count)} ${kind}`)
      .join(", ");
  }
}
