import type { SchedulerCall } from "@tutti/mesos-v1";
import type { StreamEnd, SubscriptionEvent } from "@tutti/sdk/core";
import type { SimulatedNode, SimulatedStream } from "@tutti/testkit";
import { schedulerCalls, schedulerStream } from "./services.ts";
import type { PlainAnswer } from "./services.ts";
import { nodeOfUrl } from "./site.ts";
import type { Site } from "./site.ts";

const acknowledgementsInFlightMax = 16;

/** Calls that wait for their turn. */
class Lane {
  readonly #widthMax: number;
  #waiting: (() => void)[] = [];
  /** Index of the next in `#waiting`. */
  #next = 0;
  #running = 0;

  constructor(widthMax: number) {
    this.#widthMax = widthMax;
  }

  add(run: () => void): void {
    this.#waiting.push(run);
    this.#pump();
  }

  done(): void {
    this.#running -= 1;
    this.#pump();
  }

  #pump(): void {
    while (this.#running < this.#widthMax) {
      const run = this.#waiting[this.#next];
      if (run === undefined) return;
      this.#next += 1;
      if (this.#next === this.#waiting.length) {
        this.#waiting = [];
        this.#next = 0;
      }
      this.#running += 1;
      run();
    }
  }
}

/** One attempt of a scheduler client: a stream from one master, and the calls sent on it. */
export class SchedulerConnection {
  readonly attempt: number;
  readonly #site: Site;
  readonly #node: SimulatedNode;
  readonly #url: string;
  readonly #post: (event: SubscriptionEvent) => void;
  readonly #ordered = new Lane(1);
  readonly #acknowledgements = new Lane(acknowledgementsInFlightMax);
  #stream: SimulatedStream<never> | undefined;
  #isClosed = false;

  constructor(
    site: Site,
    node: SimulatedNode,
    dial: { readonly attempt: number; readonly url: string },
    post: (event: SubscriptionEvent) => void,
  ) {
    this.attempt = dial.attempt;
    this.#url = dial.url;
    this.#site = site;
    this.#node = node;
    this.#post = post;
  }

  open(subscribe: SchedulerCall): void {
    const { attempt } = this;
    const call = this.#site.codec.schedulerCall(subscribe);
    const target = nodeOfUrl(this.#url);
    const stream = this.#site.network.connect(this.#node, target, schedulerStream, call, {
      message: (down) => {
        if (down.type === "opened") {
          this.#report({ type: "opened", attempt, streamId: down.streamId });
        } else if (down.type === "event") {
          this.#report({ type: "received", attempt, event: down.event });
        } else {
          stream.close();
          this.#report({ type: "ended", attempt, end: endOf(down.answer) });
        }
      },
      closed: () => {
        const reason = `${this.#url} ended the stream`;
        this.#report({ type: "ended", attempt, end: { type: "fault", reason } });
      },
    });
    this.#stream = stream;
  }

  send(call: SchedulerCall, streamId: string): void {
    const lane = call.type === "ACKNOWLEDGE" ? this.#acknowledgements : this.#ordered;
    lane.add(() => this.#call(call, streamId, lane));
  }

  close(): void {
    this.#isClosed = true;
    this.#stream?.close();
  }

  #call(call: SchedulerCall, streamId: string, lane: Lane): void {
    if (this.#isClosed) return;
    const request = { streamId, call: this.#site.codec.schedulerCall(call) };
    const target = nodeOfUrl(this.#url);
    this.#site.network.call(this.#node, target, schedulerCalls, request, (outcome) => {
      const failure: StreamEnd | undefined =
        outcome.type === "failed" ? { type: "fault", reason: outcome.code } : endOf(outcome.answer);
      if (failure !== undefined && !isSuccess(failure)) {
        this.#report({ type: "callFailed", attempt: this.attempt, call, failure });
      }
      lane.done();
    });
  }

  #report(event: SubscriptionEvent): void {
    if (!this.#isClosed) this.#post(event);
  }
}

function isSuccess(end: StreamEnd): boolean {
  return end.type === "refused" && end.status >= 200 && end.status <= 299;
}

function endOf({ status, text, location }: PlainAnswer): StreamEnd {
  return location === undefined
    ? { type: "refused", status, text }
    : { type: "redirected", url: location };
}
