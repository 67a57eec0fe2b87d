import { assert, Fault, present } from "@tutti/base";
import type { AppInput } from "@tutti/marathon-v2";
import type { ApiRequest, World } from "@tutti/marathon/core";
import type { MasterDurable, MasterView } from "@tutti/master/core";
import type { MasterCall } from "@tutti/mesos-v1";
import { ensembleName, SimulatedEnsemble, SimulatedNetwork, SimulatedWorld } from "@tutti/testkit";
import type { SimulatedNode } from "@tutti/testkit";
import { Adversity } from "./adversity.ts";
import { AgentProcess } from "./agent-process.ts";
import { MarathonProcess } from "./marathon-process.ts";
import { MasterProcess } from "./master-process.ts";
import { NamesLayer } from "./names/names-layer.ts";
import { Narrator } from "./narrator.ts";
import type { Observation, Observer, UserAnswer } from "./observation.ts";
import { defaultClusterOptions } from "./options.ts";
import type { ClusterOptions } from "./options.ts";
import { readAgents, readQuotas, registryPrefix } from "./registry-records.ts";
import { Sabotage } from "./sabotage.ts";
import { marathonApi, operatorCalls } from "./services.ts";
import { masterUrlOf } from "./site.ts";
import type { Process, Site } from "./site.ts";
import type { StorePlace } from "./store-session.ts";
import { Trace } from "./trace.ts";
import { WireCodec } from "./wire-codec.ts";

const localLink = { delayMsMin: 0.05, delayMsMax: 1, loss: 0, duplication: 0 };
/** Lines of the narrative that are kept. */
const traceLinesMax = 100_000;

/** Makes a cluster and starts all its processes. The same seed and calls give the same history. */
export function createCluster(
  seed: number | string,
  options: Partial<ClusterOptions> = {},
): Cluster {
  return new Cluster(seed, { ...defaultClusterOptions, ...options });
}

/**
 * A whole cluster in one process: the real cores in the real loop, on a simulated clock, network, disk
 * and machines. Nodes are called `master1`…, `agent1`…, `marathon` and `user`.
 */
export class Cluster extends Adversity {
  override readonly world: SimulatedWorld;
  override readonly network: SimulatedNetwork;
  readonly trace = new Trace(traceLinesMax);
  readonly narrator = new Narrator(this.trace);
  readonly masters: ReadonlyMap<string, MasterProcess>;
  override readonly agents: ReadonlyMap<string, AgentProcess>;
  readonly marathon: MarathonProcess;
  /** Names and virtual IPs, when the options want them. */
  readonly names: NamesLayer | undefined;
  /** Marathon's durable records. */
  readonly marathonStore: SimulatedEnsemble;
  /** The durable records of the masters: one master, or the ensemble that they share. */
  readonly #masterStore: SimulatedEnsemble;
  readonly #options: ClusterOptions;
  readonly #codec: WireCodec;
  readonly #processes = new Map<string, Process>();
  readonly #observers: Observer[] = [];
  /** Those who want to see only some types. */
  readonly #observersOf = new Map<Observation["type"], Observer[]>();
  readonly #user: SimulatedNode;
  #requests = 0;
  #commandsSent = 0;

