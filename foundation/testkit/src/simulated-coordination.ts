import { createCancellation, Fault } from "@tutti/base";
import type { Cancellation, CancellationSource } from "@tutti/base";
import { checkElection, checkPath, checkWrites, Watchers } from "@tutti/coordination/core";
import type {
  Coordination,
  CoordinationRecord,
  LeaderInfo,
  Leadership,
  RecordWrite,
  WriteOutcome,
} from "@tutti/coordination/core";
import type { Link } from "./link.ts";
import type { Candidate, SimulatedEnsemble } from "./simulated-ensemble.ts";
import type { SimulatedNetwork } from "./simulated-network.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** The node name of the ensemble, for links and partitions. */
export const ensembleName = "coordination";

/** What a handle of the simulated coordination stands on. */
interface SimulatedCoordinationOptions {
  readonly world: SimulatedWorld;
  readonly network: SimulatedNetwork;
  readonly ensemble: SimulatedEnsemble;
  readonly node: SimulatedNode;
  /** The ensemble forgets a session it has not heard of for so long. Default 10 s. */
  readonly sessionTimeoutMs?: number;
}

const SESSION_TIMEOUT_MS = 10_000;
/** A session is heard of so many times within its timeout. */
const BEATS_PER_TIMEOUT = 4;

/**
 * Opens a handle for the present life of `node`. Calls travel over the links to and from
 * `coordination`; a session that is cut off, paused or dead expires, its leadership goes to the next,
 * and the old leader learns of it by `lost` when it can: before that, only the epoch fences it.
 */
export function openSimulatedCoordination(options: SimulatedCoordinationOptions): Coordination {
  return new SimulatedCoordination(options);
}

class SimulatedCoordination implements Coordination {
  readonly #options: SimulatedCoordinationOptions;
  readonly #session: string;
  readonly #there: Link;
  readonly #back: Link;
  readonly #watchers = new Watchers();
  readonly #losses = new Set<CancellationSource>();
  readonly #closing = createCancellation();
  readonly #timeoutMs: number;
  readonly #stopWatching: () => void;
  #cancelBeat: (() => void) | undefined;
  #cancelGivingUp: (() => void) | undefined;
  #heardMs = 0;
  /** When this side last asked for what was answered since, by its own clock. */
  #confirmedMonoMs: number;
  #lastAskMs = 0;
  #lastAnswerMs = 0;
  #isExpired = false;

  constructor(options: SimulatedCoordinationOptions) {
    const { node, network, world, ensemble } = options;
    this.#options = options;
    this.#session = ensemble.openSession(node.name);
    this.#there = network.link(node.name, ensembleName);
    this.#back = network.link(ensembleName, node.name);
    this.#timeoutMs = options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
    this.#heardMs = world.nowMs();
    this.#confirmedMonoMs = node.clock.monoMs();
    this.#stopWatching = ensemble.watch((paths) => {
      if (this.#watchers.size > 0) this.#answer(() => this.#watchers.tell(paths));
    });
    this.#beat();
    this.#giveUpLater();
    this.#expireLater();
    node.onCrash(() => this.#end());
  }

  elect(name: string, announcement: Uint8Array, signal: Cancellation): Promise<Leadership> {
    return this.#checked(
      () => checkElection(name, announcement),
      (resolve, reject) => {
        const { ensemble } = this.#options;
        let isWanted = true;
        const candidate: Candidate = {
          session: this.#session,
          announcement,
          won: (epoch) =>
            this.#answer(() => {
              if (isWanted && !signal.aborted) {
                isWanted = false;
                release();
                resolve(this.#lead(name, epoch));
              } else ensemble.resign(name, epoch);
            }),
        };
        const withdraw = (): void => {
          if (!isWanted) return;
          isWanted = false;
          release();
          this.#ask(() => ensemble.withdraw(name, candidate));
          reject(new Fault("ABORTED", "The candidacy was withdrawn.", { retryable: false }));
        };
        const release = (): void => {
          for (const each of [signal, this.#closing.cancellation])
            each.removeEventListener("abort", withdraw);
        };
        for (const each of [signal, this.#closing.cancellation])
          each.addEventListener("abort", withdraw);
        if (signal.aborted) withdraw();
        else this.#ask(() => ensemble.stand(name, candidate));
      },
    );
  }

  leader(name: string): Promise<LeaderInfo | undefined> {
    return this.#request(
      () => checkElection(name, new Uint8Array(0)),
      () => this.#options.ensemble.leader(name),
    );
  }

  write(election: string, epoch: number, writes: readonly RecordWrite[]): Promise<WriteOutcome> {
    // A copy: the caller's bytes are its own, what is stored is not.
    const own = writes.map((write) =>
      write.type === "put" ? { ...write, value: write.value.slice() } : write,
    );
    return this.#request(
      () => checkWrites(own),
      () => this.#options.ensemble.write(election, epoch, own),
    );
  }

