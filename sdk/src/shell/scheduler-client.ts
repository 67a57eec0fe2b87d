import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import { jsonCodec } from "@tutti/mesos-v1";
import type { Codec, FrameworkInfo, SchedulerCall } from "@tutti/mesos-v1";
import type { Clock, Random } from "@tutti/ports";
import { Subscription } from "../core/index.ts";
import type {
  SchedulerNotice,
  SubscriptionDurable,
  SubscriptionEffect,
  SubscriptionEntry,
  SubscriptionEvent,
  SubscriptionState,
} from "../core/index.ts";
import { MasterConnection } from "./master-connection.ts";

/** Where the framework id survives the process. */
export interface FrameworkIdStore {
  load(): Promise<string | undefined>;
  /** Resolves when it is durable; `undefined` forgets it. */
  save(frameworkId: string | undefined): Promise<void>;
}

/** What a scheduler client is made of. */
export interface SchedulerClientOptions {
  /** URLs of the masters, e.g. `http://10.0.0.1:5050`; the leader is found by redirect. */
  readonly masters: readonly string[];
  /** The cluster's secret, sent as `Authorization: Bearer …`; undefined for an open cluster. */
  readonly secret?: string;
  /** Without `id`. */
  readonly framework: FrameworkInfo;
  readonly frameworkId: FrameworkIdStore;
  /** Asked at every SUBSCRIBE: roles that want no offers now. */
  readonly suppressedRoles?: () => readonly string[];
  /** JSON by default; `protobufCodec` of `@tutti/mesos-v1` where bytes count. */
  readonly codec?: Codec;
  readonly clock: Clock;
  readonly random: Random;
  /** Told everything, in order. Must not throw. */
  readonly onNotice: (notice: SchedulerNotice) => void;
  /** The framework id could not be saved, or a bug: the client has stopped. */
  readonly onFatal: (error: Error) => void;
}

/** A subscription that looks after itself. */
export interface SchedulerClient {
  readonly state: SubscriptionState;
  /** Sends a call on the present stream, in order; without one it is lost, as on any stream. */
  call(call: SchedulerCall): void;
  /** Drops the stream: the master waits for the framework's failover timeout. */
  stop(): void;
}

/** Makes a client that is subscribed from now on, whatever happens to masters and network. */
export async function createSchedulerClient(
  options: SchedulerClientOptions,
): Promise<SchedulerClient> {
  const frameworkId = await options.frameworkId.load();
  return new Client(options, frameworkId);
}

class Client implements SchedulerClient {
  readonly #options: SchedulerClientOptions;
  readonly #subscription: Subscription;
  readonly #loop: MachineLoop<SubscriptionEvent, SubscriptionDurable>;
  #connection: MasterConnection | undefined;

  constructor(options: SchedulerClientOptions, frameworkId: string | undefined) {
    this.#options = options;
    this.#subscription = new Subscription(options);
    this.#loop = createMachineLoop<
      SubscriptionEvent,
      SubscriptionEntry,
      SubscriptionEffect,
      SubscriptionDurable
    >(this.#subscription, {
      clock: options.clock,
      random: options.random,
      persist: (entries, done) => void this.#persist(entries, done),
      perform: (effect) => this.#perform(effect),
      wake: { type: "wake" },
      fatal: options.onFatal,
    });
    this.#loop.start({ frameworkId });
    this.#loop.post({ type: "start" });
  }

  get state(): SubscriptionState {
    return this.#subscription.state;
  }

  call(call: SchedulerCall): void {
    this.#loop.post({ type: "call", call });
  }

  stop(): void {
    this.#loop.post({ type: "stop" });
    this.#loop.stop();
    this.#connection?.close();
  }

  async #persist(
    entries: readonly SubscriptionEntry[],
    done: (error?: Error) => void,
  ): Promise<void> {
    let failure: Error | undefined;
    try {
      await this.#options.frameworkId.save(entries.at(-1)?.frameworkId);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error), { cause: error });
    }
    done(failure);
  }

  #perform(effect: SubscriptionEffect): void {
    switch (effect.type) {
      case "dial":
        this.#connection = new MasterConnection({
          attempt: effect.attempt,
          url: effect.url,
          secret: this.#options.secret,
          codec: this.#options.codec ?? jsonCodec,
          post: (event) => this.#loop.post(event),
        });
        this.#connection.open(effect.call);
        break;
      case "hangUp":
        if (this.#connection?.attempt === effect.attempt) this.#connection.close();
        break;
      case "post":
        if (this.#connection?.attempt === effect.attempt) {
          this.#connection.send(effect.call, effect.streamId);
        }
        break;
      case "notify":
        this.#options.onNotice(effect.notice);
        break;
    }
  }
}
