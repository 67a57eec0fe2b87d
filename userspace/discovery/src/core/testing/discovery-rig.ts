import { assert } from "@tutti/base";
import type { Backend, Fact, HeldWithdrawal } from "@tutti/discovery-v1";
import type { Random } from "@tutti/ports";
import { Discovery } from "../discovery.ts";
import { FollowerTable } from "../follower-table.ts";
import { eventFromWire } from "../from-wire.ts";
import type {
  DiscoveryDurable,
  DiscoveryEffect,
  DiscoveryEntry,
  DiscoveryEvent,
  NameRecord,
} from "../types.ts";
import type { Ready } from "@tutti/machine";

const random: Random = { next: () => 0, below: () => 0, uuid: () => "" };

/** Discovery on a clock of its own, with a follower that gets every change. */
export class DiscoveryRig {
  readonly discovery = new Discovery(["10.9.9.9", "2001:db8::53", "2001:DB8:0::54"]);
  readonly follower = new FollowerTable();
  readonly names = new Map<string, string>();
  readonly asked: string[] = [];
  /** What a master answers when it is asked for a snapshot; undefined: it does not. */
  answer: (() => unknown) | undefined;
  held: HeldWithdrawal | undefined;
  nowMs = 1000;
  #wakeAt: number | undefined;

  constructor(durable: Partial<DiscoveryDurable> = {}) {
    const epoch = durable.epoch ?? 1;
    this.follower.restore("lineage", { epoch, sequence: 0 }, []);
    const names: readonly NameRecord[] = durable.names ?? [];
    for (const { name, address } of names) this.names.set(name, address);
    this.#take(this.discovery.recover({ epoch, names, facts: durable.facts ?? [] }, this.#env));
  }

  get #env() {
    return { monoMs: this.nowMs, wallMs: this.nowMs, random };
  }

  /** Facts that a follower holds. */
  get facts(): readonly Fact[] {
    return [...this.follower.facts.values()];
  }

  /** Backends of the VIP with this name or address, as `address:port`. */
  backends(vip: string): readonly string[] {
    const found = this.facts.find(
      (fact) => fact.kind === "vip" && (fact.names.includes(vip) || fact.address === vip),
    );
    assert(found?.kind === "vip", `there is a VIP ${vip}`);
    return found.backends.map(({ address, port }: Backend) => `${address}:${port}`);
  }

  post(event: DiscoveryEvent): void {
    this.#take(this.discovery.step(event, this.#env));
  }

  /** Records of the master, as JSON. */
  master(...records: readonly unknown[]): void {
    for (const record of records) {
      const event = eventFromWire(record);
      if (event !== undefined) this.post({ type: "master", event });
    }
  }

  /** Lets time pass, waking the machine when it asked for it. */
  advance(ms: number): void {
    const end = this.nowMs + ms;
    while (this.#wakeAt !== undefined && this.#wakeAt <= end) {
      this.nowMs = Math.max(this.nowMs, this.#wakeAt);
      this.#wakeAt = undefined;
      this.post({ type: "wake" });
    }
    this.nowMs = end;
  }

  #take(ready: Ready<DiscoveryEntry, DiscoveryEffect>): void {
    for (const entry of ready.persist)
      if (entry.type === "putName") this.names.set(entry.name, entry.address);
      else this.names.delete(entry.name);
    this.#wakeAt = ready.wakeAtMonoMs;
    for (const effect of ready.afterPersist) this.#perform(effect);
  }

  #perform(effect: DiscoveryEffect): void {
    switch (effect.type) {
      case "publish": {
        const { version, change } = effect;
        const outcome = this.follower.take({ type: "change", version, ...change });
        assert(outcome.type === "changed", "a follower can take every change");
        break;
      }
      case "resubscribe":
        this.asked.push(effect.reason);
        if (this.answer !== undefined) this.master(this.answer());
        break;
      case "held":
        this.held = effect.held;
        break;
    }
  }
}

/** Discovery ends, and another goes on with what its machine kept. */
export function restarted(rig: DiscoveryRig): DiscoveryRig {
  const names = [...rig.names].map(([name, address]) => ({ name, address }));
  const again = new DiscoveryRig({
    epoch: rig.discovery.version.epoch + 1,
    names,
    facts: rig.facts,
  });
  again.nowMs = rig.nowMs;
  return again;
}