  read(path: string): Promise<CoordinationRecord | undefined> {
    return this.#request(
      () => checkPath(path),
      () => this.#options.ensemble.read(path),
    );
  }

  list(prefix: string): Promise<readonly CoordinationRecord[]> {
    return this.#request(
      () => undefined,
      () => this.#options.ensemble.list(prefix),
    );
  }

  watch(prefix: string, changed: (paths: readonly string[]) => void): () => void {
    return this.#watchers.add(prefix, changed);
  }

  close(): Promise<void> {
    if (this.#closing.cancellation.aborted) return Promise.resolve();
    const { ensemble } = this.#options;
    this.#closing.cancel();
    this.#loseAll();
    return new Promise((resolve) => {
      this.#ask(() => {
        ensemble.expire(this.#session);
        this.#answer(() => {
          this.#end();
          resolve();
        });
      });
    });
  }

  #lead(name: string, epoch: number): Leadership {
    const loss = createCancellation();
    this.#losses.add(loss);
    if (this.#isExpired) loss.cancel();
    const resign = (): Promise<void> => {
      loss.cancel();
      this.#losses.delete(loss);
      return this.#request(
        () => undefined,
        () => this.#options.ensemble.resign(name, epoch),
      );
    };
    return { epoch, lost: loss.cancellation, resign };
  }

  /** Refuses what is outside the limits, or comes too late, before anything travels. */
  #checked<Value>(
    check: () => void,
    begin: (resolve: (value: Value) => void, reject: (fault: Fault) => void) => void,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#closing.cancellation.aborted) {
        throw new Fault("CLOSED", "This coordination was closed.", { retryable: false });
      }
      check();
      begin(resolve, reject);
    });
  }

  /** One call: there, carried out, and back. What is lost or too late is the fault TIMEOUT. */
  #request<Value>(check: () => void, carryOut: () => Value): Promise<Value> {
    return this.#checked(check, (resolve, reject) => {
      const cancel = this.#options.node.after(this.#timeoutMs, () => {
        reject(new Fault("TIMEOUT", "Coordination did not answer.", { retryable: true }));
      });
      this.#ask(() => {
        const value = carryOut();
        this.#answer(() => {
          cancel();
          resolve(value);
        });
      });
    });
  }

  /**
   * Carries something to the ensemble, which hears of the session by it: one that had expired begins
   * anew, without its leaderships. Nothing is lost: it waits for a cut link to mend.
   */
  #ask(arrive: () => void): void {
    const { world } = this.#options;
    const heard = (): void => {
      this.#heardMs = world.nowMs();
      if (this.#isExpired) {
        this.#isExpired = false;
        this.#expireLater();
      }
      arrive();
    };
    this.#lastAskMs = this.#there.carry(heard, this.#lastAskMs);
  }

  /** Carries something to this handle, in the order in which it was sent. */
  #answer(arrive: () => void): void {
    const { node } = this.#options;
    this.#lastAnswerMs = this.#back.carry(() => node.deliver(arrive), this.#lastAnswerMs);
  }

  /** Lets the ensemble hear of the session now and then, as long as the process lives and is reached. */
  #beat(): void {
    const { node } = this.#options;
    this.#cancelBeat = node.after(this.#timeoutMs / BEATS_PER_TIMEOUT, () => {
      const askedMonoMs = node.clock.monoMs();
      const confirmed = (): void => {
        this.#confirmedMonoMs = Math.max(this.#confirmedMonoMs, askedMonoMs);
      };
      this.#ask(() => this.#answer(confirmed));
      this.#beat();
    });
  }

  /** This side of the session: without an answer for so long another may lead already. Rule COO20. */
  #giveUpLater(): void {
    const { node, ensemble } = this.#options;
    const leftMs = this.#confirmedMonoMs + this.#timeoutMs - node.clock.monoMs();
    this.#cancelGivingUp = node.clock.after(Math.max(1, leftMs), () => {
      if (node.clock.monoMs() >= this.#confirmedMonoMs + this.#timeoutMs) {
        this.#confirmedMonoMs = node.clock.monoMs();
        if (this.#losses.size > 0) this.#ask(() => ensemble.expire(this.#session));
        this.#loseAll();
      }
      this.#giveUpLater();
    });
  }

  /** The ensemble's side of the session: outlives the process. */
  #expireLater(): void {
    const { world, ensemble } = this.#options;
    const leftMs = this.#heardMs + this.#timeoutMs - world.nowMs();
    world.after(Math.max(leftMs, 1), () => {
      if (this.#closing.cancellation.aborted) return;
      if (world.nowMs() < this.#heardMs + this.#timeoutMs) {
        this.#expireLater();
        return;
      }
      this.#isExpired = true;
      ensemble.expire(this.#session);
      this.#answer(() => this.#loseAll());
    });
  }

  #loseAll(): void {
    for (const loss of this.#losses) loss.cancel();
    this.#losses.clear();
  }

  #end(): void {
    this.#stopWatching();
    this.#cancelBeat?.();
    this.#cancelGivingUp?.();
  }
}
