import { present } from "@tutti/base";
import { FollowerTable } from "@tutti/discovery/core";
import type {
  DiscoveryRecord,
  FollowRequest,
  TableChange,
  TableVersion,
} from "@tutti/discovery-v1";
import { rcodes } from "@tutti/dns";
import { makeOwnZones, Table } from "@tutti/dns-forwarder/core";
import { L4lbMachine, parsePrefix } from "@tutti/l4lb/core";
import type { L4lbEffect, L4lbEvent, Round } from "@tutti/l4lb/core";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import { MesosZone, NameIndex } from "@tutti/mesos-dns/core";
import { TableOrder } from "@tutti/node/core";
import type { SimulatedNode } from "@tutti/testkit";
import type { Process, Site } from "../site.ts";
import { LeaderDial } from "./leader-dial.ts";
import type { KeptTable } from "./publisher.ts";
import { appliedReports, tableStream } from "./services.ts";
import { SimulatedKernel } from "./simulated-kernel.ts";

const discoveryUrl = "http://discovery:62080";
const followerIdleMs = 16_000;
const reportDelayMs = 20;
/** How long somebody else's hand in the tables stays unseen. */
const compareMsMax = 5_000;
const addressType = 1;
const range = "11.0.0.0/8";

/** One life of a machine's process of names and virtual IPs. */
interface Life {
  readonly table: FollowerTable;
  readonly vips: Table;
  readonly zones: ReturnType<typeof makeOwnZones>;
  readonly order: TableOrder;
  readonly stream: LeaderDial<FollowRequest, DiscoveryRecord>;
  readonly loop: MachineLoop<L4lbEvent, undefined>;
  readonly waiters: { readonly number: number; readonly done: (isHeld: boolean) => void }[];
  /** The newest change that the kernel was told and does not hold; when it does, the order is told. */
  unheld: number | undefined;
  changes: number;
  applied: TableVersion | undefined;
  reported: TableVersion | undefined;
  isCatchingUp: boolean;
}

/** What every machine has for names and virtual IPs: a follower of discovery, two DNS zones, and the load balancer. */
export class MachineNames implements Process {
  readonly kernel = new SimulatedKernel();
  readonly #site: Site;
  readonly #node: SimulatedNode;
  readonly #address: string;
  /** The table's file. */
  #kept: KeptTable | undefined;
  #life: Life | undefined;
  #heardMs: number | undefined;
  #masterSilentMs = 0;

  constructor(site: Site, node: SimulatedNode, address: string) {
    this.#site = site;
    this.#node = node;
    this.#address = address;
  }

  /** Every change is in the file before anybody acts on it. */
  get kept(): KeptTable | undefined {
    const { version, lineage, facts } = this.#life?.table ?? {};
    if (version !== undefined && lineage !== undefined && facts !== undefined)
      this.#kept = { lineage, version, facts: [...facts.values()] };
    return this.#kept;
  }

  /** The table it holds; undefined while its process is down, or before the first. */
  version(): TableVersion | undefined {
    return this.#node.state === "down" ? undefined : this.#life?.applied;
  }

  /** Whether its process is up and hears discovery. */
  get isFollowing(): boolean {
    return this.#node.state === "up" && this.#life?.stream.isGood === true;
  }

  /** Names of VIPs that it answers, and their addresses. */
  vipNames(): readonly (readonly [string, readonly string[]])[] {
    const vips = this.#node.state === "down" ? undefined : this.#life?.vips;
    return [...(vips?.vipNames() ?? [])].map((name) => [name, vips?.vipAddresses(name) ?? []]);
  }

