import { assert } from "@tutti/base";
import { Link } from "./link.ts";
import type { LinkFaults } from "./link.ts";
import { connectStream } from "./simulated-stream.ts";
import type {
  AcceptStream,
  OpenStream,
  SimulatedStream,
  StreamHandlers,
} from "./simulated-stream.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

declare const shape: unique symbol;

/** The name of a service that answers calls, with the types of what goes in and out. */
export interface CallService<Request, Answer> {
  readonly name: string;
  readonly [shape]?: readonly [Request, Answer];
}

/** The name of a service that accepts streams: the hello, what the dialer sends, what it receives. */
export interface StreamService<Hello, Up, Down> {
  readonly name: string;
  readonly [shape]?: readonly [Hello, Up, Down];
}

/** How a call ended for the caller. After `failed` nobody knows whether it was carried out. */
export type CallOutcome<Answer> =
  | { readonly type: "answered"; readonly answer: Answer }
  | {
      readonly type: "failed";
      readonly code: "CONNECTION_REFUSED" | "CONNECTION_RESET" | "TIMEOUT";
    };

/** Carries out a call; `reply` may come later, once, or never. */
type CallHandler = (request: unknown, reply: (answer: unknown) => void, from: string) => void;

const CALL_TIMEOUT_MS = 30_000;
/** A link without faults of its own. */
const CALM: LinkFaults = {
  delayMsMin: 0.2,
  delayMsMax: 1,
  loss: 0,
  duplication: 0,
  breakAfterMs: 15_000,
};

/**
 * Links between named nodes: calls (as HTTP requests) that may be lost before or after they were
 * carried out, doubled and overtake one another; streams that keep their order and break.
 * Messages are values and must not be changed after they were sent.
 */
