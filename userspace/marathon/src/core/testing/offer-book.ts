import type { Offer } from "@tutti/mesos-v1";
import { resourcesOf } from "./model-agent.ts";
import type { ModelAgent } from "./model-agent.ts";

/** What there is to offer at a moment. */
export interface Market {
  readonly nowMs: number;
  readonly agents: readonly ModelAgent[];
  readonly freeCpus: (agent: ModelAgent) => number;
}

/** The offers of the model's master: who has which, what was refused until when, which roles want none. */
export class OfferBook {
  readonly #roles: readonly string[];
  readonly #suppressed = new Set<string>();
  readonly #refused = new Map<string, { readonly untilMs: number; readonly cpus: number }>();
  readonly #offers = new Map<string, { readonly agent: ModelAgent; readonly role: string }>();
  #offerNumber = 0;

  constructor(roles: readonly string[]) {
    this.#roles = roles;
  }

  /** The framework is gone. */
  clear(): void {
    this.#offers.clear();
    this.#suppressed.clear();
    this.#refused.clear();
  }

  has(offerId: string): boolean {
    return this.#offers.has(offerId);
  }

  suppress(roles: readonly string[]): void {
    for (const role of roles) this.#suppressed.add(role);
  }

  revive(roles: readonly string[]): void {
    for (const role of roles) {
      this.#suppressed.delete(role);
      for (const key of this.#refused.keys())
        if (key.endsWith(` ${role}`)) this.#refused.delete(key);
    }
  }

  /** Takes an offer back; what is left of its agent is not offered again for so long. */
  refuse(offerId: string, seconds: number, market: Market): void {
    const offer = this.#offers.get(offerId);
    this.#offers.delete(offerId);
    if (offer === undefined) return;
    this.#refused.set(`${offer.agent.id} ${offer.role}`, {
      untilMs: market.nowMs + seconds * 1000,
      cpus: market.freeCpus(offer.agent),
    });
  }

  /** Offers whatever may be offered now. */
  make(market: Market): readonly Offer[] {
    return this.#roles
      .filter((role) => !this.#suppressed.has(role))
      .flatMap((role) =>
        market.agents.flatMap((agent) => this.#offerOf(market, agent, role) ?? []),
      );
  }

  #offerOf(market: Market, agent: ModelAgent, role: string): Offer | undefined {
    if (!agent.reachable || (agent.role !== "*" && agent.role !== role)) return undefined;
    const isOut = [...this.#offers.values()].some((offer) => offer.agent === agent);
    const cpus = market.freeCpus(agent);
    const refused = this.#refused.get(`${agent.id} ${role}`);
    const isRefused =
      refused !== undefined && refused.untilMs > market.nowMs && cpus <= refused.cpus;
    if (isOut || isRefused || cpus < 0.01) return undefined;
    this.#offerNumber += 1;
    const id = `offer-${this.#offerNumber}`;
    this.#offers.set(id, { agent, role });
    return {
      id: { value: id },
      framework_id: { value: "framework-1" },
      agent_id: { value: agent.id },
      hostname: agent.host,
      allocation_info: { role },
      resources: resourcesOf(agent, cpus, role),
      attributes: Object.entries(agent.attributes).map(([name, value]) => ({
        name,
        type: "TEXT",
        text: { value },
      })),
    };
  }
}
