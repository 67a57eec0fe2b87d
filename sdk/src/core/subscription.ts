import { assert, assertNever, present } from "@tutti/base";
import type { Env, Machine, Ready } from "@tutti/machine";
import type { SchedulerCall, SchedulerEvent } from "@tutti/mesos-v1";
import { limits } from "./limits.ts";
import type {
  StreamEnd,
  SubscriptionDurable,
  SubscriptionEffect,
  SubscriptionEntry,
  SubscriptionEvent,
  SubscriptionOptions,
  SubscriptionState,
} from "./types.ts";

/** One attempt to be subscribed, from the dial to the end. */
interface Stream {
  readonly attempt: number;
  readonly url: string;
  streamId?: string;
  subscribed: boolean;
  heartbeatMs: number;
}

const serverRefusals = { min: 500, max: 599 };

/**
 * The subscription of one framework: finds the leading master, keeps a stream open, sends calls on it
 * and nowhere else.
 *
 * Invariant: at most one attempt is alive; whatever arrives for another is ignored.
 * Invariant: `subscribed` is told, and so an offer can be used, only after the framework id is durable.
 */
export class Subscription implements Machine<
  SubscriptionEvent,
  SubscriptionEntry,
  SubscriptionEffect,
  SubscriptionDurable
> {
  readonly #options: SubscriptionOptions;
  #state: SubscriptionState = "stopped";
  #frameworkId: string | undefined;
  #stream: Stream | undefined;
  #attempt = 0;
  #masterIndex = 0;
  #redirects = 0;
  #failures = 0;
  /** When `disconnected`: dial then. Else: give the stream up then. */
  #deadlineMonoMs: number | undefined;
  #entries: SubscriptionEntry[] = [];
  #effects: SubscriptionEffect[] = [];

  constructor(options: SubscriptionOptions) {
    assert(options.masters.length > 0, "a scheduler client needs the URL of a master");
    this.#options = options;
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  get frameworkId(): string | undefined {
    return this.#frameworkId;
  }

  recover(durable: SubscriptionDurable, _env: Env): Ready<SubscriptionEntry, SubscriptionEffect> {
    this.#frameworkId = durable.frameworkId;
    return this.#ready();
  }

  step(event: SubscriptionEvent, env: Env): Ready<SubscriptionEntry, SubscriptionEffect> {
    switch (event.type) {
      case "start":
        if (this.#state === "stopped") this.#dial(this.#master(), env);
        break;
      case "stop":
        this.#stop();
        break;
      case "wake":
        this.#wake(env);
        break;
      case "opened":
        this.#opened(event.attempt, event.streamId);
        break;
      case "received":
        this.#received(event.attempt, event.event, env);
        break;
      case "ended":
        if (this.#isCurrent(event.attempt)) this.#ended(event.end, env);
        break;
      case "call":
        this.#call(event.call);
        break;
      case "callFailed":
        if (this.#isCurrent(event.attempt)) this.#callFailed(event.call, event.failure, env);
        break;
      default:
        assertNever(event);
    }
    return this.#ready();
  }

  #ready(): Ready<SubscriptionEntry, SubscriptionEffect> {
    const persist = this.#entries;
    const afterPersist = this.#effects;
    this.#entries = [];
    this.#effects = [];
    return this.#deadlineMonoMs === undefined
      ? { persist, afterPersist }
      : { persist, afterPersist, wakeAtMonoMs: this.#deadlineMonoMs };
  }

  #isCurrent(attempt: number): boolean {
    return this.#stream?.attempt === attempt;
  }

  #master(): string {
    const { masters } = this.#options;
    return present(masters[this.#masterIndex % masters.length], "the URL of a master");
  }

  #dial(url: string, env: Env): void {
    this.#state = "connecting";
    this.#attempt += 1;
    this.#stream = { attempt: this.#attempt, url, subscribed: false, heartbeatMs: 0 };
    this.#deadlineMonoMs = env.monoMs + limits.subscribeTimeoutMs;
    this.#effects.push({ type: "dial", attempt: this.#attempt, url, call: this.#subscribeCall() });
  }

  #subscribeCall(): SchedulerCall {
    const id = this.#frameworkId;
    const { framework, suppressedRoles } = this.#options;
    return {
      type: "SUBSCRIBE",
      ...(id === undefined ? {} : { framework_id: { value: id } }),
      subscribe: {
        framework_info: id === undefined ? framework : { ...framework, id: { value: id } },
        ...(suppressedRoles === undefined ? {} : { suppressed_roles: suppressedRoles() }),
      },
    };
  }

  #stop(): void {
    if (this.#stream !== undefined) this.#hangUp("stopped");
    this.#state = "stopped";
    this.#deadlineMonoMs = undefined;
  }

  /** Ends the present attempt and tells the framework why it has no stream. */
  #hangUp(reason: string): void {
    const stream = present(this.#stream, "the stream to hang up");
    this.#stream = undefined;
    this.#effects.push({ type: "hangUp", attempt: stream.attempt });
    this.#effects.push({ type: "notify", notice: { type: "disconnected", reason } });
  }

  #wake(env: Env): void {
    if (this.#deadlineMonoMs === undefined || env.monoMs < this.#deadlineMonoMs) return;
    if (this.#state === "disconnected") {
      this.#dial(this.#master(), env);
    } else if (this.#stream !== undefined) {
      const silent = this.#stream.subscribed
        ? "the master has been silent for too long"
        : "the master did not answer SUBSCRIBE in time";
      this.#ended({ type: "fault", reason: silent }, env);
    }
  }

  #opened(attempt: number, streamId: string): void {
    if (this.#stream?.attempt === attempt) this.#stream.streamId = streamId;
  }

  #received(attempt: number, event: SchedulerEvent, env: Env): void {
    const stream = this.#stream;
    if (stream?.attempt !== attempt) return;
    if (event.type === "SUBSCRIBED") {
      this.#subscribed(stream, event, env);
      return;
    }
    if (event.type === "ERROR") {
      this.#error(event.error?.message ?? "no reason given", env);
      return;
    }
    if (!stream.subscribed) return;
    this.#deadlineMonoMs = env.monoMs + stream.heartbeatMs;
    if (event.type !== "HEARTBEAT") {
      this.#effects.push({ type: "notify", notice: { type: "event", event } });
    }
  }

  #subscribed(stream: Stream, event: SchedulerEvent, env: Env): void {
    const id = event.subscribed?.framework_id.value;
    if (id === undefined || stream.streamId === undefined) {
      this.#ended({ type: "fault", reason: "the answer to SUBSCRIBE is incomplete" }, env);
      return;
    }
    const isNew = this.#frameworkId === undefined;
    if (this.#frameworkId !== id) this.#entries.push({ frameworkId: id });
    this.#frameworkId = id;
    this.#state = "subscribed";
    stream.subscribed = true;
    const seconds = event.subscribed?.heartbeat_interval_seconds ?? 15;
    stream.heartbeatMs = seconds * 1000 * limits.heartbeatsMissedMax;
    this.#deadlineMonoMs = env.monoMs + stream.heartbeatMs;
    this.#failures = 0;
    this.#redirects = 0;
    const notice = { type: "subscribed", frameworkId: id, masterUrl: stream.url, isNew } as const;
    this.#effects.push({ type: "notify", notice });
  }

  /** ERROR is the master's last word on a stream. */
  #error(message: string, env: Env): void {
    this.#hangUp(message);
    if (message === "Framework has been removed" || /failover timeout/i.test(message)) {
      this.#frameworkId = undefined;
      this.#entries.push({ frameworkId: undefined });
      this.#effects.push({ type: "notify", notice: { type: "removed", reason: message } });
    }
    this.#pause(env, limits.backoffMs);
  }

  #ended(end: StreamEnd, env: Env): void {
    const wasSubscribed = this.#stream?.subscribed ?? false;
    this.#hangUp(end.type === "redirected" ? `the leader is now ${end.url}` : reasonOf(end));
    if (end.type === "redirected" && this.#redirects < limits.redirectsMax) {
      this.#redirects += 1;
      this.#dial(end.url, env);
      return;
    }
    this.#redirects = 0;
    this.#masterIndex += wasSubscribed ? 0 : 1;
    this.#pause(env, this.#backoffMs(env));
    this.#failures += 1;
  }

  #backoffMs(env: Env): number {
    const grown = limits.backoffFirstMs * limits.backoffFactor ** Math.min(this.#failures, 30);
    return Math.min(grown, limits.backoffMs) * (0.5 + env.random.next() / 2);
  }

  #pause(env: Env, delayMs: number): void {
    this.#state = "disconnected";
    this.#deadlineMonoMs = env.monoMs + delayMs;
  }

  #call(call: SchedulerCall): void {
    const stream = this.#stream;
    if (this.#state !== "subscribed" || stream?.streamId === undefined) return;
    this.#effects.push({
      type: "post",
      attempt: stream.attempt,
      url: stream.url,
      streamId: stream.streamId,
      call: { ...call, framework_id: { value: present(this.#frameworkId, "a framework id") } },
    });
  }

  /** A refusal of the call itself leaves the stream alone; anything else means that it is gone. */
  #callFailed(call: SchedulerCall, failure: StreamEnd, env: Env): void {
    if (failure.type === "refused" && !meansStreamIsGone(failure)) {
      const { status, text } = failure;
      this.#effects.push({ type: "notify", notice: { type: "callRefused", call, status, text } });
      return;
    }
    this.#ended(failure, env);
  }
}

function meansStreamIsGone(failure: { readonly status: number; readonly text: string }): boolean {
  if (failure.status >= serverRefusals.min && failure.status <= serverRefusals.max) return true;
  if (failure.status === 401 || failure.status === 403) return true;
  return /stream ID|Framework cannot be found|not subscribed/i.test(failure.text);
}

function reasonOf(end: Exclude<StreamEnd, { readonly type: "redirected" }>): string {
  return end.type === "fault" ? end.reason : `the master answered ${end.status}: ${end.text}`;
}
