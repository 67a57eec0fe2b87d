import { assertNever } from "@tutti/base";
import type { TableChange, VipFact } from "@tutti/discovery-v1";
import { factKey } from "@tutti/discovery-v1";
import type { Env, Machine, Ready } from "@tutti/machine";
import { isInside, parseAddress } from "./addresses.ts";
import type { Address, Family, Prefix } from "./addresses.ts";
import { Dataplane } from "./dataplane.ts";
import { Departures, flowId, isVip } from "./departures.ts";
import type { Flow } from "./departures.ts";
import type { L4lbEffect, L4lbEvent, Round } from "./events.ts";
import { limits } from "./limits.ts";
import { tasksBehind, vipOf } from "./vip.ts";
import type { Vip } from "./vip.ts";

/** What this machine is to the load balancer. */
export interface L4lbConfig {
  /** Families this machine has an address of. */
  readonly families: readonly Family[];
  /** Ranges that belong to VIPs: every address of them that is no VIP is refused. */
  readonly ranges: readonly { readonly text: string; readonly prefix: Prefix }[];
  /** Ranges of the machine's own links: a VIP on an address there takes its port, not the address. */
  readonly onLink: readonly Prefix[];
  /** Addresses that no VIP may take on this machine, with what they are: its own, and those of DNS servers. */
  readonly taken: readonly { readonly address: Address; readonly what: string }[];
}

/** What readers are shown. */
export interface L4lbStatus {
  readonly available: boolean;
  /** Why VIPs are not served, when they are not. */
  readonly reason?: string;
  readonly vipCount: number;
  /** VIPs that are not served here because their address is taken. */
  readonly refusedVipCount: number;
  readonly backendCount: number;
  readonly slotCount: number;
  readonly roundCount: number;
  readonly failureCount: number;
  readonly repairCount: number;
  /** Backends that left and whose task still runs. */
  readonly drainingCount: number;
  /** Backends whose connections were to be cut and end by themselves, because too many waited. */
  readonly cutsLostCount: number;
}

/**
 * Decides what the kernel is told about virtual IPs, and when. Nothing is durable: the table of discovery comes
 * anew after a start, and the tables in the kernel are replaced by it in one transaction.
 *
 * Invariant: at most one round is under way; a round after a failure, a disturbance or the start is whole.
 */
export class L4lbMachine implements Machine<L4lbEvent, never, L4lbEffect, undefined> {
  readonly #config: L4lbConfig;
  readonly #dataplane: Dataplane;
  readonly #departures = new Departures();
  readonly #facts = new Map<string, VipFact>();
  readonly #vips = new Map<string, Vip>();
  readonly #dirty = new Map<string, Vip>();
  readonly #gone = new Map<string, string>();
  readonly #told = new Set<string>();
  /** VIPs whose address is taken, with what has it. */
  readonly #refused = new Map<string, string>();
  #lastNumber = 0;
  #roundNumber = 0;
  #underWay = false;
  #whole = true;
  #routesVersion = 0;
  #unavailable: string | undefined;
  #failingSinceMs: number | undefined;
  /** Why the kernel refuses, once it has done so for longer than those who wait do. */
  #refusal = "";
  #isOverdue = false;
  #retryMs: number = limits.retryMsMin;
  #notBeforeMs = 0;
  /** Whether the next round, and the one under way, makes anew what somebody else changed. */
  #isRepairDue = false;
  #isRepair = false;
  #repairCount = 0;
  #roundCount = 0;
  #failureCount = 0;
  /** Cuts of the round that is under way: a failed one gives them back. */
  #roundCuts: readonly Flow[] = [];
  /** Flows that are being cut now, each with how often: none of them may begin anew before that is done. */
  readonly #cutting = new Map<string, number>();
  #effects: L4lbEffect[] = [];

