import type { MasterEffect, MasterEvent } from "@tutti/master/core";
import type { SimulatedStream, StreamHandlers } from "@tutti/testkit";
import type { OperatorDown } from "./services.ts";

type SendEffect = Extract<MasterEffect, { readonly type: "sendOperatorEvent" }>;

/** Who listens to the events for operators of one leadership. */
export class OperatorStreams {
  readonly #post: (event: MasterEvent) => void;
  readonly #streams = new Map<string, SimulatedStream<OperatorDown>>();

  constructor(post: (event: MasterEvent) => void) {
    this.#post = post;
  }

  open(subscriberId: string, stream: SimulatedStream<OperatorDown>): StreamHandlers<never> {
    this.#streams.set(subscriberId, stream);
    const principal = { type: "trusted", name: "cluster" } as const;
    this.#post({ type: "operatorSubscribed", subscriberId, principal });
    return {
      message: () => undefined,
      closed: () => {
        if (this.#streams.delete(subscriberId))
          this.#post({ type: "operatorUnsubscribed", subscriberId });
      },
    };
  }

  send({ subscriberId, event }: SendEffect): void {
    if (this.#streams.size === 0) return;
    const down = { type: "message", message: event } as const;
    if (subscriberId !== undefined) this.#streams.get(subscriberId)?.send(down);
    else for (const stream of this.#streams.values()) stream.send(down);
  }

  close(subscriberId: string): void {
    this.#streams.get(subscriberId)?.close();
    this.#streams.delete(subscriberId);
  }

  endAll(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }
}
