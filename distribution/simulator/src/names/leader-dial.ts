import type {
  SimulatedNetwork,
  SimulatedNode,
  SimulatedStream,
  StreamService,
} from "@tutti/testkit";
import type { PlainAnswer } from "../services.ts";
import { nodeOfUrl } from "../site.ts";

const backoffMsMin = 100;
const backoffMsMax = 2_000;
const redirectsMax = 5;

/** What comes down the stream of one who leads, or says who does. */
type Down<Message> =
  | { readonly type: "refused"; readonly answer: PlainAnswer }
  | { readonly type: "message"; readonly message: Message };

interface LeaderDialOptions<Hello, Message> {
  readonly network: SimulatedNetwork;
  readonly node: SimulatedNode;
  readonly service: StreamService<Hello, never, Down<Message>>;
  readonly urls: readonly string[];
  readonly hello: () => Hello;
  /** A stream that is silent for so long is over. */
  readonly idleMs: number;
  /** A stream begins. */
  readonly begun: () => void;
  /** False: the stream cannot go on. */
  readonly take: (message: Message, url: string) => boolean;
  /** A stream that was good is over, and none that was asked for takes its place. */
  readonly lost: () => void;
}

/** Follows whoever leads among several, in one life of a node: asks in turn, follows redirects, begins again. */
export class LeaderDial<Hello, Message> {
  readonly #options: LeaderDialOptions<Hello, Message>;
  #stream: SimulatedStream<never> | undefined;
  #url = "";
  #at = 0;
  #hops = 0;
  #failures = 0;
  #isGood = false;
  #heardMs = 0;
  #attempt = 0;

  constructor(options: LeaderDialOptions<Hello, Message>) {
    this.#options = options;
    this.#heardMs = options.node.clock.monoMs();
    this.#dial(options.urls[0] ?? "");
  }

  /** Whether who leads is heard. */
  get isGood(): boolean {
    return this.#isGood;
  }

  /** Where the stream leads, or is to lead. */
  get url(): string {
    return this.#url;
  }

  /** How long ago anything was heard, in ms. */
  get silentMs(): number {
    return this.#options.node.clock.monoMs() - this.#heardMs;
  }

  /** Ends the stream and begins it anew at once, at the same server. */
  renew(): void {
    this.#stream?.close();
    this.#dial(this.#url);
  }

  #dial(url: string): void {
    const { network, node, service, hello, begun, take } = this.#options;
    this.#url = url;
    this.#attempt += 1;
    const attempt = this.#attempt;
    const dialledMs = node.clock.monoMs();
    let isRefused = false;
    begun();
    const stream = network.connect(node, nodeOfUrl(url), service, hello(), {
      message: (down) => {
        if (attempt !== this.#attempt) return;
        if (down.type === "refused") {
          isRefused = true;
          stream.close();
          this.#refused(down.answer);
          return;
        }
        this.#heardMs = node.clock.monoMs();
        this.#isGood = true;
        if (take(down.message, url)) return;
        stream.close();
        this.#ended(undefined);
      },
      closed: () => {
        if (attempt === this.#attempt && !isRefused) this.#ended(undefined);
      },
    });
    this.#stream = stream;
    this.#watch(attempt, dialledMs);
  }

  #watch(attempt: number, sinceMs: number): void {
    const { node, idleMs } = this.#options;
    const waitMs = Math.max(sinceMs, this.#heardMs) + idleMs - node.clock.monoMs();
    node.clock.after(Math.max(1, waitMs), () => {
      if (attempt !== this.#attempt) return;
      if (node.clock.monoMs() < Math.max(sinceMs, this.#heardMs) + idleMs) {
        this.#watch(attempt, sinceMs);
        return;
      }
      this.#stream?.close();
      this.#ended(undefined);
    });
  }

  #refused({ status, location }: PlainAnswer): void {
    this.#ended(status === 307 ? location : undefined);
  }

  /** The stream is over: a leader that was named is asked at once, others after a pause. */
  #ended(leader: string | undefined): void {
    const { node, urls, lost } = this.#options;
    this.#attempt += 1;
    const wasGood = this.#isGood;
    this.#isGood = false;
    if (wasGood) lost();
    if (leader !== undefined && this.#hops < redirectsMax) {
      this.#hops += 1;
      this.#dial(leader);
      return;
    }
    this.#hops = 0;
    if (wasGood) this.#failures = 0;
    else this.#at += 1;
    const grown = Math.min(backoffMsMax, backoffMsMin * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    const attempt = this.#attempt;
    node.clock.after(grown * node.random.between(0.5, 1), () => {
      if (attempt === this.#attempt) this.#dial(urls[this.#at % urls.length] ?? "");
    });
  }
}