  constructor(config: L4lbConfig) {
    this.#config = config;
    const rangesOf = (family: Family): readonly string[] =>
      config.ranges.filter((range) => range.prefix.family === family).map((range) => range.text);
    this.#dataplane = new Dataplane((vip) => this.#owns(vip.address), {
      4: rangesOf(4),
      6: rangesOf(6),
    });
  }

  /** VIPs that are not served here because their address is taken: keys of facts, with what has the address. */
  get refused(): ReadonlyMap<string, string> {
    return this.#refused;
  }

  /** VIPs as discovery tells them, in the order of their coming. */
  facts(): IterableIterator<VipFact> {
    return this.#facts.values();
  }

  /** What this room put into the kernel. */
  get dataplane(): Dataplane {
    return this.#dataplane;
  }

  /** Why VIPs are not served; undefined when they are. */
  get unavailable(): string | undefined {
    if (this.#unavailable !== undefined) return this.#unavailable;
    return this.#isOverdue ? `the kernel refuses them: ${this.#refusal}` : undefined;
  }

  /** How many rounds the kernel took. */
  get roundCount(): number {
    return this.#roundCount;
  }

  status(): L4lbStatus {
    let backendCount = 0;
    let slotCount = 0;
    for (const vip of this.#vips.values()) backendCount += vip.backends.length;
    for (const { slots } of this.#dataplane.elements()) slotCount += slots.length;
    const reason = this.unavailable;
    return {
      available: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      vipCount: this.#vips.size,
      refusedVipCount: this.#refused.size,
      backendCount,
      slotCount,
      roundCount: this.#roundCount,
      failureCount: this.#failureCount,
      repairCount: this.#repairCount,
      drainingCount: this.#departures.size,
      cutsLostCount: this.#departures.lostCount,
    };
  }

  recover(_durable: undefined, _env: Env): Ready<never, L4lbEffect> {
    return { persist: [], afterPersist: [] };
  }

  step(event: L4lbEvent, env: Env): Ready<never, L4lbEffect> {
    switch (event.type) {
      case "tableChanged":
        this.#tableChanged(event.number, event.change);
        break;
      case "roundDone":
        this.#roundDone();
        break;
      case "cutsDone":
        this.#cutsDone(event.flows);
        break;
      case "roundFailed":
        this.#roundFailed(event.reason, env);
        break;
      case "disturbed":
        this.#disturbed(event.reason);
        break;
      case "available":
        this.#available();
        break;
      case "unavailable":
        this.#becameUnavailable(event.reason);
        break;
      case "wake":
        break;
      default:
        assertNever(event);
    }
    return this.#ready(env);
  }

  #ready(env: Env): Ready<never, L4lbEffect> {
    this.#releaseOverdue(env);
    const wakeAtMonoMs = this.#earlier(this.#begin(env), env);
    const afterPersist = this.#effects;
    this.#effects = [];
    return { persist: [], afterPersist, ...(wakeAtMonoMs === undefined ? {} : { wakeAtMonoMs }) };
  }

  #tableChanged(number: number, change: TableChange): void {
    this.#lastNumber = number;
    const vips: VipFact[] = [];
    // Tasks first: whether a backend that leaves still has its task decides what becomes of its connections.
    for (const key of change.remove) if (key.startsWith("task/")) this.#departures.taskGone(key);
    for (const fact of change.put) if (isVip(fact, this.#departures)) vips.push(fact);
    for (const key of change.remove) this.#removeVip(key);
    for (const fact of vips) this.#putVip(fact);
  }

  #removeVip(id: string): void {
    this.#refused.delete(id);
    const vip = this.#vips.get(id);
    if (vip === undefined) return;
    this.#vips.delete(id);
    this.#facts.delete(id);
    this.#dirty.delete(id);
    this.#gone.set(id, vip.key);
    this.#departures.vipChanged(vip, []);
  }

  #putVip(fact: VipFact): void {
    const vip = vipOf(fact);
    const id = factKey(fact);
    if (vip === undefined || !this.#config.families.includes(vip.family)) {
      this.#removeVip(id);
      this.#tellOnce(`The virtual IP ${id} cannot be served on this machine.`);
      return;
    }
    const what = this.#whatIsAt(vip.address);
    if (what !== undefined) {
      this.#removeVip(id);
      this.#refused.set(id, what);
      this.#tellOnce(
        `The virtual IP ${id} is not served on this machine: it is the address of ${what}.`,
      );
      return;
    }
    this.#refused.delete(id);
    this.#facts.set(id, fact);
    this.#vips.set(id, vip);
    this.#gone.delete(id);
    this.#dirty.set(id, vip);
    this.#departures.vipChanged(vip, tasksBehind(fact, vip));
  }

  #roundDone(): void {
    this.#underWay = false;
    for (const { vip, backend } of this.#roundCuts) {
      const id = flowId(vip, backend);
      this.#cutting.set(id, (this.#cutting.get(id) ?? 0) + 1);
    }
    this.#roundCuts = [];
    this.#tellLostCuts();
    this.#effects.push({ type: "release", number: this.#roundNumber, isHeld: true });
    this.#roundCount += 1;
    if (this.#isRepair) this.#repairCount += 1;
    this.#isRepair = false;
    this.#failingSinceMs = undefined;
    this.#isOverdue = false;
    this.#retryMs = limits.retryMsMin;
  }

  #cutsDone(flows: readonly Flow[]): void {
    for (const { vip, backend } of flows) {
      const id = flowId(vip, backend);
      const left = (this.#cutting.get(id) ?? 0) - 1;
      if (left > 0) this.#cutting.set(id, left);
      else this.#cutting.delete(id);
    }
  }

  #roundFailed(reason: string, env: Env): void {
    this.#giveUpRound();
    this.#failureCount += 1;
    this.#refusal = reason;
    this.#failingSinceMs ??= env.monoMs;
    this.#notBeforeMs = env.monoMs + this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, limits.retryMsMax);
    this.#effects.push({ type: "report", line: `The kernel refused virtual IPs: ${reason}` });
  }

  #disturbed(reason: string): void {
    if (this.#unavailable !== undefined || this.#roundCount === 0 || this.#whole) return;
    this.#whole = true;
    this.#isRepairDue = true;
    // A round that follows a refusal is under way: what is not as it was is its work.
    if (this.#failingSinceMs !== undefined) return;
    const line = `Somebody else changed what virtual IPs need: ${reason}. It is made anew.`;
    this.#effects.push({ type: "report", line });
  }

  #available(): void {
    if (this.#unavailable === undefined) return;
    this.#unavailable = undefined;
    this.#whole = true;
    this.#effects.push({ type: "report", line: "Virtual IPs are served from now on." });
  }

  #becameUnavailable(reason: string): void {
    this.#giveUpRound();
    if (this.#unavailable === reason) return;
    this.#unavailable = reason;
    this.#effects.push({ type: "report", line: `Virtual IPs are not served: ${reason}` });
  }

  /** What was under way may be in force or not: everything is told anew. Its cuts wait for that. */
  #giveUpRound(): void {
    this.#underWay = false;
    this.#whole = true;
    this.#isRepairDue ||= this.#isRepair;
    this.#isRepair = false;
    this.#departures.giveBack(this.#roundCuts, ({ vip, backend }) => {
      const { id } = vip;
      return this.#vips.get(id)?.backends.includes(backend) ?? false;
    });
    this.#roundCuts = [];
  }

  #tellLostCuts(): void {
    if (this.#departures.lostCount === 0) return;
    this.#tellOnce(
      `More than ${limits.cutsWaitingMax} backends that left wait to be cut: ` +
        "connections of the first of them end by themselves.",
    );
  }

  /** Nobody waits for what this machine cannot do now; the work goes on for those who come later. */
  #releaseOverdue(env: Env): void {
    const failing = this.#failingSinceMs;
    const overdue = failing !== undefined && env.monoMs >= failing + limits.refusedWaitMsMax;
    this.#isOverdue = overdue;
    if (this.#unavailable === undefined && !overdue) return;
    this.#effects.push({ type: "release", number: this.#lastNumber, isHeld: false });
  }

  /** Those who wait go in time also while a round is under way. */
  #earlier(wakeAtMs: number | undefined, env: Env): number | undefined {
    if (this.#failingSinceMs === undefined || this.#isOverdue) return wakeAtMs;
    const overdueAtMs = this.#failingSinceMs + limits.refusedWaitMsMax;
    return Math.max(env.monoMs, Math.min(wakeAtMs ?? overdueAtMs, overdueAtMs));
  }

  /** Begins a round when there is something to do and nothing in the way; else says when to ask again. */
  #begin(env: Env): number | undefined {
    if (this.#unavailable !== undefined || this.#lastNumber === 0) return undefined;
    if (this.#underWay || this.#wouldBeCut()) return undefined;
    const cutsDue = this.#cutRoom() > 0 ? this.#departures.cutCount : 0;
    const isDue = this.#whole || this.#dirty.size + this.#gone.size + cutsDue > 0;
    if (!isDue) {
      this.#effects.push({ type: "release", number: this.#lastNumber, isHeld: true });
      return undefined;
    }
    if (this.#whole && env.monoMs < this.#notBeforeMs) return this.#notBeforeMs;
    this.#effects.push({ type: "carryOutRound", round: this.#plan(env) });
    return undefined;
  }

  /** Whether a backend comes back whose connections are being cut: its new ones would be cut as well. */
  #wouldBeCut(): boolean {
    if (this.#cutting.size === 0) return false;
    const vips = this.#whole ? this.#vips.values() : this.#dirty.values();
    for (const vip of vips)
      if (vip.backends.some((backend) => this.#cutting.has(flowId(vip, backend)))) return true;
    return false;
  }

  #cutRoom(): number {
    return Math.max(0, limits.cutsUnderWayMax - this.#cutting.size);
  }

  #plan(env: Env): Round {
    const whole = this.#whole;
    const cuts = this.#departures.takeCuts(this.#cutRoom());
    const transactions = whole
      ? this.#dataplane.replace(this.#vips.values(), this.#config.families)
      : this.#dataplane.change([...this.#dirty.values()], [...this.#gone.values()]);
    this.#dirty.clear();
    this.#gone.clear();
    this.#roundCuts = cuts;
    this.#underWay = true;
    this.#whole = false;
    this.#isRepair = this.#isRepairDue;
    this.#isRepairDue = false;
    this.#roundNumber = this.#lastNumber;
    if (whole) this.#notBeforeMs = env.monoMs + limits.repairIntervalMs;
    const isMoved = this.#dataplane.ownedVersion !== this.#routesVersion;
    this.#routesVersion = this.#dataplane.ownedVersion;
    const routes = whole || isMoved ? { routes: this.#dataplane.ownedAddresses() } : {};
    return { transactions, cuts, whole, ...routes };
  }

  #owns(text: string): "range" | "address" | "port" {
    const address = parseAddress(text);
    if (address === undefined) return "port";
    if (this.#config.ranges.some((range) => isInside(address, range.prefix))) return "range";
    return this.#config.onLink.some((prefix) => isInside(address, prefix)) ? "port" : "address";
  }

  #whatIsAt(text: string): string | undefined {
    const address = parseAddress(text);
    if (address === undefined || this.#config.taken.length === 0) return undefined;
    return this.#config.taken.find(
      (taken) => taken.address.family === address.family && taken.address.value === address.value,
    )?.what;
  }

  #tellOnce(line: string): void {
    if (this.#told.has(line) || this.#told.size >= 1000) return;
    this.#told.add(line);
    this.#effects.push({ type: "report", line });
  }
}
