import { Fault } from "@tutti/base";
import type { MachineLoop } from "@tutti/machine";
import type { Clock } from "@tutti/ports";
import type {
  ApiReply,
  ApiRequest,
  Marathon,
  MarathonDurable,
  MarathonEffect,
  MarathonEvent,
  Now,
  Principal,
  World,
} from "../core/index.ts";
import type { EventHub } from "./event-hub.ts";
import { limits } from "./limits.ts";
import { MasterBook } from "./master-book.ts";

/** Where a request came from. */
export interface RequestSource {
  readonly principal: Principal;
  readonly clientIp: string;
  readonly uri: string;
}

/** The door between HTTP handlers and the core: commands with their answers, and durable reads. */
export class MarathonService {
  readonly events: EventHub;
  readonly #marathon: Marathon;
  readonly #clock: Clock;
  readonly #master: MasterBook;
  readonly #pending = new Map<number, (reply: ApiReply) => void>();
  #loop: MachineLoop<MarathonEvent, MarathonDurable> | undefined;
  #requestNumber = 0;

  constructor(marathon: Marathon, clock: Clock, events: EventHub) {
    this.#marathon = marathon;
    this.#clock = clock;
    this.#master = new MasterBook(clock);
    this.events = events;
  }

  /** The loop that drives the core; set once, before the first request. */
  connect(loop: MachineLoop<MarathonEvent, MarathonDurable>): void {
    this.#loop = loop;
  }

  /** Carries a command out; resolves when what the answer claims is durable. */
  command(source: RequestSource, request: ApiRequest): Promise<ApiReply> {
    if (this.#pending.size >= limits.requestsPendingMax) {
      const message = `${limits.requestsPendingMax} requests wait already: try again in a moment.`;
      return Promise.resolve({ type: "refused", refusal: { code: "OVERLOADED", message } });
    }
    this.#requestNumber += 1;
    const requestId = this.#requestNumber;
    return new Promise((resolve) => {
      this.#pending.set(requestId, resolve);
      this.#driver().post({ type: "apiRequest", requestId, ...source, request });
    });
  }

  /** Reads what is durable. */
  read<T>(view: (world: World, now: Now) => T): Promise<T> {
    return new Promise((resolve) => {
      this.#driver().read(() => {
        const now = { monoMs: this.#clock.monoMs(), wallMs: this.#clock.wallMs() };
        resolve(view(this.#marathon.world, now));
      });
    });
  }

  /** Like `read`, for what tells why something waits: with the master's words about its agents and roles. */
  async readReasons<T>(view: (world: World, now: Now) => T): Promise<T> {
    const masterUrl = await this.read(({ apps, connection }) => {
      const isWaiting = [...apps.values()].some(({ launch }) => launch.wanted > 0);
      return isWaiting && connection.connected ? connection.masterUrl : undefined;
    });
    const words = masterUrl === undefined ? undefined : await this.#master.read(masterUrl);
    return this.read((world, now) => view(world, { ...now, ...words }));
  }

  /** Performs the effects that are not calls at the master. */
  perform(effect: Exclude<MarathonEffect, { readonly type: "call" }>): void {
    if (effect.type === "publishEvent") {
      this.events.publish(effect.event);
      return;
    }
    this.#pending.get(effect.requestId)?.(effect.reply);
    this.#pending.delete(effect.requestId);
  }

  #driver(): MachineLoop<MarathonEvent, MarathonDurable> {
    if (this.#loop !== undefined) return this.#loop;
    throw new Fault("STARTING", "Marathon has not started yet.", { retryable: true });
  }
}
