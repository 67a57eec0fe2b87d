import { setTimeout as rest } from "node:timers/promises";
import type { SeededRandom } from "@tutti/testkit";
import type { TestCluster } from "../cluster.ts";
import { definitionOf, movingApp, steadyApp, type WantedApp } from "./app-definition.ts";
import type { ChaosJournal } from "./journal.ts";

/** Apps at the same time, and instances of one: twice of it fits on two small agents, for upgrades. */
const appsMax = 10;
const instancesMax = 4;
/** Between two changes. */
const pauseMs = { min: 200, max: 1_500 };
/** A change is asked for again until Marathon has answered, for at most this long. */
const answerWithinMs = 120_000;
const retryMs = 250;

/** A steady load of deployments, and the memory of what was acknowledged. */
export class AppLoad {
  readonly #cluster: TestCluster;
  readonly #random: SeededRandom;
  readonly #journal: ChaosJournal;
  readonly #apps = new Map<string, WantedApp>();
  readonly #fixed: readonly WantedApp[];
  readonly #losesAgents: boolean;
  #created = 0;

  constructor(
    cluster: TestCluster,
    how: {
      readonly random: SeededRandom;
      readonly journal: ChaosJournal;
      /** Agents are cut off for so long that they count as lost. */
      readonly losesAgents: boolean;
    },
  ) {
    this.#cluster = cluster;
    this.#random = how.random;
    this.#journal = how.journal;
    this.#losesAgents = how.losesAgents;
    this.#fixed = how.losesAgents ? [steadyApp, movingApp] : [steadyApp];
  }

  get wanted(): readonly WantedApp[] {
    return [...this.#fixed, ...this.#apps.values()];
  }

  /** Posts the apps that stay. */
  async begin(): Promise<void> {
    for (const app of this.#fixed)
      await this.#until("POST", "/v2/apps", this.#definition(app), [201], [409]);
  }

  /** Changes apps, one change after another, until `signal` says stop; throws when one is not answered. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#change();
      await rest(this.#random.between(pauseMs.min, pauseMs.max), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  async #change(): Promise<void> {
    const apps = [...this.#apps.values()];
    const draw = this.#random.below(10);
    if (apps.length === 0 || (draw < 3 && apps.length < appsMax)) await this.#create();
    else if (draw < 6) await this.#scale(this.#random.pick(apps));
    else if (draw < 8) await this.#upgrade(this.#random.pick(apps));
    else if (draw < 9) await this.#restart(this.#random.pick(apps));
    else await this.#remove(this.#random.pick(apps));
  }

  async #create(): Promise<void> {
    this.#created += 1;
    const instances = 1 + this.#random.below(instancesMax);
    const app = { id: `/chaos/app-${String(this.#created)}`, instances, release: 1 };
    // A second POST after a lost answer is refused: the app is there.
    await this.#until("POST", "/v2/apps", this.#definition(app), [201], [409]);
    this.#apps.set(app.id, app);
    this.#journal.count("created", `created ${app.id} with ${String(instances)}`);
  }

  async #scale(app: WantedApp): Promise<void> {
    const next = { ...app, instances: this.#random.below(instancesMax + 1) };
    await this.#put(next, { instances: next.instances });
    this.#journal.count("scaled", `scaled ${app.id} to ${String(next.instances)}`);
  }

  async #upgrade(app: WantedApp): Promise<void> {
    const next = { ...app, release: app.release + 1 };
    await this.#put(next, this.#definition(next));
    this.#journal.count("upgraded", `upgraded ${app.id} to release ${String(next.release)}`);
  }

  async #restart(app: WantedApp): Promise<void> {
    await this.#until("POST", `/v2/apps${app.id}/restart?force=true`, undefined, [200]);
    this.#journal.count("restarted", `restarted ${app.id}`);
  }

  async #remove(app: WantedApp): Promise<void> {
    await this.#until("DELETE", `/v2/apps${app.id}?force=true`, undefined, [200], [404]);
    this.#apps.delete(app.id);
    this.#journal.count("removed", `removed ${app.id}`);
  }

  async #put(next: WantedApp, body: unknown): Promise<void> {
    await this.#until("PUT", `/v2/apps${next.id}?force=true`, body, [200]);
    this.#apps.set(next.id, next);
  }

  #definition(app: WantedApp): unknown {
    if (!this.#losesAgents) return definitionOf(app);
    const spread = app === movingApp ? { constraints: [["hostname", "GROUP_BY"]] } : {};
    return { ...definitionOf(app), ...spread, unreachableStrategy: unreachableStrategyOf(app) };
  }

  /**
   * Asks again until the answer is one of `good`; connections and 5xx may fail, refusals may not. `done`: what says that
   * an attempt whose answer was lost has done it; at the first attempt it says that something is lost.
   */
  async #until(
    method: string,
    path: string,
    body: unknown,
    good: readonly number[],
    done: readonly number[] = [],
  ): Promise<void> {
    const deadlineMs = performance.now() + answerWithinMs;
    let last = "";
    while (performance.now() < deadlineMs) {
      try {
        const answer = await this.#cluster.marathon(method, path, body);
        if (good.includes(answer.status)) return;
        if (last !== "" && done.includes(answer.status)) return;
        last = `${String(answer.status)} ${JSON.stringify(answer.body)}`;
        if (answer.status < 500) throw new Refused(`${method} ${path} was refused: ${last}`);
      } catch (error) {
        if (error instanceof Refused) throw error;
        last = String(error);
      }
      await rest(retryMs);
    }
    throw new Error(
      `${method} ${path} was not answered within ${String(answerWithinMs / 1000)} s: ${last}`,
    );
  }
}

/**
 * What becomes of instances whose agent is lost: the steady app waits for them for ever, the moving one replaces them at
 * once; of the others some are replaced and given up, some replaced and still known when they come back.
 */
function unreachableStrategyOf(app: WantedApp): unknown {
  if (app.id === steadyApp.id) return "disabled";
  const atOnce = { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 };
  if (app.id === movingApp.id) return atOnce;
  const strategies = [atOnce, { inactiveAfterSeconds: 5, expungeAfterSeconds: 600 }, "disabled"];
  return strategies[Number(/\d+$/u.exec(app.id)?.[0] ?? 0) % strategies.length];
}

class Refused extends Error {}
