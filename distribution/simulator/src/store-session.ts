import { Fault } from "@tutti/base";
import type {
  CoordinationRecord,
  LeaderInfo,
  RecordWrite,
  WriteOutcome,
} from "@tutti/coordination/core";
import type { Candidate, Link, SimulatedEnsemble, SimulatedNode } from "@tutti/testkit";
import type { Site } from "./site.ts";

/** Where a store is and how a process reaches it. */
export interface StorePlace {
  readonly ensemble: SimulatedEnsemble;
  /** The node of its links. */
  readonly name: string;
  /** `local`: a database on the process's own disk, let go of when the process dies. */
  readonly kind: "local" | "shared";
  /** What the disk below does to each node's writes; absent: it is sound. */
  readonly faults: Map<string, StoreFaults>;
}

/** What befalls the writes of one node. */
export interface StoreFaults {
  /** The longest a write takes more than usual. */
  readonly slowMsMax?: number;
  /** Probability that a write fails; whether it was done nobody knows. */
  readonly failure?: number;
  /** Told once, while the next write is under way: it is to kill the process. */
  readonly die?: () => void;
}

/** An answer of the store, or the fault that nobody knows whether it was carried out. */
export type StoreAnswer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: Fault };

const sessionTimeoutMs = 10_000;
const beatsPerTimeout = 4;
/** A write is under way so long before its process dies of it. */
const dyingMs = 0.04;

/**
 * The session of one process, in one of its lives, with a store: the interface of coordination with
 * callbacks instead of promises, because a simulation is synchronous. Everything takes its way over links.
 */
export class StoreSession {
  readonly #site: Site;
  readonly #node: SimulatedNode;
  readonly #place: StorePlace;
  readonly #there: Link;
  readonly #back: Link;
  readonly #id: string;
  readonly #life: number;
  #heardMs: number;
  /** When this side last asked for what was answered since, by its own clock. */
  #confirmedMonoMs: number;
  #lastArrivalMs = 0;
  #lastAnswerMs = 0;
  /** The store has forgotten this session; a word of the same life begins it anew. */
  #isExpired = false;
  #lost: (() => void) | undefined;

  constructor(site: Site, node: SimulatedNode, place: StorePlace) {
    this.#site = site;
    this.#node = node;
    this.#place = place;
    this.#there = site.network.link(node.name, place.name);
    this.#back = site.network.link(place.name, node.name);
    this.#life = node.life;
    this.#id = `${node.name}#${node.life}`;
    this.#heardMs = site.world.nowMs();
    this.#confirmedMonoMs = node.clock.monoMs();
    site.sessions.set(node.name, this);
    if (place.kind === "shared") {
      this.#beat();
      this.#giveUpLater();
      this.#expireLater();
    } else node.onCrash(() => place.ensemble.expire(this.#id));
  }

  /** Stands for election; `lost` is told when this session's leadership is over. */
  elect(
    name: string,
    announcement: Uint8Array,
    won: (epoch: number) => void,
    lost: () => void,
  ): void {
    const candidate: Candidate = {
      session: this.#id,
      announcement,
      won: (epoch) => {
        this.#answer(() => {
          this.#lost = lost;
          won(epoch);
        });
      },
    };
    this.#ask(() => this.#place.ensemble.stand(name, candidate));
  }

  resign(name: string, epoch: number): void {
    this.#lost = undefined;
    this.#ask(() => this.#place.ensemble.resign(name, epoch));
  }

  leader(name: string, done: (answer: StoreAnswer<LeaderInfo | undefined>) => void): void {
    this.#request(() => this.#place.ensemble.leader(name), done);
  }

  list(prefix: string, done: (answer: StoreAnswer<readonly CoordinationRecord[]>) => void): void {
    this.#request(() => this.#place.ensemble.list(prefix), done);
  }

  write(
    name: string,
    epoch: number,
    writes: readonly RecordWrite[],
    done: (answer: StoreAnswer<WriteOutcome>) => void,
  ): void {
    const faults = this.#place.faults.get(this.#node.name) ?? {};
    const { random } = this.#site;
    if (faults.failure !== undefined && random.chance(faults.failure)) {
      this.#fail(() => this.#carryOut(name, epoch, writes), done);
      return;
    }
    const begin = (): void => {
      this.#request(() => this.#carryOut(name, epoch, writes), done);
    };
    if (faults.slowMsMax === undefined) begin();
    else this.#node.after(random.between(0, faults.slowMsMax), begin);
    if (faults.die === undefined) return;
    this.#place.faults.delete(this.#node.name);
    this.#node.after(dyingMs, faults.die);
  }

