import type { Link } from "./link.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** The sending half of a stream. */
export interface SimulatedStream<Out> {
  /** Sends a message; ignored when this end is closed. */
  send(message: Out): void;
  /** Ends the stream from this end: the other is told, this one is not. */
  close(): void;
  readonly isOpen: boolean;
}

/** The receiving half of a stream. Neither is called after `closed`. */
export interface StreamHandlers<In> {
  message(message: In): void;
  /** The stream is over: ended by the other end, broken or refused. */
  closed(): void;
}

/** Takes a stream on the listening side. */
export type AcceptStream = (
  hello: unknown,
  stream: SimulatedStream<unknown>,
  from: string,
) => StreamHandlers<unknown>;

/** What a stream connects. */
interface StreamPlan {
  readonly from: SimulatedNode;
  readonly to: () => SimulatedNode;
  readonly accept: (target: SimulatedNode) => AcceptStream | undefined;
  readonly there: Link;
  readonly back: Link;
  readonly hello: unknown;
  readonly handlers: StreamHandlers<unknown>;
  /** The hello arrives twice; behind the second stream there is nobody. */
  readonly isDoubled: boolean;
}

/** A stream as a network knows it, to break it in part. */
export interface OpenStream {
  readonly stream: SimulatedStream<unknown>;
  readonly isOpen: boolean;
  /** The dialer learns that it is over, the acceptor only after a while. */
  loseDialer(): void;
  /** The acceptor learns that it is over, the dialer only after a while. */
  loseAcceptor(): void;
}

/**
 * Dials: the hello travels, the other side accepts, and both ends send in order. Each end learns of
 * the other's end by a message, of a cut link after about `breakAfterMs`, of a crash at once when the
 * links are whole.
 */
export function connectStream(plan: StreamPlan): OpenStream {
  const { from, there, back } = plan;
  const dialer = new End(from, there, plan.handlers);
  dialer.watch(back);
  dialer.dispatch(() => {
    const target = plan.to();
    const refuse = (): void => void back.carry(() => dialer.hangUp());
    if (target.state === "down") refuse();
    else {
      target.deliver(() => {
        const accept = plan.accept(target);
        if (accept === undefined) refuse();
        else join(accept, { plan, dialer, target });
      });
    }
  });
  if (plan.isDoubled) haunt(plan);
  return {
    stream: dialer,
    get isOpen() {
      return dialer.isOpen;
    },
    loseDialer: () => {
      dialer.vanish();
    },
    loseAcceptor: () => {
      dialer.peer?.vanish();
    },
  };
}

interface Join {
  readonly plan: StreamPlan;
  readonly dialer: End;
  readonly target: SimulatedNode;
}

function join(accept: AcceptStream, { plan, dialer, target }: Join): void {
  const acceptor = new End(target, plan.back, undefined);
  acceptor.watch(plan.there);
  acceptor.peer = dialer;
  dialer.peer = acceptor;
  acceptor.handlers = accept(plan.hello, acceptor, plan.from.name);
  dialer.flush();
}

/** Lets the hello arrive once more: the acceptor has a stream whose other end does not exist. */
function haunt({ there, back, to, accept, hello, from }: StreamPlan): void {
  there.carry(() => {
    const target = to();
    target.deliver(() => {
      const take = accept(target);
      if (take === undefined) return;
      const ghost = new End(target, back, undefined);
      ghost.peer = nobody;
      ghost.handlers = take(hello, ghost, from.name);
      target.after(there.nextBreakMs(), () => ghost.hangUp());
    });
  });
}

/** What hears nothing and says nothing. */
interface Peer {
  receive(message: unknown): void;
  hangUp(): void;
  vanish(): void;
}

const nobody: Peer = {
  receive: () => undefined,
  hangUp: () => undefined,
  vanish: () => undefined,
};

/** One end of a stream, on one node. */
class End implements SimulatedStream<unknown>, Peer {
  readonly #node: SimulatedNode;
  /** The link away from here. */
  readonly #link: Link;
  handlers: StreamHandlers<unknown> | undefined;
  peer: Peer | undefined;
  #isOpen = true;
  #lastArrivalMs = 0;
  #early: unknown[] = [];
  readonly #stops: (() => void)[] = [];

  constructor(node: SimulatedNode, link: Link, handlers: StreamHandlers<unknown> | undefined) {
    this.#node = node;
    this.#link = link;
    this.handlers = handlers;
    this.#stops.push(node.onCrash(() => this.close()));
    this.watch(link);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(message: unknown): void {
    if (!this.#isOpen) return;
    if (this.peer === undefined) this.#early.push(message);
    else if (this.#link.breaks()) this.#break();
    else this.#transmit(message);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#shut();
    this.dispatch(() => this.peer?.hangUp());
  }

  /** Sends what was sent before the other side had accepted. */
  flush(): void {
    const early = this.#early;
    this.#early = [];
    for (const message of early) this.#transmit(message);
    if (!this.#isOpen) this.dispatch(() => this.peer?.hangUp());
  }

  /** The stream is over for this end, by no doing of its own. */
  hangUp(): void {
    this.#node.deliver(() => {
      if (!this.#isOpen) return;
      this.#shut();
      this.handlers?.closed();
    });
  }

  /** This end learns that the stream is over; the other believes in it for a while: it is half-open. */
  vanish(): void {
    if (!this.#isOpen) return;
    const { peer } = this;
    this.#node.after(this.#link.nextBreakMs(), () => peer?.hangUp());
    this.hangUp();
  }

  /** Breaks this end when `link` stays cut. */
  watch(link: Link): void {
    const planBreak = (): void => {
      this.#node.after(link.nextBreakMs(), () => {
        if (link.isCut) this.hangUp();
      });
    };
    this.#stops.push(link.onCut(planBreak));
    if (link.isCut) planBreak();
  }

  /** Carries something to the other side in order. */
  dispatch(arrive: () => void): void {
    this.#lastArrivalMs = this.#link.carry(arrive, this.#lastArrivalMs);
  }

  #transmit(message: unknown): void {
    this.dispatch(() => this.peer?.receive(message));
  }

  receive(message: unknown): void {
    this.#node.deliver(() => {
      if (this.#isOpen) this.handlers?.message(message);
    });
  }

  /** The stream breaks on the way: each end learns of it by itself. */
  #break(): void {
    this.#node.after(this.#link.nextDelayMs(), () => this.hangUp());
    this.dispatch(() => this.peer?.hangUp());
  }

  #shut(): void {
    this.#isOpen = false;
    for (const stop of this.#stops) stop();
  }
}