  /** What its DNS says to a question for addresses: sorted; undefined when it says that there is no such name. */
  ask(name: string): readonly string[] | undefined {
    const zones = present(this.#life, "a life").zones;
    const zone = zones.find(({ origin }) => name === origin || name.endsWith(`.${origin}`));
    const answer = zone?.answer({ name, type: addressType, class: 1 } as never);
    if (answer === undefined || answer.rcode === rcodes.nxDomain) return undefined;
    return answer.answers.flatMap((one) => ("address" in one ? [one.address] : [])).toSorted();
  }

  /** How old its table is, as its metrics say: since anything was heard of discovery, and of a master by discovery. */
  ageMs(): number | undefined {
    if (this.#heardMs === undefined) return undefined;
    return this.#node.clock.monoMs() - this.#heardMs + this.#masterSilentMs;
  }

  /** Somebody says `nft flush ruleset`; it is seen within seconds. */
  flushTables(): void {
    this.kernel.flush();
    const loop = this.#life?.loop;
    this.#node.after(this.#node.random.between(10, compareMsMax), () =>
      loop?.post({ type: "disturbed", reason: "the tables are gone" }),
    );
  }

  start(): void {
    const { kept } = this;
    this.#life = undefined;
    const table = new FollowerTable();
    const vips = new Table();
    const settings = {
      domain: "mesos",
      ttlSeconds: 5,
      ipSources: ["host"],
      enforceRfc952: false,
      nameServerAddresses: [],
    } as const;
    const index = new NameIndex(settings);
    if (kept !== undefined) {
      table.restore(kept.lineage, kept.version, kept.facts);
      vips.replace(kept.facts);
      index.replace(kept.facts);
    }
    const zone = new MesosZone(index, settings);
    const options = { table: vips, serial: () => 1, components: {}, nameServers: [] };
    const zones = makeOwnZones({ ...options, injected: [zone] });
    const order = new TableOrder({
      names: [
        { apply: (change) => index.apply(this.#withoutEnds(change)) },
        {
          apply: (change, told) => {
            vips.apply(change, told);
            this.#observeNamed(change);
          },
        },
      ],
      dataplane: (change, done) => this.#lead(life, change, done),
      onApplied: (version) => this.#applied(life, version),
    });
    const life: Life = {
      table,
      vips,
      zones,
      loop: this.#balance(() => life),
      waiters: [],
      unheld: undefined,
      order,
      changes: 0,
      applied: undefined,
      reported: undefined,
      isCatchingUp: false,
      stream: this.#follow(() => life, order),
    };
    this.#life = life;
    this.#node.onCrash(() => life.loop.stop());
    life.loop.start(undefined);
    if (kept !== undefined) order.take({ remove: [], put: kept.facts }, kept.version, false);
  }

  #follow(life: () => Life, order: TableOrder): Life["stream"] {
    return new LeaderDial<FollowRequest, DiscoveryRecord>({
      network: this.#site.network,
      node: this.#node,
      service: tableStream,
      urls: [discoveryUrl],
      hello: () => this.#hello(),
      idleMs: followerIdleMs,
      begun: () => this.#life?.table.begin(),
      take: (record) => this.#take(life(), order, record),
      lost: () => undefined,
    });
  }

  #hello(): FollowRequest {
    const version = this.#life?.table.version ?? this.#kept?.version;
    const have = this.#site.sabotage.has("resumeFromWrongVersion")
      ? version && { ...version, sequence: version.sequence + 1 }
      : version;
    return {
      versionMin: 1,
      versionMax: 1,
      machine: this.#node.name,
      address: this.#address,
      ...(have === undefined ? {} : { have }),
    };
  }

  #take(life: Life, order: TableOrder, record: DiscoveryRecord): boolean {
    this.#heardMs = this.#node.clock.monoMs();
    if (record.type === "heartbeat") this.#masterSilentMs = record.masterSilentMs;
    if (record.type === "welcome") {
      life.reported = undefined;
      life.isCatchingUp = true;
    }
    if (record.type === "heartbeat") this.#report(life);
    const outcome = life.table.take(record);
    if (outcome.type === "broken") return false;
    if (outcome.type === "nothing") return true;
    const { version, change } = outcome;
    const { facts } = life.table;
    this.#site.observe({ type: "tableTaken", node: this.#node.name, version, facts });
    if (this.#site.sabotage.has("heldTooEarly")) this.#applied(life, version);
    if (this.#site.sabotage.has("nameBeforeDataplane")) {
      life.vips.apply(change);
      this.#observeNamed(change);
    }
    const isAwaited = record.type === "change" && record.confirm === true;
    order.take(change, version, isAwaited || life.isCatchingUp);
    life.isCatchingUp = false;
    return true;
  }

  /** The planted bug: names of tasks that are gone stay, on one machine. */
  #withoutEnds(change: TableChange): TableChange {
    if (!this.#site.sabotage.has("namesOutliveTasks") || this.#node.name !== "agent1-names")
      return change;
    return { ...change, remove: change.remove.filter((key) => !key.startsWith("task/")) };
  }

  #observeNamed({ put }: TableChange): void {
    const vips = put.flatMap((fact) => (fact.kind === "vip" ? [fact] : []));
    if (vips.length === 0) return;
    const { kernel } = this;
    this.#site.observe({ type: "vipsNamed", node: this.#node.name, vips, kernel });
  }

