import {
  DrainBook,
  FollowerTable,
  MachineRoll,
  changeSince,
  sequenceAfter,
} from "@tutti/discovery/core";
import type { RolledMachine, TaskKey } from "@tutti/discovery/core";
import { factKey } from "@tutti/discovery-v1";
import type { Fact, FollowRequest, StreamChange, TableVersion } from "@tutti/discovery-v1";
import type { SimulatedNode, SimulatedStream } from "@tutti/testkit";
import type { Site } from "../site.ts";
import type { TableDown } from "./services.ts";

const heartbeatMs = 5_000;
const flushIntervalMs = 10;
/** Few, so that followers are sent whole tables too. */
const changesMax = 40;
const factsOfPage = 25;

interface Follower {
  readonly machine: RolledMachine;
  readonly stream: SimulatedStream<TableDown>;
}

/** The table that a discovery began with: that of its own machine. */
export interface KeptTable {
  readonly lineage: string;
  readonly version: TableVersion;
  readonly facts: readonly Fact[];
}

interface PublisherOptions {
  readonly site: Site;
  readonly node: SimulatedNode;
  readonly lineage: string;
  readonly epoch: number;
  readonly base: KeptTable | undefined;
  readonly masterSilentMs: () => number;
}

/** What one life of discovery publishes, and who follows it: the decisions are those of discovery's core. */
export class SimulatedPublisher {
  readonly #options: PublisherOptions;
  readonly #table = new FollowerTable();
  readonly #roll = new MachineRoll(
    () => this.#table.facts.values(),
    () => this.#version,
  );
  readonly #drains: DrainBook;
  readonly #followers = new Set<Follower>();
  #changes: { readonly version: TableVersion; readonly change: StreamChange }[] = [];
  /** Of those, how many were sent. */
  #sent = 0;
  #version: TableVersion;
  #isFlushPlanned = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    const { base, lineage, epoch } = options;
    this.#version = { epoch, sequence: 0 };
    this.#table.restore(lineage, base?.version ?? this.#version, base?.facts ?? []);
    this.#drains = new DrainBook({
      held: () => this.#held(),
      tasksMax: 20_000,
      waitersMax: 10_000,
    });
    this.#beat();
  }

  get facts(): ReadonlyMap<string, Fact> {
    return this.#table.facts;
  }

  get version(): TableVersion {
    return this.#version;
  }

  publish(version: TableVersion, change: StreamChange, drained: readonly TaskKey[]): void {
    const { base, site, node } = this.#options;
    const own =
      version.sequence === 1 && base !== undefined
        ? changeSince({ version: base.version, facts: this.#table.facts }, change)
        : change;
    const before = new Map(this.#table.facts);
    this.#table.take({ type: "change", version, ...own });
    this.#version = version;
    this.#drains.withdrawn(drained, version);
    if ([...own.remove, ...own.put.map(factKey)].some(isMachineKey)) this.#roll.machinesChanged();
    this.#changes.push({ version, change: own });
    if (this.#changes.length > changesMax) {
      this.#flush();
      const gone = this.#changes.length / 2;
      this.#changes = this.#changes.slice(gone);
      this.#sent = this.#changes.length;
    }
    site.observe({
      type: "tablePublished",
      node: node.name,
      version,
      before,
      after: this.#table.facts,
    });
    this.#planFlush();
  }

  follow(request: FollowRequest, stream: SimulatedStream<TableDown>, from: string): () => void {
    const { machine: name, address } = request;
    this.#flush();
    const follower = { machine: { name, address, remoteAddress: from }, stream };
    this.#followers.add(follower);
    this.#roll.enter(follower.machine);
    const { lineage } = this.#options;
    stream.send({
      type: "message",
      message: { type: "welcome", version: 1, heartbeatMs, lineage },
    });
    this.#bring(follower, request.have);
    return () => {
      this.#followers.delete(follower);
      this.#roll.leave(follower.machine);
      this.#drains.check();
    };
  }

  applied(machine: string, version: TableVersion): void {
    this.#roll.applied(machine, version);
    this.#drains.check();
  }

  /** Calls `done` once: with true when every machine has withdrawn the backends of a task, with false after a while. */
  drained(
    ask: { readonly key: TaskKey; readonly waitMs: number; readonly isBackend: boolean },
    done: (drained: boolean) => void,
  ): void {
    const { key, waitMs, isBackend } = ask;
    if (this.#drains.isDrained(key, isBackend)) {
      done(true);
      return;
    }
    let isOver = false;
    const end = (drained: boolean): void => {
      if (isOver) return;
      isOver = true;
      cancel?.();
      done(drained);
    };
    const cancel = this.#drains.wait(key, isBackend, () => end(true));
    if (cancel === undefined) end(false);
    else this.#options.node.clock.after(waitMs, () => end(false));
  }

  /** The oldest version that all machines hold; the planted bug: the newest that is published. */
  #held(): TableVersion | undefined {
    const { site } = this.#options;
    return site.sabotage.has("holdReleasedEarly") ? this.#version : this.#roll.held();
  }

  /** What a new follower lacks. */
  #bring(follower: Follower, have: TableVersion | undefined): void {
    const { base } = this.#options;
    const next =
      have === undefined
        ? undefined
        : sequenceAfter(have, { version: this.#version, base: base?.version });
    const first = this.#version.sequence - this.#changes.length + 1;
    if (next === undefined || next < first || next > this.#version.sequence + 1) {
      this.#sendTable(follower);
      return;
    }
    for (const { version, change } of this.#changes.slice(next - first))
      follower.stream.send({ type: "message", message: { type: "change", version, ...change } });
  }

  #sendTable({ stream }: Follower): void {
    const facts = [...this.#table.facts.values()];
    const version = this.#version;
    for (let at = 0; at === 0 || at < facts.length; at += factsOfPage) {
      const put = facts.slice(at, at + factsOfPage);
      const last = at + factsOfPage >= facts.length;
      stream.send({ type: "message", message: { type: "snapshot", version, put, last } });
    }
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    this.#options.node.clock.after(flushIntervalMs, () => this.#flush());
  }

  #flush(): void {
    this.#isFlushPlanned = false;
    const changes = this.#changes.slice(this.#sent);
    this.#sent = this.#changes.length;
    for (const { stream } of this.#followers)
      for (const { version, change } of changes)
        stream.send({ type: "message", message: { type: "change", version, ...change } });
  }

  #beat(): void {
    const { node, masterSilentMs } = this.#options;
    node.clock.after(heartbeatMs, () => {
      const silentMs = Math.round(masterSilentMs());
      for (const { stream } of this.#followers) {
        const version = this.#version;
        stream.send({
          type: "message",
          message: { type: "heartbeat", version, masterSilentMs: silentMs },
        });
      }
      this.#beat();
    });
  }
}

function isMachineKey(key: string): boolean {
  return key.startsWith("agent/") || key.startsWith("master/");
}
