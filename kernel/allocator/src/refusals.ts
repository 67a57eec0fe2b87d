import { present } from "@tutti/base";
import type { Resources } from "@tutti/resources";
import { Bits } from "./bits.ts";
import { limits } from "./limits.ts";
import { type RefusalEntry, RefusalHeap } from "./refusal-heap.ts";

/** Resources of one agent that some clients do not want, nor any part of them. */
export interface Refused {
  /** Place in the pool, and which life of that place this is. */
  readonly number: number;
  readonly life: number;
  readonly agent: number;
  readonly resources: Resources;
  readonly clients: Bits;
  /** Further refusals of the same by a client that has refused already: the last to end counts. */
  readonly again: Map<number, number>;
}

/**
 * Who refused what, where, and until when. Equal resources refused at an agent by many clients are kept
 * once, with one bit for each client: an idle cluster whose frameworks have all declined costs one
 * comparison and a few words of bits for each agent.
 *
 * Invariant: a client's bit is set exactly while a refusal of its present life is in the heap.
 */
export class Refusals {
  readonly #byAgent: Refused[][] = [];
  readonly #versions: number[] = [];
  readonly #pool: (Refused | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #heap = new RefusalHeap();
  readonly #clientLives: number[] = [];
  #lives = 0;
  /** Entries of the heap that still mean something. */
  #live = 0;

  /** What was refused at an agent. */
  at(agent: number): readonly Refused[] {
    return this.#byAgent[agent] ?? [];
  }

  /** Changes whenever the list `at(agent)` does. */
  versionAt(agent: number): number {
    return this.#versions[agent] ?? 0;
  }

  /** The agents at which something was forgotten early to keep the bounds. */
  refuse(agent: number, client: number, resources: Resources, deadlineMs: number): number[] {
    const forgotten: number[] = [];
    this.#makeRoom(forgotten);
    const refused = this.#refusedAt(agent, resources, forgotten);
    if (refused.clients.has(client)) {
      refused.again.set(client, (refused.again.get(client) ?? 0) + 1);
    } else {
      refused.clients.add(client);
    }
    this.#live += 1;
    this.#heap.push({
      deadlineMs,
      refused: refused.number,
      refusedLife: refused.life,
      client,
      clientLife: this.#clientLives[client] ?? 0,
    });
    return forgotten;
  }

  /** Ends the refusals due and returns the agents where they stood, some more than once. */
  expire(monoMs: number): number[] {
    const agents: number[] = [];
    for (let next = this.nextDeadlineMs(); next !== undefined; next = this.nextDeadlineMs()) {
      if (next > monoMs) break;
      agents.push(this.#end(this.#heap.pop()));
    }
    return agents;
  }

  /** When the next refusal ends. */
  nextDeadlineMs(): number | undefined {
    while (this.#heap.size > 0 && !this.#isLive(this.#heap.peek())) this.#heap.pop();
    return this.#heap.nextDeadlineMs;
  }

  /** Drops all refusals of a client. */
  forgetClient(client: number): void {
    this.#clientLives[client] = (this.#clientLives[client] ?? 0) + 1;
    for (const refused of this.#pool) {
      if (refused === undefined || !refused.clients.has(client)) continue;
      this.#live -= 1 + (refused.again.get(client) ?? 0);
      refused.again.delete(client);
      refused.clients.delete(client);
      if (refused.clients.size === 0) this.#drop(refused);
    }
  }

  /** Drops all refusals at an agent. */
  forgetAgent(agent: number): void {
    for (const refused of this.at(agent).slice()) this.#drop(refused);
  }

  /** How many refusals hold, by client. */
  counts(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const refused of this.#pool) {
      if (refused === undefined) continue;
      for (const client of refused.clients.numbers()) {
        const count = 1 + (refused.again.get(client) ?? 0);
        counts.set(client, (counts.get(client) ?? 0) + count);
      }
    }
    return counts;
  }

  #isLive(entry: RefusalEntry): boolean {
    return (
      this.#pool[entry.refused]?.life === entry.refusedLife &&
      (this.#clientLives[entry.client] ?? 0) === entry.clientLife
    );
  }

  /** Takes back what a live entry that has left the heap stood for; returns its agent. */
  #end(entry: RefusalEntry): number {
    const refused = present(this.#pool[entry.refused], "what a live refusal refuses");
    this.#live -= 1;
    const again = refused.again.get(entry.client) ?? 0;
    if (again > 1) refused.again.set(entry.client, again - 1);
    else if (again === 1) refused.again.delete(entry.client);
    else refused.clients.delete(entry.client);
    if (refused.clients.size === 0) this.#drop(refused);
    return refused.agent;
  }

  #makeRoom(forgotten: number[]): void {
    const dead = this.#heap.size - this.#live;
    if (dead > this.#live + 1024) this.#heap.retain((entry) => this.#isLive(entry));
    while (this.#live >= limits.refusalsMax && this.nextDeadlineMs() !== undefined) {
      forgotten.push(this.#end(this.#heap.pop()));
    }
  }

  #refusedAt(agent: number, resources: Resources, forgotten: number[]): Refused {
    const list = (this.#byAgent[agent] ??= []);
    for (const refused of list) {
      if (refused.resources === resources || refused.resources.equals(resources)) {
        return refused;
      }
    }
    const oldest = list[0];
    if (oldest !== undefined && list.length >= limits.refusedResourcesPerAgentMax) {
      this.#drop(oldest);
      forgotten.push(agent);
    }
    this.#lives = (this.#lives + 1) & 0x7fffffff;
    const refused: Refused = {
      number: this.#free.pop() ?? this.#pool.length,
      life: this.#lives,
      agent,
      resources,
      clients: new Bits(),
      again: new Map(),
    };
    this.#pool[refused.number] = refused;
    list.push(refused);
    this.#versions[agent] = this.versionAt(agent) + 1;
    return refused;
  }

  #drop(refused: Refused): void {
    this.#live -= refused.clients.size;
    for (const again of refused.again.values()) this.#live -= again;
    this.#pool[refused.number] = undefined;
    this.#free.push(refused.number);
    const list = this.#byAgent[refused.agent] ?? [];
    list.splice(list.indexOf(refused), 1);
    this.#versions[refused.agent] = this.versionAt(refused.agent) + 1;
  }
}

/** Whether a refusal covers `resources`. */
export function covers(refused: Refused, resources: Resources): boolean {
  return refused.resources === resources || refused.resources.contains(resources);
}