export class SimulatedNetwork {
  readonly #world: SimulatedWorld;
  /** By the node they go away from, then by the node they lead to. */
  readonly #links = new Map<string, Map<string, Link>>();
  /** Handlers by node, then by service. */
  readonly #calls = new Map<string, Map<string, CallHandler>>();
  readonly #streams = new Map<string, Map<string, AcceptStream>>();
  /** Streams by the node that dialled them. */
  readonly #dialled = new Map<string, OpenStream[]>();
  readonly #dialsTwice = new Set<string>();
  #defaults: LinkFaults = CALM;
  /** What befell messages so far. */
  readonly counts = { lost: 0, doubled: 0, halfOpen: 0, doubleDials: 0 };

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  /** Sets the faults of all links that have none of their own. */
  setDefaults(faults: Partial<LinkFaults>): void {
    this.#defaults = { ...CALM, ...faults };
    for (const link of this.#everyLink()) link.setDefaults(this.#defaults);
  }

  /** Sets the faults of the link from one node to another (one direction); undefined takes them back. */
  setLink(from: string, to: string, faults: Partial<LinkFaults> | undefined): void {
    this.link(from, to).setOwn(faults);
  }

  /** Cuts all links between nodes of different groups; nodes of no group keep theirs. */
  partition(groups: readonly (readonly string[])[]): void {
    for (const [index, group] of groups.entries()) {
      for (const from of group) {
        for (const to of groups.filter((_, other) => other !== index).flat()) this.cut(from, to);
      }
    }
  }

  /** Cuts one direction: nothing arrives, nobody is told. */
  cut(from: string, to: string): void {
    this.link(from, to).cut();
  }

  /** Mends one direction: what waited arrives. */
  mend(from: string, to: string): void {
    this.link(from, to).mend();
  }

  /** Mends every cut link. */
  heal(): void {
    for (const link of this.#everyLink()) link.mend();
  }

  /** The link from one node to another. */
  link(from: string, to: string): Link {
    let away = this.#links.get(from);
    if (away === undefined) {
      away = new Map();
      this.#links.set(from, away);
    }
    const known = away.get(to);
    if (known !== undefined) return known;
    const random = this.#world.random.fork(`link ${from} ${to}`);
    const link = new Link(this.#world, random, this.#defaults);
    away.set(to, link);
    return link;
  }

  #everyLink(): readonly Link[] {
    return [...this.#links.values()].flatMap((away) => [...away.values()]);
  }

  /** Answers calls on `node` in its present life. */
  serve<Request, Answer>(
    node: SimulatedNode,
    service: CallService<Request, Answer>,
    handler: (request: Request, reply: (answer: Answer) => void, from: string) => void,
  ): void {
    this.#register(this.#calls, node, service.name, handler as CallHandler);
  }

  /** Accepts streams on `node` in its present life. */
  listen<Hello, Up, Down>(
    node: SimulatedNode,
    service: StreamService<Hello, Up, Down>,
    accept: (hello: Hello, stream: SimulatedStream<Down>, from: string) => StreamHandlers<Up>,
  ): void {
    this.#register(this.#streams, node, service.name, accept as AcceptStream);
  }

  /** Calls a service; `done` is told once, unless the caller's life ends before. */
  call<Request, Answer>(
    from: SimulatedNode,
    to: string,
    service: CallService<Request, Answer>,
    request: Request,
    done: (outcome: CallOutcome<Answer>) => void,
    timeoutMs: number = CALL_TIMEOUT_MS,
  ): void {
    const call = new Call(from, this.link(to, from.name), done as (outcome: unknown) => void);
    call.giveUpAfter(timeoutMs);
    const there = this.link(from.name, to);
    if (there.loses()) {
      this.counts.lost += 1;
      call.fail("CONNECTION_RESET");
      return;
    }
    const deliver = (): void => this.#deliver(call, to, service.name, request);
    there.carry(deliver);
    if (!there.doubles()) return;
    this.counts.doubled += 1;
    there.carry(deliver);
  }

  #deliver(call: Call, to: string, service: string, request: unknown): void {
    const target = this.#world.node(to);
    const handler = this.#calls.get(to)?.get(service);
    if (target.state === "down" || handler === undefined) {
      call.fail("CONNECTION_REFUSED");
      return;
    }
    target.deliver(() => {
      const forget = target.onCrash(() => call.fail("CONNECTION_RESET"));
      const reply = (answer: unknown): void => {
        forget();
        if (call.back.loses()) {
          this.counts.lost += 1;
          call.fail("CONNECTION_RESET");
        } else call.answer(answer);
      };
      handler(request, reply, call.from.name);
    });
  }

  /** Dials a stream. `handlers.closed` is told once when it breaks, is refused or ended by the other side. */
  connect<Hello, Up, Down>(
    from: SimulatedNode,
    to: string,
    service: StreamService<Hello, Up, Down>,
    hello: Hello,
    handlers: StreamHandlers<Down>,
  ): SimulatedStream<Up> {
    const isDoubled = this.#dialsTwice.delete(from.name);
    if (isDoubled) this.counts.doubleDials += 1;
    const open = connectStream({
      isDoubled,
      from,
      to: () => this.#world.node(to),
      accept: (target) => this.#streams.get(target.name)?.get(service.name),
      there: this.link(from.name, to),
      back: this.link(to, from.name),
      hello,
      handlers: handlers as StreamHandlers<unknown>,
    });
    const others = this.#dialled.get(from.name)?.filter((other) => other.isOpen) ?? [];
    this.#dialled.set(from.name, [...others, open]);
    return open.stream;
  }

  /**
   * Breaks every stream that `dialer` has dialled, for one side only: the other believes in it until it
   * has been silent for as long as a cut stream lives.
   */
  halfOpen(dialer: string, heardBy: "dialer" | "acceptor"): void {
    for (const open of this.#dialled.get(dialer) ?? []) {
      if (!open.isOpen) continue;
      this.counts.halfOpen += 1;
      if (heardBy === "dialer") open.loseDialer();
      else open.loseAcceptor();
    }
  }

  /** The next stream that `dialer` dials arrives twice; behind one of the two is nobody. */
  dialTwice(dialer: string): void {
    this.#dialsTwice.add(dialer);
  }

  #register<Handler>(
    table: Map<string, Map<string, Handler>>,
    node: SimulatedNode,
    name: string,
    handler: Handler,
  ): void {
    const services = table.get(node.name) ?? new Map<string, Handler>();
    table.set(node.name, services);
    assert(!services.has(name), `${node.name} serves ${name} already`);
    services.set(name, handler);
    node.onCrash(() => services.delete(name));
  }
}

/** A call under way, as its caller knows it. */
class Call {
  readonly from: SimulatedNode;
  /** The link to the caller. */
  readonly back: Link;
  readonly #life: number;
  readonly #done: (outcome: unknown) => void;
  #isOpen = true;
  #cancelTimeout: (() => void) | undefined;

  constructor(from: SimulatedNode, back: Link, done: (outcome: unknown) => void) {
    this.from = from;
    this.back = back;
    this.#life = from.life;
    this.#done = done;
  }

  giveUpAfter(timeoutMs: number): void {
    this.#cancelTimeout = this.from.after(timeoutMs, () => {
      this.#finish({ type: "failed", code: "TIMEOUT" });
    });
  }

  fail(code: "CONNECTION_REFUSED" | "CONNECTION_RESET"): void {
    this.#arrive({ type: "failed", code });
  }

  answer(answer: unknown): void {
    this.#arrive({ type: "answered", answer });
  }

  #arrive(outcome: CallOutcome<unknown>): void {
    this.back.carry(() => this.from.deliver(() => this.#finish(outcome)));
  }

  #finish(outcome: CallOutcome<unknown>): void {
    // An answer to an earlier life of the caller finds nobody who asked.
    if (!this.#isOpen || this.from.life !== this.#life) return;
    this.#isOpen = false;
    this.#cancelTimeout?.();
    this.#done(outcome);
  }
}
