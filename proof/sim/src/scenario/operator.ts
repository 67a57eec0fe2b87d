import type { QuotaConfig } from "@tutti/mesos-v1";
import type { Cluster, UserAnswer } from "@tutti/simulator";
import type { SeededRandom } from "@tutti/testkit";
import { demand } from "../violation.ts";

const retryMs = 1_000;

/** Roles of apps, and one that nobody is in. */
const roles = ["*", "*", "slave_public", "batch"] as const;
type Role = (typeof roles)[number];

/** The part of a cluster an operator looks at. */
export type Operated = Pick<Cluster, "operate" | "durableQuotas"> & {
  readonly masters: Pick<Cluster["masters"], "keys">;
  readonly world: { after(delayMs: number, fire: () => void): unknown };
};

/**
 * An operator who sets, changes and removes quota, one call at a time, at any master. It keeps every quota
 * that a role may have: one, or more while nobody knows whether a call was carried out. What was
 * acknowledged must be durable and stay so (SIM12).
 */
export class Operator {
  readonly #cluster: Operated;
  readonly #random: SeededRandom;
  readonly #possible = new Map<Role, readonly string[]>();
  #isBusy = false;
  #isCalm = false;
  #isCleared = false;

  constructor(cluster: Operated, random: SeededRandom) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** Whether all quota was taken away at the end. */
  get isCleared(): boolean {
    return this.#isCleared;
  }

  /** One call, unless the last one is under way. */
  act(): void {
    if (this.#isBusy || this.#isCalm) return;
    this.ask([this.#draw()], this.#random.chance(0.5));
  }

  /** From now on it only takes all quota away, again and again until that is acknowledged. */
  calm(): void {
    this.#isCalm = true;
    if (!this.#isBusy) this.#clear();
  }

  /** Sends UPDATE_QUOTA. */
  ask(configs: readonly (QuotaConfig & { readonly role: Role })[], force: boolean): void {
    this.#isBusy = true;
    const node = this.#random.pick([...this.#cluster.masters.keys()]);
    const call = { force, quota_configs: [...configs] };
    this.#cluster.operate(node, { type: "UPDATE_QUOTA", update_quota: call }, (answer) => {
      this.#isBusy = false;
      for (const config of configs) this.#learn(config.role, textOf(config), answer);
      const isDone = answer.type === "answered" && answer.status === 200;
      if (isDone) this.demandDurable();
      if (!this.#isCalm) return;
      this.#isCleared = isDone && configs.length > 1;
      if (!this.#isCleared) this.#cluster.world.after(retryMs, () => this.#clear());
    });
  }

  /** Throws unless what is durable is what each role may have. */
  demandDurable(): void {
    const durable = this.#cluster.durableQuotas();
    for (const [role, possible] of this.#possible) {
      const record = durable.find((one) => one.role === role);
      const text = record === undefined ? "none" : amountsText(record.guarantees, record.limits);
      demand(
        possible.includes(text),
        "SIM12",
        () =>
          `the quota of ${role} is durable as ${text}, but what was acknowledged is ${possible.join(" or ")}`,
      );
    }
  }

  #learn(role: Role, text: string, answer: UserAnswer): void {
    const before = this.#possible.get(role) ?? ["none"];
    if (answer.type === "answered" && answer.status === 200) this.#possible.set(role, [text]);
    else if (answer.type === "answered" && [307, 400].includes(answer.status)) return;
    // Nobody answered, or a leader that fell in the middle of it.
    else this.#possible.set(role, [...new Set([...before, text])]);
  }

  #clear(): void {
    this.ask(
      [...new Set(roles)].map((role) => ({ role })),
      true,
    );
  }

  #draw(): QuotaConfig & { readonly role: Role } {
    const role = this.#random.pick(roles);
    if (this.#random.chance(0.25)) return { role };
    const cpus = this.#random.pick([1, 2, 4, 8, 12, 16]);
    const mem = this.#random.pick([512, 1024, 4096]);
    const limits = { cpus: { value: cpus }, mem: { value: mem } };
    if (this.#random.chance(0.5)) return { role, limits };
    return { role, limits, guarantees: { cpus: { value: cpus / 2 } } };
  }
}

function textOf({ guarantees = {}, limits = {} }: QuotaConfig): string {
  const milli = (amounts: typeof limits): Record<string, number> =>
    Object.fromEntries(Object.entries(amounts).map(([name, { value }]) => [name, value * 1_000]));
  const isNone = Object.keys(guarantees).length + Object.keys(limits).length === 0;
  return isNone ? "none" : amountsText(milli(guarantees), milli(limits));
}

function amountsText(
  guarantees: Readonly<Record<string, number>>,
  limits: Readonly<Record<string, number>>,
): string {
  const text = (amounts: Readonly<Record<string, number>>): string =>
    Object.entries(amounts)
      .map(([name, amount]) => `${name}:${amount}`)
      .sort()
      .join(";");
  return `[${text(guarantees)}, ${text(limits)}]`;
}
