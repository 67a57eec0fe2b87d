import { createCancellation, Fault } from "@tutti/base";
import { httpRequest, openRecordStream } from "@tutti/http";
import type { ClientResponse } from "@tutti/http";
import { messages } from "@tutti/mesos-v1";
import type { Codec, SchedulerCall } from "@tutti/mesos-v1";
import { limits } from "../core/index.ts";
import type { StreamEnd, SubscriptionEvent } from "../core/index.ts";
import { CallLane } from "./call-lane.ts";

/** What one connection is made of. */
interface ConnectionOptions {
  readonly attempt: number;
  readonly url: string;
  readonly secret: string | undefined;
  readonly codec: Codec;
  readonly post: (event: SubscriptionEvent) => void;
}

const callType = messages.SchedulerCall;
const eventType = messages.SchedulerEvent;
const path = "/api/v1/scheduler";

/**
 * One attempt: a stream from one master and the calls sent on it. Reports what happens under the attempt's
 * number; after `close` it reports nothing.
 */
export class MasterConnection {
  readonly #options: ConnectionOptions;
  readonly #cancellation = createCancellation();
  /** Calls whose order matters; acknowledgements go beside it. */
  readonly #ordered: CallLane;
  readonly #acknowledgements: CallLane;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#ordered = new CallLane(1);
    this.#acknowledgements = new CallLane(limits.acknowledgementsInFlightMax);
  }

  get attempt(): number {
    return this.#options.attempt;
  }

  open(subscribe: SchedulerCall): void {
    this.#read(subscribe).then(
      (end) => this.#report({ type: "ended", attempt: this.attempt, end }),
      (error: unknown) =>
        this.#report({ type: "ended", attempt: this.attempt, end: faultOf(error) }),
    );
  }

  send(call: SchedulerCall, streamId: string): void {
    const lane = call.type === "ACKNOWLEDGE" ? this.#acknowledgements : this.#ordered;
    if (lane.waiting >= limits.callsWaitingMax) {
      const reason = "the master takes calls too slowly";
      const end: StreamEnd = { type: "fault", reason };
      this.#report({ type: "ended", attempt: this.attempt, end });
      return;
    }
    lane.add(() => this.#send(call, streamId));
  }

  close(): void {
    this.#cancellation.cancel();
    this.#ordered.clear();
    this.#acknowledgements.clear();
  }

  #report(event: SubscriptionEvent): void {
    if (!this.#cancellation.cancellation.aborted) this.#options.post(event);
  }

  /** Reads the stream to its end. */
  async #read(subscribe: SchedulerCall): Promise<StreamEnd> {
    const { codec, url, attempt } = this.#options;
    const response = await openRecordStream({
      method: "POST",
      url: url + path,
      headers: this.#headers({ Accept: codec.mediaType }),
      body: codec.encode(callType, subscribe),
      signal: this.#cancellation.cancellation,
      timeoutMs: limits.subscribeTimeoutMs,
      idleTimeoutMs: 0,
      recordBytesMax: limits.recordBytesMax,
    });
    if (response.status !== 200) return endOf(response, url);
    const streamId = response.headers["mesos-stream-id"];
    if (streamId === undefined) {
      response.cancel();
      return { type: "fault", reason: `${url} is no master: it sent no Mesos-Stream-Id` };
    }
    this.#report({ type: "opened", attempt, streamId });
    for await (const record of response.records()) {
      const event = codec.decode(eventType, record);
      if (!event.ok) return { type: "fault", reason: `an event of ${url}: ${event.error.message}` };
      this.#report({ type: "received", attempt, event: event.value });
    }
    return { type: "fault", reason: `${url} ended the stream` };
  }

  /** Sends one call; an answer other than 2xx is reported. */
  async #send(call: SchedulerCall, streamId: string): Promise<void> {
    const failure = await this.#post(call, streamId).catch(faultOf);
    if (failure !== undefined) {
      this.#report({ type: "callFailed", attempt: this.attempt, call, failure });
    }
  }

  async #post(call: SchedulerCall, streamId: string): Promise<StreamEnd | undefined> {
    const { codec, url } = this.#options;
    const response = await httpRequest({
      method: "POST",
      url: url + path,
      headers: this.#headers({ "Mesos-Stream-Id": streamId }),
      body: codec.encode(callType, call),
      signal: this.#cancellation.cancellation,
    });
    if (response.status >= 200 && response.status <= 299) {
      await response.bytes();
      return undefined;
    }
    return endOf(response, url);
  }

  #headers(extra: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const { codec, secret } = this.#options;
    return {
      "Content-Type": codec.mediaType,
      ...(secret === undefined ? {} : { Authorization: `Bearer ${secret}` }),
      ...extra,
    };
  }
}

/** What an answer that is no success means for the stream. */
async function endOf(response: ClientResponse, url: string): Promise<StreamEnd> {
  const text = (await response.text()).slice(0, 1000);
  const location = response.headers["location"];
  if (response.status >= 300 && response.status <= 399 && location !== undefined) {
    const leader = originOf(location, url);
    if (leader !== undefined) return { type: "redirected", url: leader };
  }
  return { type: "refused", status: response.status, text };
}

/** The origin of a redirect, which a master writes as `//host:port/path`; undefined when it is no http: URL. */
function originOf(location: string, base: string): string | undefined {
  if (!URL.canParse(location, base)) return undefined;
  const url = new URL(location, base);
  return url.protocol === "http:" ? url.origin : undefined;
}

function faultOf(error: unknown): StreamEnd {
  if (!(error instanceof Fault)) throw error;
  return { type: "fault", reason: error.message };
}
