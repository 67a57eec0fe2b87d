/** What one run of something took. */
export interface Taken {
  readonly wallMs: number;
  /** User and system time of the process meanwhile, the collector's threads included. */
  readonly cpuMs: number;
}

/** Runs `work` once and says what it took. */
export function timed(work: () => void): Taken {
  const cpu = process.cpuUsage();
  const start = performance.now();
  work();
  const wallMs = performance.now() - start;
  const used = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (used.user + used.system) / 1000 };
}

/** The middle one of the samples; the lower of the two of an even number. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted[Math.ceil(sorted.length / 2) - 1];
  if (middle === undefined) throw new Error("no samples");
  return middle;
}

/** A number with as many digits as say something: `1,234`, `56.7`, `0.12`. */
export function readable(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

/** A whole number as it is counted: `50`, `1,234`. */
export function counted(count: number): string {
  return count.toLocaleString("en-US");
}

/** `12.3 ms (11.9–14.0)`: the median and the spread of the samples. */
export function medianAndSpread(samples: readonly number[], unit: string): string {
  const least = readable(Math.min(...samples));
  const most = readable(Math.max(...samples));
  return `${readable(median(samples))} ${unit} (${least}–${most})`;
}

/** The same of wall and processor time: `12.3 ms (11.9–14.0), cpu 13.0 ms (12.5–14.8)`. */
export function takenText(runs: readonly Taken[]): string {
  const wall = medianAndSpread(
    runs.map((run) => run.wallMs),
    "ms",
  );
  const cpu = medianAndSpread(
    runs.map((run) => run.cpuMs),
    "ms",
  );
  return `${wall}, cpu ${cpu}`;
}
