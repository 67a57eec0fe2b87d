import { assertNever } from "@tutti/base";
import type { HttpReply } from "@tutti/http";
import { textReply } from "@tutti/http";
import type { StreamId } from "@tutti/ids";
import { messages } from "@tutti/mesos-v1";
import type { Codec, MasterEvent as OperatorEvent } from "@tutti/mesos-v1";
import type { MasterEffect, MasterEvent } from "../core/events.ts";
import type { MasterLog } from "./log.ts";
import { formatMasterEnvelope } from "./node-messages.ts";
import { RecordOut } from "./record-out.ts";
import { refusalReply } from "./refusal-replies.ts";

/** A scheduler's stream, from its SUBSCRIBE on. */
interface Subscription {
  readonly out: RecordOut;
  readonly codec: Codec;
  /** Present once the core has opened it. */
  streamId?: StreamId;
}

interface WaitingRequest {
  readonly answer: (reply: HttpReply) => void;
  readonly subscription?: Subscription;
}

interface OperatorStream {
  readonly out: RecordOut;
  readonly codec: Codec;
}

const postReplies = {
  accepted: { status: 202 },
  gone: textReply(410, "410 Gone. This session is over; dial again."),
  unauthorised: textReply(401, "401 Unauthorized. An agent needs the cluster's secret."),
} as const satisfies Readonly<Record<string, HttpReply>>;

/** What else the core may ask for. */
export interface ConnectionsSite {
  readonly log: MasterLog;
  /** An agent knows a later leader. */
  readonly doubt: () => void;
}

/** The requests and streams of one leadership, by the ids under which the core knows them. */
export class Connections {
  readonly #post: (event: MasterEvent) => void;
  readonly #site: ConnectionsSite;
  readonly #requests = new Map<string, WaitingRequest>();
  readonly #schedulers = new Map<StreamId, Subscription>();
  readonly #agents = new Map<string, RecordOut>();
  readonly #operators = new Map<string, OperatorStream>();
  #nextNumber = 0;

  constructor(post: (event: MasterEvent) => void, site: ConnectionsSite) {
    this.#post = post;
    this.#site = site;
  }

  /** Hands in an event that is answered by one effect with its request's id. */
  request(makeEvent: (requestId: string) => MasterEvent): Promise<HttpReply> {
    const requestId = this.#newId("r");
    return new Promise((answer) => {
      this.#requests.set(requestId, { answer });
      this.#post(makeEvent(requestId));
    });
  }

