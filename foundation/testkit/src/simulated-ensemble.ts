import type {
  CoordinationRecord,
  LeaderInfo,
  RecordWrite,
  WriteOutcome,
} from "@tutti/coordination/core";
import { planWrites } from "@tutti/coordination/core";
import { compareText } from "@tutti/base";

/** Someone who stands in an election, on behalf of a session. */
export interface Candidate {
  readonly session: string;
  readonly announcement: Uint8Array;
  /** Told when it leads. */
  readonly won: (epoch: number) => void;
}

interface Election {
  epoch: number;
  leader: { readonly session: string; readonly announcement: Uint8Array } | undefined;
  candidates: Candidate[];
}

/**
 * The state that all handles of a simulated coordination share: what a ZooKeeper ensemble, or one
 * database file, would hold. Its methods are atomic; who is far away calls them through the network.
 * Bytes are kept as they are given: as all messages of a simulation they are values.
 */
export class SimulatedEnsemble {
  readonly #elections = new Map<string, Election>();
  readonly #records = new Map<string, CoordinationRecord>();
  readonly #watchers = new Set<(paths: readonly string[]) => void>();
  #sessionCount = 0;

  /** The name of a new session of a node. */
  openSession(nodeName: string): string {
    this.#sessionCount += 1;
    return `${nodeName}#${this.#sessionCount}`;
  }

  stand(name: string, candidate: Candidate): void {
    const election = this.#election(name);
    election.candidates.push(candidate);
    this.#settle(election);
  }

  /** Takes a candidate back; one that leads already goes on leading. */
  withdraw(name: string, candidate: Candidate): void {
    const election = this.#election(name);
    election.candidates = election.candidates.filter((other) => other !== candidate);
  }

  /** Ends a leadership: its epoch is fenced, the next candidate leads. */
  resign(name: string, epoch: number): void {
    const election = this.#election(name);
    if (election.epoch !== epoch || election.leader === undefined) return;
    this.#depose(election);
  }

  /** Ends everything a session stood for. */
  expire(session: string): void {
    for (const election of this.#elections.values()) {
      election.candidates = election.candidates.filter(
        (candidate) => candidate.session !== session,
      );
      if (election.leader?.session === session) this.#depose(election);
    }
  }

  leader(name: string): LeaderInfo | undefined {
    const { epoch, leader } = this.#election(name);
    return leader === undefined ? undefined : { epoch, announcement: leader.announcement };
  }

  /** The highest epoch of an election so far. */
  epochOf(name: string): number {
    return this.#election(name).epoch;
  }

  write(name: string, epoch: number, writes: readonly RecordWrite[]): WriteOutcome {
    const currentEpoch = this.#election(name).epoch;
    if (epoch !== currentEpoch) return { type: "fenced", currentEpoch };
    const plan = planWrites(writes, (path) => this.#records.get(path)?.version ?? 0);
    if (plan.type === "conflict") return plan;
    for (const change of plan.changes) {
      if (change.type === "delete") this.#records.delete(change.path);
      else {
        const { path, value, version } = change;
        this.#records.set(path, { path, value, version });
      }
    }
    const paths = plan.changes.map(({ path }) => path);
    if (paths.length > 0) for (const watcher of this.#watchers) watcher(paths);
    return { type: "written" };
  }

  read(path: string): CoordinationRecord | undefined {
    return this.#records.get(path);
  }

  list(prefix: string): readonly CoordinationRecord[] {
    const found = [...this.#records.values()].filter(({ path }) => path.startsWith(prefix));
    return found.sort((left, right) => compareText(left.path, right.path));
  }

  /** Calls `changed` at each commit; returns the way to stop. */
  watch(changed: (paths: readonly string[]) => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  #election(name: string): Election {
    const known = this.#elections.get(name);
    if (known !== undefined) return known;
    const election: Election = { epoch: 0, leader: undefined, candidates: [] };
    this.#elections.set(name, election);
    return election;
  }

  #depose(election: Election): void {
    election.epoch += 1;
    election.leader = undefined;
    this.#settle(election);
  }

  #settle(election: Election): void {
    if (election.leader !== undefined) return;
    const next = election.candidates.shift();
    if (next === undefined) return;
    election.epoch += 1;
    election.leader = { session: next.session, announcement: next.announcement };
    next.won(election.epoch);
  }
}