  #lead(life: Life, change: TableChange, done: (isHeld: boolean) => void): void {
    life.changes += 1;
    const number = life.changes;
    life.waiters.push({ number, done });
    life.loop.post({ type: "tableChanged", number, change });
  }

  /** What the dataplane holds is told: once each version, soon when connections are to go away. */
  #applied(life: Life, version: TableVersion): void {
    life.applied = version;
    const { kernel } = this;
    this.#site.observe({ type: "tableHeld", node: this.#node.name, version, kernel });
    this.#node.clock.after(reportDelayMs, () => this.#report(life));
  }

  #report(life: Life): void {
    const { applied: version } = life;
    if (version === undefined || version === life.reported || !life.stream.isGood) return;
    life.reported = version;
    const report = { machine: this.#node.name, version };
    this.#site.network.call(this.#node, "discovery", appliedReports, report, (outcome) => {
      if (outcome.type === "failed") life.reported = undefined;
    });
  }

  #balance(life: () => Life): Life["loop"] {
    const { clock, random, name } = this.#node;
    const prefix = present(parsePrefix(range), "a range of addresses");
    const machine = new L4lbMachine({
      families: [4],
      ranges: [{ text: range, prefix }],
      onLink: [],
      taken: [],
    });
    return createMachineLoop<L4lbEvent, never, L4lbEffect, undefined>(machine, {
      clock,
      random,
      persist: (_entries, done) => done(),
      perform: (effect) => this.#perform(life(), effect),
      wake: { type: "wake" },
      fatal: (error) => this.#site.fatal(name, error),
    });
  }

  #perform(life: Life, effect: L4lbEffect): void {
    switch (effect.type) {
      case "carryOutRound":
        this.#node.after(this.#node.random.between(1, 60), () => this.#round(life, effect.round));
        return;
      case "release":
        this.#release(life, effect.number, effect.isHeld);
        return;
      case "report":
        this.#site.observe({ type: "vipsReported", node: this.#node.name, line: effect.line });
        return;
    }
  }

  #release(life: Life, number: number, isHeld: boolean): void {
    while ((life.waiters[0]?.number ?? Infinity) <= number) {
      if (!isHeld) life.unheld = number;
      life.waiters.shift()?.done(isHeld);
    }
    if (!isHeld || life.unheld === undefined || life.unheld > number) return;
    life.unheld = undefined;
    life.order.held();
  }

  /** The kernel is told before the answer comes: a process may die between the two. */
  #round({ loop }: Life, round: Round): void {
    const { refusal } = this.kernel;
    const isTaken =
      this.kernel.take(round.transactions) || this.#site.sabotage.has("refusalUnheard");
    this.#node.after(this.#node.random.between(1, 20), () => {
      if (!isTaken) {
        loop.post({ type: "roundFailed", reason: refusal ?? "the tables are not as they were" });
        return;
      }
      loop.post({ type: "roundDone" });
      if (round.cuts.length === 0) return;
      this.#node.after(5, () => loop.post({ type: "cutsDone", flows: round.cuts }));
    });
  }
}
