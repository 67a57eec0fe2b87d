/** Upper bounds in seconds, as dcos-net has them. */
const boundsSeconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** How long something took, counted by bounds. */
export class Histogram {
  readonly #counts = boundsSeconds.map(() => 0);
  #count = 0;
  #sumSeconds = 0;

  observe(ms: number): void {
    const seconds = ms / 1000;
    this.#count += 1;
    this.#sumSeconds += seconds;
    for (const [index, bound] of boundsSeconds.entries()) {
      if (seconds <= bound) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    }
  }

  /** Lines of Prometheus; `labels` without braces. */
  format(name: string, labels: string): string {
    const lines = boundsSeconds.map(
      (bound, index) => `${name}_bucket{${labels},le="${bound}"} ${this.#counts[index] ?? 0}\n`,
    );
    lines.push(`${name}_bucket{${labels},le="+Inf"} ${this.#count}\n`);
    lines.push(`${name}_sum{${labels}} ${this.#sumSeconds}\n`);
    lines.push(`${name}_count{${labels}} ${this.#count}\n`);
    return lines.join("");
  }
}