  /** Forgets the session now: what it led, others may lead. */
  lose(): void {
    if (!this.#isExpired) this.#expire();
  }

  #carryOut(name: string, epoch: number, writes: readonly RecordWrite[]): WriteOutcome {
    const { ensemble } = this.#place;
    let outcome = ensemble.write(name, epoch, writes);
    if (outcome.type === "fenced" && this.#site.sabotage.has("skippedFence")) {
      outcome = ensemble.write(name, outcome.currentEpoch, writes);
    }
    if (outcome.type === "written") {
      const newestEpoch = ensemble.leader(name)?.epoch ?? Infinity;
      this.#site.observe({ type: "storeWritten", node: this.#node.name, epoch, newestEpoch });
    }
    return outcome;
  }

  /** A write that the disk refuses: half of such writes are on it all the same. */
  #fail(carryOut: () => void, done: (answer: StoreAnswer<WriteOutcome>) => void): void {
    this.#ask(() => {
      if (this.#site.random.chance(0.5)) carryOut();
      this.#answer(() => {
        const message = `the disk of ${this.#place.name} failed`;
        done({ ok: false, fault: new Fault("DISK_FAILED", message, { retryable: true }) });
      });
    });
  }

  #request<Value>(carryOut: () => Value, done: (answer: StoreAnswer<Value>) => void): void {
    const cancel =
      this.#place.kind === "local"
        ? () => undefined
        : this.#node.after(sessionTimeoutMs, () => {
            const fault = new Fault("TIMEOUT", "The store did not answer.", { retryable: true });
            done({ ok: false, fault });
          });
    this.#ask(() => {
      const value = carryOut();
      this.#answer(() => {
        cancel();
        done({ ok: true, value });
      });
    });
  }

  /** Carries something to the store in order. A local write that a crash meets is done or not done. */
  #ask(arrive: () => void): void {
    let isUnderWay = true;
    const once = (): void => {
      if (!isUnderWay) return;
      isUnderWay = false;
      forget();
      arrive();
    };
    const forget =
      this.#place.kind === "shared"
        ? () => undefined
        : this.#node.onCrash(() => {
            if (this.#site.random.chance(0.5)) once();
            else isUnderWay = false;
          });
    const heard = this.#place.kind === "local" ? once : () => this.#hear(once);
    this.#lastArrivalMs = this.#there.carry(heard, this.#lastArrivalMs);
  }

  #answer(arrive: () => void): void {
    const life = this.#life;
    const inThisLife = (): void => {
      if (this.#node.life === life) this.#node.deliver(arrive);
    };
    this.#lastAnswerMs = this.#back.carry(inThisLife, this.#lastAnswerMs);
  }

  #beat(): void {
    this.#node.after(sessionTimeoutMs / beatsPerTimeout, () => {
      const askedMonoMs = this.#node.clock.monoMs();
      const confirmed = (): void => {
        this.#confirmedMonoMs = Math.max(this.#confirmedMonoMs, askedMonoMs);
      };
      this.#there.carry(() => this.#hear(() => this.#answer(confirmed)));
      this.#beat();
    });
  }

  /** This side of the session: without an answer for so long another may lead already. Rule COO20. */
  #giveUpLater(): void {
    const { clock } = this.#node;
    const leftMs = this.#confirmedMonoMs + sessionTimeoutMs - clock.monoMs();
    clock.after(Math.max(1, leftMs), () => {
      if (clock.monoMs() >= this.#confirmedMonoMs + sessionTimeoutMs) {
        this.#confirmedMonoMs = clock.monoMs();
        this.#giveUp();
      }
      this.#giveUpLater();
    });
  }

  #giveUp(): void {
    const lost = this.#lost;
    if (lost === undefined) return;
    this.#lost = undefined;
    this.#ask(() => this.#place.ensemble.expire(this.#id));
    lost();
  }

  /** The store hears of the session. What a forgotten session of a dead process has sent is void. */
  #hear(arrive: () => void): void {
    if (this.#isExpired && this.#node.life !== this.#life) return;
    this.#isExpired = false;
    this.#heardMs = this.#site.world.nowMs();
    arrive();
  }

  /** The store's side of the session: outlives the process, and ends by silence. */
  #expireLater(): void {
    const { world } = this.#site;
    const leftMs = this.#heardMs + sessionTimeoutMs - world.nowMs();
    world.after(this.#isExpired ? sessionTimeoutMs : Math.max(1, leftMs), () => {
      const isSilent = world.nowMs() >= this.#heardMs + sessionTimeoutMs;
      if (isSilent && !this.#isExpired) this.#expire();
      if (!this.#isExpired || this.#node.life === this.#life) this.#expireLater();
    });
  }

  #expire(): void {
    this.#isExpired = true;
    this.#place.ensemble.expire(this.#id);
    this.#answer(() => {
      const lost = this.#lost;
      this.#lost = undefined;
      lost?.();
    });
  }
}