  constructor(seed: number | string, options: ClusterOptions) {
    super();
    this.#options = options;
    this.world = new SimulatedWorld({ seed });
    this.network = new SimulatedNetwork(this.world);
    this.#codec = new WireCodec(options.codecShare, this.world.random.fork("codec"));
    const masterNames = Array.from({ length: options.masters }, (_, at) => `master${at + 1}`);
    const site = this.#makeSite(masterNames);
    const isShared = options.masters > 1;
    const ensemble = new SimulatedEnsemble();
    const placeOf = (node: string, own: SimulatedEnsemble): StorePlace =>
      isShared
        ? { ensemble, name: ensembleName, kind: "shared", faults: this.storeFaults }
        : this.#localPlace(node, own);
    this.marathonStore = isShared ? ensemble : new SimulatedEnsemble();
    this.#masterStore = isShared ? ensemble : new SimulatedEnsemble();
    this.masters = new Map(
      masterNames.map((name) => {
        const place = placeOf(name, this.#masterStore);
        return [name, new MasterProcess(site, this.world.addNode(name), place)] as const;
      }),
    );
    const marathonNode = this.world.addNode("marathon");
    this.marathon = new MarathonProcess(
      site,
      marathonNode,
      placeOf("marathon", this.marathonStore),
    );
    this.agents = new Map(
      options.agents.map((agent, at) => {
        const name = `agent${at + 1}`;
        return [name, new AgentProcess(site, this.world.addNode(name), agent)] as const;
      }),
    );
    const machines = [...masterNames, ...this.agents.keys()];
    this.names = options.names ? new NamesLayer(site, machines) : undefined;
    this.#user = this.world.addNode("user");
    // A command that is sent twice would be two commands: the user's connection does not double.
    this.network.setLink("user", "marathon", { duplication: 0 });
    for (const name of masterNames) this.network.setLink("user", name, { duplication: 0 });
    for (const [name, process] of [
      ...this.masters,
      ["marathon", this.marathon] as const,
      ...this.agents,
      ...(this.names?.processes ?? []),
    ]) {
      this.#processes.set(name, process);
    }
  }

  /** Starts every process; call it once, after the observers were added. */
  start(): this {
    for (const [node, process] of this.#processes) {
      this.observe({ type: "processStarted", node });
      process.start();
    }
    return this;
  }

  /** Lets `observer` see everything from now on, or only observations of these types. */
  addObserver(observer: Observer, types?: readonly Observation["type"][]): void {
    if (types === undefined) this.#observers.push(observer);
    for (const type of types ?? []) {
      this.#observersOf.set(type, [...(this.#observersOf.get(type) ?? []), observer]);
    }
  }

  nowMs(): number {
    return this.world.nowMs();
  }

  /** Lets simulated time pass until `untilMs`. */
  run(untilMs: number): this {
    this.world.run(untilMs);
    return this;
  }

  /** Runs until `condition` holds; false when it does not by `untilMs`. Looked at each simulated 100 ms. */
  runUntil(condition: () => boolean, untilMs: number): boolean {
    const lookEveryMs = 100;
    while (!condition()) {
      if (this.nowMs() >= untilMs) return false;
      this.run(Math.min(untilMs, this.nowMs() + lookEveryMs));
    }
    return true;
  }

  // --- the user -----------------------------------------------------------------------------------

  /** Posts an app, as `POST /v2/apps`. */
  postApp(input: AppInput, answered?: (answer: UserAnswer) => void): number {
    return this.ask({ type: "createApp", input, force: false }, answered);
  }

  /** Sends a command to Marathon; returns its number in the narrative. */
  ask(request: ApiRequest, answered?: (answer: UserAnswer) => void): number {
    this.#requests += 1;
    const number = this.#requests;
    this.#commandsSent += 1;
    this.observe({ type: "userAsked", number, request });
    this.network.call(this.#user, "marathon", marathonApi, request, (outcome) => {
      const answer: UserAnswer =
        outcome.type === "answered" ? { type: "answered", ...outcome.answer } : outcome;
      this.observe({ type: "userAnswered", number, answer });
      answered?.(answer);
    });
    return number;
  }

