import type { StreamWriter } from "@tutti/http";
import type { PublishedEvent } from "@tutti/marathon-v2";
import type { Clock } from "@tutti/ports";
import { limits } from "./limits.ts";

/** What a reader of the event stream asked for. */
export interface EventFilter {
  /** Empty: all. */
  readonly types: ReadonlySet<string>;
  /** Plans without the apps before and after. */
  readonly lightPlans: boolean;
}

interface Reader {
  readonly writer: StreamWriter;
  readonly filter: EventFilter;
}

/**
 * Hands events to those who read `/v2/events`. An event is encoded once, and only in the forms that somebody
 * reads; all readers share its bytes. A reader that is too slow is cut by the server's bound, which hurts
 * nobody else; while nobody reads, nothing is done.
 */
export class EventHub {
  readonly #clock: Clock;
  readonly #readers = new Set<Reader>();
  #cancelHeartbeat: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Adds a reader until its connection ends; then `detached` is called. */
  attach(writer: StreamWriter, filter: EventFilter, detached: () => void): void {
    const reader = { writer, filter };
    this.#readers.add(reader);
    writer.closed.addEventListener(
      "abort",
      () => {
        this.#readers.delete(reader);
        if (this.#readers.size === 0) this.#stopHeartbeat();
        detached();
      },
      { once: true },
    );
    if (this.#cancelHeartbeat === undefined) this.#armHeartbeat();
  }

  publish(event: PublishedEvent): void {
    let full: Uint8Array | undefined;
    let light: Uint8Array | undefined;
    for (const { writer, filter } of this.#readers) {
      if (filter.types.size > 0 && !filter.types.has(event.eventType)) continue;
      if (filter.lightPlans && "plan" in event) {
        light ??= frameOf(withLightPlan(event));
        writer.write(light);
      } else {
        full ??= frameOf(event);
        writer.write(full);
      }
    }
  }

  stop(): void {
    this.#stopHeartbeat();
    for (const { writer } of this.#readers) writer.end();
    this.#readers.clear();
  }

  #armHeartbeat(): void {
    this.#cancelHeartbeat = this.#clock.after(limits.eventHeartbeatMs, () => {
      for (const { writer } of this.#readers) writer.write(heartbeat);
      this.#armHeartbeat();
    });
  }

  #stopHeartbeat(): void {
    this.#cancelHeartbeat?.();
    this.#cancelHeartbeat = undefined;
  }
}

const heartbeat = Buffer.from(": heartbeat\n\n");

function frameOf(event: object & { readonly eventType: string }): Uint8Array {
  return Buffer.from(`event: ${event.eventType}\ndata: ${JSON.stringify(event)}\n\n`);
}

function withLightPlan(event: Extract<PublishedEvent, { readonly plan: unknown }>): {
  readonly eventType: string;
  readonly plan: object;
} {
  const { id, steps, version } = event.plan;
  return { ...event, plan: { id, steps, version } };
}
