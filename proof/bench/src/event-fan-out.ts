import { connect } from "node:net";
import type { Socket } from "node:net";
import { TestCluster } from "@tutti/e2e";
import { percentile, type BenchReport } from "./measure.ts";
import { median, medianAndSpread } from "./medians.ts";

const listenerCount = 500;
const runs = 5;
const eventsOfRun = 30;
const events = runs * eventsOfRun;
const targetMs = 50;
const eventWaitMs = 10_000;

/** When an event came to its listeners, from the request that caused it. */
interface Arrival {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** One app event on Marathon's `/v2/events` to 500 listeners. */
export async function benchEventFanOut(): Promise<BenchReport> {
  const cluster = await TestCluster.start(["--no-sample"]);
  const crowd = new Crowd();
  try {
    await crowd.listen(cluster.marathonUrl);
    const arrivals: Arrival[] = [];
    for (let number = 0; number < events; number += 1) {
      const id = `/fan-out-${String(number)}`;
      const arrived = crowd.next(`"id":"${id}"`);
      const beganMs = performance.now();
      const app = { id, cmd: "true", instances: 0 };
      const answer = await cluster.marathon("POST", "/v2/apps", app);
      if (answer.status !== 201) throw new Error(`POST answered ${String(answer.status)}`);
      const times = await arrived;
      arrivals.push({
        firstMs: Math.min(...times) - beganMs,
        lastMs: Math.max(...times) - beganMs,
      });
    }
    const spread = arrivals.map(({ firstMs, lastMs }) => lastMs - firstMs);
    const whole = arrivals.map(({ lastMs }) => lastMs);
    return {
      title: "One event to 500 listeners",
      method: `\`POST /v2/apps\` of an app with no instances, ${String(events)} times one after another, in ${String(runs)} runs of ${String(eventsOfRun)}; its api_post_event at ${String(listenerCount)} connections to /v2/events, all of them in the client's one process on the same processors. From the first listener that has it to the last; and from the request, which includes making the app durable, to the last. Median and spread of the percentiles of the runs; the slowest of all.`,
      figures: [figure("first listener → last", spread), figure("request → last listener", whole)],
    };
  } finally {
    crowd.leave();
    await cluster.down();
  }
}

function figure(name: string, samples: readonly number[]): BenchReport["figures"][number] {
  const ofRuns = (share: number): readonly number[] =>
    Array.from({ length: runs }, (_, run) =>
      percentile(samples.slice(run * eventsOfRun, (run + 1) * eventsOfRun), share),
    );
  const p90s = ofRuns(0.9);
  return {
    name,
    target: `p90 ≤ ${String(targetMs)} ms`,
    measured: `p50 ${medianAndSpread(ofRuns(0.5), "ms")}, p90 ${medianAndSpread(p90s, "ms")}, slowest ${Math.max(...samples).toFixed(0)} ms`,
    reached: median(p90s) <= targetMs,
  };
}

/** Many connections that listen for one text at a time. */
class Crowd {
  readonly #sockets: Socket[] = [];
  #wanted: Buffer = Buffer.alloc(0);
  #times: number[] = [];
  #done: (times: readonly number[]) => void = () => undefined;

  /** Resolves when all have the head of their stream. */
  async listen(url: string): Promise<void> {
    const { hostname, port } = new URL(url);
    const head = `GET /v2/events?event_type=api_post_event HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\n\r\n`;
    for (let count = 0; count < listenerCount; count += 1) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => socket.write(head));
        this.#sockets.push(socket);
        socket.once("error", reject);
        socket.once("data", () => {
          socket.on("data", (chunk: Buffer) => this.#take(chunk));
          resolve();
        });
      });
    }
  }

  /** When each of them has read `text`, which is next. */
  next(text: string): Promise<readonly number[]> {
    this.#wanted = Buffer.from(text);
    this.#times = [];
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${String(this.#times.length)} listeners have read ${text}`)),
        eventWaitMs,
      );
      this.#done = (times) => {
        clearTimeout(timer);
        resolve(times);
      };
    });
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (!chunk.includes(this.#wanted)) return;
    this.#times.push(performance.now());
    if (this.#times.length === this.#sockets.length) this.#done(this.#times);
  }
}