  /** Sends a call of the operator to a master, who may not lead. */
  operate(node: string, call: MasterCall, answered?: (answer: UserAnswer) => void): void {
    this.observe({ type: "operatorAsked", node, call });
    this.network.call(this.#user, node, operatorCalls, call, (outcome) => {
      const answer: UserAnswer =
        outcome.type === "answered"
          ? {
              type: "answered",
              status: outcome.answer.status,
              body: { message: outcome.answer.text },
            }
          : outcome;
      this.observe({ type: "operatorAnswered", node, answer });
      answered?.(answer);
    });
  }

  // --- faults -------------------------------------------------------------------------------------

  /** Kills a process. */
  override crash(name: string, cause = "kill -9"): void {
    const node = this.world.node(name);
    if (node.state === "down") return;
    this.observe({ type: "processCrashed", node: name, cause });
    node.crash();
  }

  /** Starts a process that is down. */
  restart(name: string): void {
    const node = this.world.node(name);
    if (node.state !== "down") return;
    node.restart();
    this.observe({ type: "processStarted", node: name });
    present(this.#processes.get(name), `the process of ${name}`).start();
  }

  /** Boots an agent's machine: its process is down afterwards, its containers are gone. */
  boot(name: string): void {
    this.crash(name, "the machine goes down");
    present(this.agents.get(name), `the agent ${name}`).machine.boot();
  }

  /** Stops a process, as SIGSTOP does. */
  pause(name: string): void {
    if (this.world.node(name).state !== "up") return;
    this.observe({ type: "processPaused", node: name });
    this.world.node(name).pause();
  }

  /** Lets it go on. */
  resume(name: string): void {
    if (this.world.node(name).state !== "paused") return;
    this.observe({ type: "processResumed", node: name });
    this.world.node(name).resume();
  }

  // --- looking ------------------------------------------------------------------------------------

  /** Names of all nodes that can fail. */
  override nodes(): readonly string[] {
    return [...this.#processes.keys()];
  }

  /** The leading master with the highest epoch, as its core sees the cluster. */
  masterView(): MasterView | undefined {
    let best: MasterProcess | undefined;
    for (const master of this.masters.values()) {
      if ((master.epoch() ?? -1) > (best?.epoch() ?? -1)) best = master;
    }
    return best?.view();
  }

  /** The quota that is durable. */
  durableQuotas(): MasterDurable["quotas"] {
    return readQuotas(this.#masterStore.list(registryPrefix));
  }

  /** What is durable of agents. */
  durableAgents(): MasterDurable["agents"] {
    return readAgents(this.#masterStore.list(registryPrefix));
  }

  /** The short name of a task, as in the narrative. */
  nameOf(taskId: string): string {
    return this.narrator.nameOf(taskId);
  }

  /** What the wall clock of a node shows. */
  wallMsOf(name: string): number {
    return this.world.node(name).clock.wallMs();
  }

  /** What Marathon knows; undefined while it is down. */
  marathonWorld(): World | undefined {
    return this.marathon.world();
  }

  /** Counts for reports. */
  counters(): {
    readonly events: number;
    readonly commands: number;
    readonly messagesEncoded: number;
    readonly network: SimulatedNetwork["counts"];
  } {
    return {
      events: this.world.eventCount,
      commands: this.#commandsSent,
      messagesEncoded: this.#codec.encoded,
      network: this.network.counts,
    };
  }

  #localPlace(node: string, ensemble: SimulatedEnsemble): StorePlace {
    const name = `${node}-disk`;
    this.network.setLink(node, name, localLink);
    this.network.setLink(name, node, localLink);
    return { ensemble, name, kind: "local", faults: this.storeFaults };
  }

  #makeSite(masterNames: readonly string[]): Site {
    assert(masterNames.length > 0, "a cluster needs a master");
    return {
      world: this.world,
      network: this.network,
      options: this.#options,
      codec: this.#codec,
      sabotage: new Sabotage(this.#options.plantedBugs),
      random: this.world.random.fork("machines"),
      sessions: this.sessions,
      masterUrls: masterNames.map(masterUrlOf),
      observe: (observation) => this.observe(observation),
      fatal: (node, error) => this.#fatal(node, error),
    };
  }

  protected override observe(observation: Observation): void {
    const atMs = this.world.nowMs();
    this.narrator.tell(observation, atMs);
    for (const observer of this.#observers) observer(observation, atMs);
    const others = this.#observersOf.get(observation.type);
    if (others !== undefined) for (const observer of others) observer(observation, atMs);
  }

  #fatal(name: string, error: Error): void {
    const isFault = error instanceof Fault || "retryable" in error;
    if (!isFault) throw error;
    this.crash(name, error.message);
    this.world.after(this.#options.supervisorDelayMs, () => this.restart(name));
  }
}
