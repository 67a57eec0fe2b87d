import type { Coordination } from "@tutti/coordination";
import type {
  AppliedReport,
  FollowRequest,
  HeldWithdrawal,
  Problem,
  TableVersion,
} from "@tutti/discovery-v1";
import type { StreamWriter } from "@tutti/http";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import { Discovery, taskKeyOf } from "../core/index.ts";
import type {
  DiscoveryDurable,
  DiscoveryEffect,
  DiscoveryEntry,
  DiscoveryEvent,
  KnownMaster,
} from "../core/index.ts";
import { FrameworkHosts } from "./framework-hosts.ts";
import { addressedMaster, masterAt } from "./known-masters.ts";
import { MasterStream } from "./master-stream.ts";
import { NameRecords } from "./name-records.ts";
import { Publisher } from "./publisher.ts";
import type { DiscoveryOptions } from "./options.ts";

interface LeaderOptions extends DiscoveryOptions {
  readonly coordination: Coordination;
  readonly election: string;
  readonly epoch: number;
}

/** What an operator is told of discovery. */
export interface DiscoveryStatus {
  readonly version: TableVersion;
  readonly ready: boolean;
  readonly masterSilentMs: number;
  readonly held: HeldWithdrawal | undefined;
  readonly followers: number;
  /** Followers that are being sent a snapshot. */
  readonly paging: number;
  /** Followers that do not take what they are sent. */
  readonly late: number;
  readonly counts: Discovery["counts"];
}

/** One leadership: the core, its loop, the subscription and the followers. */
export class DiscoveryLeader {
  readonly #options: LeaderOptions;
  readonly #discovery: Discovery;
  readonly #loop: MachineLoop<DiscoveryEvent, DiscoveryDurable>;
  readonly #publisher: Publisher;
  readonly #names: NameRecords;
  #stream: MasterStream | undefined;
  #leaderUrl: string | undefined;
  /** Followers that wait for the first word of a master. */
  readonly #waiting = new Set<(isReady: boolean) => void>();
  #isStopped = false;

