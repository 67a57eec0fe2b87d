import { TestCluster } from "@tutti/e2e";
import { percentile, type BenchReport } from "./measure.ts";
import { median, medianAndSpread } from "./medians.ts";

const runs = 5;
const launchesOfRun = 100;
const launches = runs * launchesOfRun;
const p99MaxMs = 300;

/** `POST /v2/apps` → TASK_RUNNING on `/v2/events`, one app at a time on an idle cluster. */
export async function benchPostToRunning(): Promise<BenchReport> {
  const cluster = await TestCluster.start(["--no-sample"]);
  const events = new EventFeed(`${cluster.marathonUrl}/v2/events?event_type=status_update_event`);
  try {
    await events.open();
    const samples: number[] = [];
    for (let i = 0; i < launches; i++) {
      const id = `/bench/app-${String(i)}`;
      const running = events.next((e) => e["appId"] === id && e["taskStatus"] === "TASK_RUNNING");
      const start = performance.now();
      const answer = await cluster.marathon("POST", "/v2/apps", {
        id,
        cmd: "sleep 1000",
        cpus: 0.1,
        mem: 32,
      });
      if (answer.status !== 201)
        throw new Error(`POST answered ${String(answer.status)}: ${JSON.stringify(answer.body)}`);
      const seen = await running;
      samples.push(seen - start);
      const gone = events.next((e) => e["appId"] === id && e["taskStatus"] === "TASK_KILLED");
      await cluster.marathon("DELETE", `/v2/apps${id}?force=true`);
      await gone;
    }
    const ofRuns = (share: number): readonly number[] =>
      Array.from({ length: runs }, (_, run) =>
        percentile(samples.slice(run * launchesOfRun, (run + 1) * launchesOfRun), share),
      );
    const p99s = ofRuns(0.99);
    return {
      title: "`POST /v2/apps` → RUNNING",
      method: `Start of the request → status event on /v2/events, \`sleep 1000\` with 0.1 cpu and 32 MB as a container, ${String(launches)} times one after another, in ${String(runs)} runs of ${String(launchesOfRun)}: median and spread of their percentiles; the slowest of all.`,
      figures: [
        {
          name: "container",
          target: `p99 ≤ ${String(p99MaxMs)} ms`,
          measured: `p50 ${medianAndSpread(ofRuns(0.5), "ms")}, p99 ${medianAndSpread(p99s, "ms")}, slowest ${Math.max(...samples).toFixed(0)} ms`,
          reached: median(p99s) <= p99MaxMs,
        },
      ],
    };
  } finally {
    events.close();
    await cluster.down();
  }
}

type EventBody = Readonly<Record<string, unknown>>;

/** A listener on `/v2/events` that resolves waiters as matching events arrive. */
class EventFeed {
  readonly #url: string;
  readonly #abort = new AbortController();
  readonly #waiting = new Set<{
    match: (e: EventBody) => boolean;
    found: (atMs: number) => void;
  }>();

  constructor(url: string) {
    this.#url = url;
  }

  async open(): Promise<void> {
    const response = await fetch(this.#url, {
      headers: { accept: "text/event-stream" },
      signal: this.#abort.signal,
    });
    if (response.body === null) throw new Error("no event stream");
    void this.#pump(response.body).catch(() => undefined);
  }

  async #pump(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let buffered = "";
    for await (const chunk of body) {
      const atMs = performance.now();
      buffered += decoder.decode(chunk, { stream: true });
      const lines = buffered.split(/\r?\n/);
      buffered = lines.pop() ?? "";
      for (const line of lines) {
        if (!line.startsWith("data:")) continue;
        const event = JSON.parse(line.slice(5)) as EventBody;
        for (const waiter of this.#waiting) {
          if (!waiter.match(event)) continue;
          this.#waiting.delete(waiter);
          waiter.found(atMs);
        }
      }
    }
  }

  /** The time at which the next matching event arrives; rejects after 30 s. */
  next(match: (e: EventBody) => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new Error("no such event within 30 s"));
      }, 30_000);
      const waiter = {
        match,
        found: (atMs: number) => {
          clearTimeout(timer);
          resolve(atMs);
        },
      };
      this.#waiting.add(waiter);
    });
  }

  close(): void {
    this.#abort.abort();
  }
}
