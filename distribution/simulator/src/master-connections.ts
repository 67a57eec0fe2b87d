import { assertNever } from "@tutti/base";
import type { StreamId } from "@tutti/ids";
import type { MasterEffect, MasterEvent, MasterRefusalCode } from "@tutti/master/core";
import type { MasterCall, SchedulerCall } from "@tutti/mesos-v1";
import type { AgentHello, AgentPost } from "@tutti/node-v1";
import type { SimulatedStream, StreamHandlers } from "@tutti/testkit";
import { OperatorStreams } from "./names/operator-streams.ts";
import type { OperatorDown } from "./names/services.ts";
import type { AgentDown, PlainAnswer, SchedulerDown } from "./services.ts";
import type { Site } from "./site.ts";

const trusted = { type: "trusted", name: "cluster" } as const;

const statusOf: Readonly<Record<MasterRefusalCode, number>> = {
  INVALID_CALL: 400,
  UNAUTHORISED: 401,
  FRAMEWORK_UNKNOWN: 400,
  FRAMEWORK_NOT_SUBSCRIBED: 403,
  STREAM_ID_UNEXPECTED: 400,
  STREAM_ID_MISSING: 400,
  STREAM_ID_MISMATCH: 400,
  UPDATE_INVALID: 400,
  WEIGHTS_INVALID: 400,
  QUOTA_INVALID: 400,
  QUOTA_OVERCOMMITS: 409,
  AGENT_UNKNOWN: 400,
  AGENT_STATE_WRONG: 400,
  NOT_SUPPORTED: 501,
};

const postStatusOf = { accepted: 202, gone: 410, unauthorised: 401 } as const;

interface SchedulerEnd {
  readonly stream: SimulatedStream<SchedulerDown>;
  streamId?: StreamId;
}

/** The requests and streams of one leadership, by the ids under which the core knows them. */
export class MasterConnections {
  readonly #site: Site;
  readonly #post: (event: MasterEvent) => void;
  readonly #doubt: () => void;
  readonly #requests = new Map<string, (answer: PlainAnswer) => void>();
  readonly #subscribing = new Map<string, SchedulerEnd>();
  readonly #schedulers = new Map<StreamId, SchedulerEnd>();
  readonly #agents = new Map<string, SimulatedStream<AgentDown>>();
  readonly #operators: OperatorStreams;
  #nextNumber = 0;

  constructor(site: Site, post: (event: MasterEvent) => void, doubt: () => void) {
    this.#site = site;
    this.#post = post;
    this.#doubt = doubt;
    this.#operators = new OperatorStreams(post);
  }

  /** Somebody subscribes to the events for operators. */
  watch(stream: SimulatedStream<OperatorDown>): StreamHandlers<never> {
    return this.#operators.open(this.#newId("o"), stream);
  }