  static async start(options: LeaderOptions): Promise<DiscoveryLeader> {
    const names = new NameRecords(options.coordination, options.election, options.epoch);
    const kept = await options.keptTable();
    const lineage = await names.lineage(options.random.uuid());
    // A table of another cluster that had this machine before is none of ours.
    const base = kept?.lineage === lineage ? kept : undefined;
    const leader = new DiscoveryLeader(options, { names, lineage, base });
    leader.#loop.start({
      epoch: options.epoch,
      names: await names.read(),
      facts: base?.facts ?? [],
    });
    leader.#listen();
    return leader;
  }

  private constructor(
    options: LeaderOptions,
    {
      names,
      lineage,
      base,
    }: {
      readonly names: NameRecords;
      readonly lineage: string;
      readonly base: Awaited<ReturnType<DiscoveryOptions["keptTable"]>>;
    },
  ) {
    this.#options = options;
    this.#discovery = new Discovery(options.nameServers);
    this.#names = names;
    this.#publisher = new Publisher({
      clock: options.clock,
      lineage,
      epoch: options.epoch,
      base,
      masterSilentMs: () => this.#stream?.silentMs ?? 0,
    });
    this.#loop = createMachineLoop<
      DiscoveryEvent,
      DiscoveryEntry,
      DiscoveryEffect,
      DiscoveryDurable
    >(this.#discovery, {
      clock: options.clock,
      random: options.random,
      persist: (entries, done) => void this.#persist(entries, done),
      perform: (effect) => this.#perform(effect),
      wake: { type: "wake" },
      fatal: options.onFatal,
    });
  }

  get isReady(): boolean {
    return this.#discovery.isReady;
  }

  /** Whether a table can be given out; waits for the master's first word up to `waitMs`, or until this leadership ends. */
  ready(waitMs: number): Promise<boolean> {
    if (this.isReady || this.#isStopped) return Promise.resolve(!this.#isStopped);
    return new Promise((resolve) => {
      const tell = (isReady: boolean): void => {
        cancel();
        this.#waiting.delete(tell);
        resolve(isReady);
      };
      const cancel = this.#options.clock.after(waitMs, () => tell(false));
      this.#waiting.add(tell);
    });
  }

  /** `remoteAddress`: where the connection comes from. */
  follow(request: FollowRequest, writer: StreamWriter, remoteAddress: string): void {
    this.#publisher.follow(request, writer, remoteAddress);
  }

  get followers(): number {
    return this.#publisher.followers;
  }

  applied({ machine, version }: AppliedReport): void {
    this.#publisher.applied(machine, version);
  }

  release(): Promise<void> {
    this.#loop.post({ type: "release" });
    return this.#read(() => undefined);
  }

  problems(filter: {
    readonly frameworkId?: string;
    readonly taskId?: string;
    readonly name?: string;
  }): Promise<readonly Problem[]> {
    return this.#read(() => this.#discovery.problems(filter));
  }

  /** Whether no machine has a task as a backend any more that was one; waits for that up to `waitMs`. */
  async drained(
    task: { readonly frameworkId: string; readonly taskId: string },
    waitMs: number,
  ): Promise<boolean> {
    const key = taskKeyOf(task);
    const backends = await this.#read(() => this.#discovery.backendsOf(key));
    return this.#publisher.drained(key, waitMs, backends > 0);
  }

  status(): DiscoveryStatus {
    const counts = this.#publisher.counts;
    return {
      version: this.#publisher.version,
      ready: this.isReady,
      masterSilentMs: Math.round(this.#stream?.silentMs ?? 0),
      held: this.#publisher.held,
      followers: counts.followers,
      paging: counts.paging,
      late: counts.late,
      counts: this.#discovery.counts,
    };
  }

  /** Prometheus text. */
  metrics(): string {
    const { tasks, unconfirmed, agents, vips, backends, names } = this.#discovery.counts;
    const counts = this.#publisher.counts;
    const { epoch, sequence } = this.#publisher.version;
    const held = this.#publisher.held;
    const values = {
      epoch,
      sequence,
      tasks,
      tasks_unconfirmed: unconfirmed,
      agents,
      vips,
      backends,
      names,
      followers: counts.followers,
      followers_in_snapshot: counts.paging,
      followers_late: counts.late,
      followers_waiting_bytes: counts.waitingBytes,
      followers_cut_total: counts.cut,
      followers_overtaken_total: counts.overtaken,
      changes_resumable: counts.changes,
      changes_resumable_bytes: counts.changeBytes,
      sent_bytes_total: counts.bytesSent,
      held_backends: held?.backends ?? 0,
      held_tasks: held?.tasks ?? 0,
      master_silent_seconds: (this.#stream?.silentMs ?? 0) / 1000,
    };
    return Object.entries(values)
      .map(([name, value]) => `discovery_${name} ${value}\n`)
      .join("");
  }

  stop(): void {
    this.#isStopped = true;
    this.#tellWaiting(false);
    this.#stream?.stop();
    this.#loop.stop();
    this.#publisher.stop();
  }

  #listen(): void {
    const { masters, secret, clock, random, report } = this.#options;
    this.#loop.post({ type: "masters", masters: masters.map(masterAt) });
    const hosts = new FrameworkHosts((event) => this.#loop.post({ type: "master", event }));
    this.#stream = new MasterStream({
      masters,
      secret,
      clock,
      random,
      report: (line) => report(`discovery: ${line}`),
      onEvent: (event, url) => {
        if (event.type === "snapshot") void this.#leads(url);
        this.#loop.post({ type: "master", event });
        hosts.take(event);
      },
      onLost: () => this.#loop.post({ type: "masterLost" }),
    });
  }

  /** The master at `url` leads. A master that calls itself by a name is looked up meanwhile. */
  async #leads(url: string): Promise<void> {
    if (url === this.#leaderUrl) return;
    this.#leaderUrl = url;
    const leader = await addressedMaster(url);
    // Another may lead by now; and one that was not found is looked up again with the next stream.
    if (this.#leaderUrl !== url) return;
    if (leader === undefined) this.#leaderUrl = undefined;
    else this.#postMasters(leader);
  }

  /** A leader that is not in the list is a master all the same: the last one. */
  #postMasters(leader: KnownMaster): void {
    const known = this.#options.masters.map(masterAt);
    const isLeader = ({ address, port }: KnownMaster): boolean =>
      address === leader.address && port === leader.port;
    const masters = known.some(isLeader) ? known : [...known, leader];
    this.#loop.post({ type: "masters", masters, leader: masters.findIndex(isLeader) });
  }

  #perform(effect: DiscoveryEffect): void {
    switch (effect.type) {
      case "publish":
        this.#publisher.publish(effect.version, effect.change, effect.drained);
        if (this.isReady) this.#tellWaiting(true);
        break;
      case "resubscribe":
        this.#options.report(`discovery: asks the master again: ${effect.reason}`);
        this.#stream?.renew();
        break;
      case "held":
        this.#publisher.hold(effect.held);
        this.#tellHeld(effect.held);
        break;
    }
  }

  #tellWaiting(isReady: boolean): void {
    for (const tell of this.#waiting) tell(isReady);
  }

  #tellHeld(held: HeldWithdrawal | undefined): void {
    const line =
      held === undefined
        ? "nothing is held back any more"
        : `holds back the loss of ${held.backends} of ${held.ofBackends} backends and ${held.tasks} of ${held.ofTasks} tasks: ${held.reason}`;
    this.#options.report(`discovery: ${line}`);
  }

  async #persist(entries: readonly DiscoveryEntry[], done: (error?: Error) => void): Promise<void> {
    try {
      await this.#names.write(entries);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done();
  }

  #read<T>(view: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#loop.read(() => resolve(view()));
    });
  }
}