  /** A SUBSCRIBE of a scheduler: answered by a stream, or refused. */
  subscribe(
    codec: Codec,
    signal: AbortSignal,
    makeEvent: (requestId: string) => MasterEvent,
  ): Promise<HttpReply> {
    const requestId = this.#newId("r");
    return new Promise((answer) => {
      const out = new RecordOut(() => this.#schedulerGone(requestId, subscription));
      const subscription: Subscription = { out, codec };
      this.#requests.set(requestId, { answer, subscription });
      signal.addEventListener("abort", () => out.gone(), { once: true });
      this.#post(makeEvent(requestId));
    });
  }

  /** An agent's stream: open at once, the core says the first word on it. */
  openAgent(signal: AbortSignal, makeEvent: (connectionId: string) => MasterEvent): HttpReply {
    const connectionId = this.#newId("a");
    const out = new RecordOut(() => {
      this.#agents.delete(connectionId);
      this.#post({ type: "agentDisconnected", connectionId });
    });
    this.#agents.set(connectionId, out);
    signal.addEventListener("abort", () => out.gone(), { once: true });
    this.#post(makeEvent(connectionId));
    return out.reply({ "Content-Type": "application/json" });
  }

  /** An operator's stream of events. */
  openOperator(
    codec: Codec,
    signal: AbortSignal,
    makeEvent: (subscriberId: string) => MasterEvent,
  ): HttpReply {
    const subscriberId = this.#newId("o");
    const out = new RecordOut(() => {
      this.#operators.delete(subscriberId);
      this.#post({ type: "operatorUnsubscribed", subscriberId });
    });
    this.#operators.set(subscriberId, { out, codec });
    signal.addEventListener("abort", () => out.gone(), { once: true });
    this.#post(makeEvent(subscriberId));
    return out.reply({ "Content-Type": codec.mediaType });
  }

  /** Performs one effect of the core. */
  perform(effect: MasterEffect): void {
    if (this.#site.log.isOn("debug")) this.#site.log.line("debug", effect.type);
    switch (effect.type) {
      case "replyAccepted":
        return this.#answer(effect.requestId, { status: 202 });
      case "replyOk":
        return this.#answer(effect.requestId, { status: 200 });
      case "replyRefused":
        return this.#answer(effect.requestId, refusalReply(effect.refusal));
      case "replyAgentPost":
        return this.#answer(effect.requestId, postReplies[effect.outcome]);
      case "openSchedulerStream":
        return this.#openScheduler(effect.requestId, effect.streamId);
      case "sendSchedulerEvent": {
        const stream = this.#schedulers.get(effect.streamId);
        stream?.out.write(stream.codec.encode(messages.SchedulerEvent, effect.event));
        return;
      }
      case "closeSchedulerStream":
        return close(this.#schedulers, effect.streamId);
      case "sendAgent":
        this.#agents.get(effect.connectionId)?.write(formatMasterEnvelope(effect.envelope));
        return;
      case "closeAgent":
        this.#agents.get(effect.connectionId)?.end();
        this.#agents.delete(effect.connectionId);
        return;
      case "sendOperatorEvent":
        return this.#sendOperators(effect.subscriberId, effect.event);
      case "closeOperatorStream":
        return close(this.#operators, effect.subscriberId);
      case "doubtLeadership":
        return this.#site.doubt();
      case "log":
        return this.#site.log.tell(effect.entry);
      default:
        assertNever(effect);
    }
  }

  /** The leadership is over: requests are answered, streams ended. */
  endAll(): void {
    const reply = textReply(503, "503 Service Unavailable. This master leads no more; try again.");
    for (const { answer } of this.#requests.values()) answer(reply);
    for (const { out } of this.#schedulers.values()) out.end();
    for (const { out } of this.#operators.values()) out.end();
    for (const out of this.#agents.values()) out.end();
    this.#requests.clear();
    this.#schedulers.clear();
    this.#operators.clear();
    this.#agents.clear();
  }

  #newId(prefix: string): string {
    this.#nextNumber += 1;
    return `${prefix}${this.#nextNumber}`;
  }

  #answer(requestId: string, reply: HttpReply): void {
    this.#requests.get(requestId)?.answer(reply);
    this.#requests.delete(requestId);
  }

  #openScheduler(requestId: string, streamId: StreamId): void {
    const request = this.#requests.get(requestId);
    const subscription = request?.subscription;
    this.#requests.delete(requestId);
    if (request === undefined || subscription === undefined) {
      this.#post({ type: "schedulerStreamClosed", streamId });
      return;
    }
    subscription.streamId = streamId;
    this.#schedulers.set(streamId, subscription);
    const { mediaType } = subscription.codec;
    request.answer(
      subscription.out.reply({ "Mesos-Stream-Id": streamId, "Content-Type": mediaType }),
    );
  }

  /** The client went away: before the core opened the stream, or after. */
  #schedulerGone(requestId: string, { streamId }: Subscription): void {
    this.#requests.delete(requestId);
    if (streamId === undefined || !this.#schedulers.delete(streamId)) return;
    this.#post({ type: "schedulerStreamClosed", streamId });
  }

  #sendOperators(subscriberId: string | undefined, event: OperatorEvent): void {
    const encoded = new Map<Codec, Uint8Array>();
    const one = subscriberId === undefined ? undefined : this.#operators.get(subscriberId);
    const targets =
      subscriberId === undefined ? this.#operators.values() : one === undefined ? [] : [one];
    for (const { out, codec } of targets) {
      const bytes = encoded.get(codec) ?? codec.encode(messages.MasterEvent, event);
      encoded.set(codec, bytes);
      out.write(bytes);
    }
  }
}

function close<Id>(streams: Map<Id, { readonly out: RecordOut }>, id: Id): void {
  streams.get(id)?.out.end();
  streams.delete(id);
}