  subscribe(
    call: SchedulerCall,
    stream: SimulatedStream<SchedulerDown>,
    from: string,
  ): StreamHandlers<never> {
    const requestId = this.#newId("r");
    const end: SchedulerEnd = { stream };
    this.#subscribing.set(requestId, end);
    this.#post({
      type: "schedulerCall",
      requestId,
      principal: trusted,
      call,
      remoteAddress: `${from}:0`,
    });
    return { message: () => undefined, closed: () => this.#schedulerGone(requestId, end) };
  }

  call(
    request: { readonly streamId: string; readonly call: SchedulerCall },
    reply: (answer: PlainAnswer) => void,
    from: string,
  ): void {
    const requestId = this.#request(reply);
    const { streamId, call } = request;
    const remoteAddress = `${from}:0`;
    const principal = trusted;
    this.#post({ type: "schedulerCall", requestId, principal, call, streamId, remoteAddress });
  }

  operate(call: MasterCall, reply: (answer: PlainAnswer) => void): void {
    const requestId = this.#request(reply);
    this.#post({ type: "operatorCall", requestId, principal: trusted, call });
  }

  openAgent(hello: AgentHello, stream: SimulatedStream<AgentDown>): StreamHandlers<never> {
    const connectionId = this.#newId("a");
    this.#agents.set(connectionId, stream);
    this.#post({ type: "agentHello", connectionId, principal: trusted, hello });
    return {
      message: () => undefined,
      closed: () => {
        if (this.#agents.delete(connectionId))
          this.#post({ type: "agentDisconnected", connectionId });
      },
    };
  }

  takePost(
    request: { readonly sessionId: string; readonly post: AgentPost },
    reply: (answer: PlainAnswer) => void,
  ): void {
    const requestId = this.#request(reply);
    this.#post({ type: "agentPost", requestId, principal: trusted, ...request });
  }

  /** Performs one effect of the core. */
  perform(effect: MasterEffect): void {
    switch (effect.type) {
      case "replyAccepted":
        return this.#answer(effect.requestId, { status: 202, text: "" });
      case "replyOk":
        return this.#answer(effect.requestId, { status: 200, text: "" });
      case "replyRefused": {
        const { code, message } = effect.refusal;
        return this.#answer(effect.requestId, { status: statusOf[code], text: message });
      }
      case "replyAgentPost":
        return this.#answer(effect.requestId, { status: postStatusOf[effect.outcome], text: "" });
      case "openSchedulerStream":
        return this.#openScheduler(effect.requestId, effect.streamId);
      case "sendSchedulerEvent": {
        const event = this.#site.codec.schedulerEvent(effect.event);
        this.#schedulers.get(effect.streamId)?.stream.send({ type: "event", event });
        return;
      }
      case "closeSchedulerStream":
        this.#schedulers.get(effect.streamId)?.stream.close();
        this.#schedulers.delete(effect.streamId);
        return;
      case "sendAgent": {
        const envelope = this.#site.codec.masterEnvelope(effect.envelope);
        this.#agents.get(effect.connectionId)?.send({ type: "envelope", envelope });
        return;
      }
      case "closeAgent":
        this.#agents.get(effect.connectionId)?.close();
        this.#agents.delete(effect.connectionId);
        return;
      case "sendOperatorEvent":
        return this.#operators.send(effect);
      case "closeOperatorStream":
        return this.#operators.close(effect.subscriberId);
      case "log":
        return;
      case "doubtLeadership":
        return this.#doubt();
      default:
        assertNever(effect);
    }
  }

  /** The leadership is over: requests are answered, streams ended. */
  endAll(): void {
    const answer = { status: 503, text: "This master leads no more; try again." };
    for (const reply of this.#requests.values()) reply(answer);
    for (const { stream } of this.#subscribing.values()) {
      stream.send({ type: "refused", answer });
      stream.close();
    }
    for (const { stream } of this.#schedulers.values()) stream.close();
    for (const stream of this.#agents.values()) stream.close();
    this.#operators.endAll();
    this.#requests.clear();
    this.#subscribing.clear();
    this.#schedulers.clear();
    this.#agents.clear();
  }

  #newId(prefix: string): string {
    this.#nextNumber += 1;
    return `${prefix}${this.#nextNumber}`;
  }

  #request(reply: (answer: PlainAnswer) => void): string {
    const requestId = this.#newId("r");
    this.#requests.set(requestId, reply);
    return requestId;
  }

  #answer(requestId: string, answer: PlainAnswer): void {
    const subscribing = this.#subscribing.get(requestId);
    if (subscribing !== undefined) {
      this.#subscribing.delete(requestId);
      subscribing.stream.send({ type: "refused", answer });
      subscribing.stream.close();
      return;
    }
    this.#requests.get(requestId)?.(answer);
    this.#requests.delete(requestId);
  }

  #openScheduler(requestId: string, streamId: StreamId): void {
    const end = this.#subscribing.get(requestId);
    this.#subscribing.delete(requestId);
    if (end === undefined) {
      this.#post({ type: "schedulerStreamClosed", streamId });
      return;
    }
    end.streamId = streamId;
    this.#schedulers.set(streamId, end);
    end.stream.send({ type: "opened", streamId });
  }

  /** The client went away: before the core opened the stream, or after. */
  #schedulerGone(requestId: string, { streamId }: SchedulerEnd): void {
    this.#subscribing.delete(requestId);
    if (streamId === undefined || !this.#schedulers.delete(streamId)) return;
    this.#post({ type: "schedulerStreamClosed", streamId });
  }
}
