import { assert, Fault, present } from "@tutti/base";
import type { AppInput } from "@tutti/marathon-v2";
import type { ApiRequest, World } from "@tutti/marathon/core";
import type { MasterView } from "@tutti/master/core";
import { ensembleName, SimulatedEnsemble, SimulatedNetwork, SimulatedWorld } from "@tutti/testkit";
import type { LinkFaults, SimulatedNode } from "@tutti/testkit";
import { AgentProcess } from "./agent-process.ts";
import { MarathonProcess } from "./marathon-process.ts";
import { MasterProcess } from "./master-process.ts";
import { Narrator } from "./narrator.ts";
import type { ContainerFaults } from "./simulated-machine.ts";
import type { Observation, Observer, UserAnswer } from "./observation.ts";
import { defaultClusterOptions } from "./options.ts";
import type { ClusterOptions } from "./options.ts";
import { Sabotage } from "./sabotage.ts";
import { marathonApi } from "./services.ts";
import { masterUrlOf } from "./site.ts";
import type { Process, Site } from "./site.ts";
import type { StoreFaults, StorePlace, StoreSession } from "./store-session.ts";
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
export class Cluster {
  readonly world: SimulatedWorld;
  readonly network: SimulatedNetwork;
  readonly trace = new Trace(traceLinesMax);
  readonly narrator = new Narrator(this.trace);
  readonly masters: ReadonlyMap<string, MasterProcess>;
  readonly agents: ReadonlyMap<string, AgentProcess>;
  readonly marathon: MarathonProcess;
  /** Marathon's durable records. */
  readonly marathonStore: SimulatedEnsemble;
  readonly #options: ClusterOptions;
  readonly #codec: WireCodec;
  readonly #processes = new Map<string, Process>();
  readonly #observers: Observer[] = [];
  readonly #user: SimulatedNode;
  readonly #storeFaults = new Map<string, StoreFaults>();
  readonly #sessions = new Map<string, StoreSession>();
  #requests = 0;
  #commandsSent = 0;

  constructor(seed: number | string, options: ClusterOptions) {
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
        ? { ensemble, name: ensembleName, kind: "shared", faults: this.#storeFaults }
        : this.#localPlace(node, own);
    this.marathonStore = isShared ? ensemble : new SimulatedEnsemble();
    this.masters = new Map(
      masterNames.map((name) => {
        const place = placeOf(name, new SimulatedEnsemble());
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
    this.#user = this.world.addNode("user");
    // A command that is sent twice would be two commands: the user's connection does not double.
    this.network.setLink("user", "marathon", { duplication: 0 });
    for (const [name, process] of [
      ...this.masters,
      ["marathon", this.marathon] as const,
      ...this.agents,
    ]) {
      this.#processes.set(name, process);
    }
  }

  /** Starts every process; call it once, after the observers were added. */
  start(): this {
    for (const [node, process] of this.#processes) {
      this.#observe({ type: "processStarted", node });
      process.start();
    }
    return this;
  }

  /** Lets `observer` see everything from now on. */
  addObserver(observer: Observer): void {
    this.#observers.push(observer);
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
    this.#observe({ type: "userAsked", number, request });
    this.network.call(this.#user, "marathon", marathonApi, request, (outcome) => {
      const answer: UserAnswer =
        outcome.type === "answered" ? { type: "answered", ...outcome.answer } : outcome;
      this.#observe({ type: "userAnswered", number, answer });
      answered?.(answer);
    });
    return number;
  }

  // --- faults -------------------------------------------------------------------------------------

  /** Kills a process. */
  crash(name: string, cause = "kill -9"): void {
    const node = this.world.node(name);
    if (node.state === "down") return;
    this.#observe({ type: "processCrashed", node: name, cause });
    node.crash();
  }

  /** Starts a process that is down. */
  restart(name: string): void {
    const node = this.world.node(name);
    if (node.state !== "down") return;
    node.restart();
    this.#observe({ type: "processStarted", node: name });
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
    this.#observe({ type: "processPaused", node: name });
    this.world.node(name).pause();
  }

  /** Lets it go on. */
  resume(name: string): void {
    if (this.world.node(name).state !== "paused") return;
    this.#observe({ type: "processResumed", node: name });
    this.world.node(name).resume();
  }

  /** Cuts the links between the two, in both directions. */
  partition(one: string, other: string): void {
    this.#observe({
      type: "linksChanged",
      what: `${one} and ${other} are cut off from one another`,
    });
    this.network.cut(one, other);
    this.network.cut(other, one);
  }

  /** Cuts a node off from all others, or only what it sends, or only what it receives. */
  isolate(name: string, direction: "both" | "out" | "in"): void {
    const how = { both: "is cut off", out: "is not heard", in: "hears nothing" }[direction];
    this.#observe({ type: "linksChanged", what: `${name} ${how}` });
    for (const other of this.#peersOf(name)) {
      if (direction !== "in") this.network.cut(name, other);
      if (direction !== "out") this.network.cut(other, name);
    }
  }

  /** Mends the links of one node, or all. */
  heal(name?: string): void {
    this.#observe({ type: "linksChanged", what: `${name ?? "everything"} is connected again` });
    if (name === undefined) {
      this.network.heal();
      return;
    }
    for (const other of this.#peersOf(name)) {
      this.network.mend(name, other);
      this.network.mend(other, name);
    }
  }

  /** Makes all links slow, lossy or doubling; undefined makes them sound. */
  weather(faults: Partial<LinkFaults> | undefined): void {
    const what =
      faults === undefined
        ? "all links are sound"
        : Object.entries(faults)
            .map(([name, value]) => `${name} ${Math.round(value * 1000) / 1000}`)
            .join(", ");
    this.#observe({ type: "linksChanged", what });
    this.network.setDefaults(faults ?? {});
  }

  /** Makes one link slow, in both directions; undefined makes it as fast as the others. */
  delay(one: string, other: string, delayMsMax: number | undefined): void {
    const how =
      delayMsMax === undefined ? "as near as all" : `up to ${Math.round(delayMsMax)} ms apart`;
    this.#observe({ type: "linksChanged", what: `${one} and ${other} are ${how}` });
    const faults = delayMsMax === undefined ? undefined : { delayMsMax };
    this.network.setLink(one, other, faults);
    this.network.setLink(other, one, faults);
  }

  /** Breaks the streams a node has dialled for one side only; the other side believes in them for a while. */
  halfOpen(name: string, heardBy: "dialer" | "acceptor"): void {
    const who = heardBy === "dialer" ? name : "who was dialled";
    this.#trouble(name, `its streams break, and only ${who} learns of it`);
    this.network.halfOpen(name, heardBy);
  }

  /** A node loses its streams without the other side learning of it, and its next dial arrives twice. */
  dialTwice(name: string): void {
    this.#trouble(name, "its streams break unheard, and it dials twice");
    this.network.dialTwice(name);
    this.network.halfOpen(name, "dialer");
  }

  /** Makes a node's disk slow or failing; without faults it is sound. */
  disk(name: string, faults: { readonly slowMsMax?: number; readonly failure?: number }): void {
    const { slowMsMax, failure } = faults;
    const slow = slowMsMax === undefined ? [] : [`writes take up to ${Math.round(slowMsMax)} ms`];
    const failing =
      failure === undefined ? [] : [`${Math.round(failure * 100)} of 100 writes fail`];
    this.#trouble(name, [...slow, ...failing].join(", ") || "the disk is sound");
    this.#storeFaults.set(name, faults);
    this.agents.get(name)?.disk.setFaults({
      ...(slowMsMax === undefined ? {} : { latencyMsMax: slowMsMax }),
      ...(failure === undefined ? {} : { failure }),
    });
  }

  /** Lets a process die while its next write is under way: the write is whole or gone. */
  dieInNextWrite(name: string): void {
    const die = (): void => this.crash(name, "in the middle of a write");
    this.#storeFaults.set(name, { die });
    this.agents.get(name)?.disk.dieInNextWrite(die);
  }

  /** Moves the wall clock of a node; its monotonic clock goes on. */
  jumpClock(name: string, byMs: number): void {
    this.#trouble(name, `the wall clock jumps by ${Math.round(byMs / 1000)} s`);
    this.world.node(name).jumpWall(byMs);
  }

  /** Coordination forgets the session of a node, and with it what it led. */
  loseSession(name: string): void {
    const session = this.#sessions.get(name);
    if (session === undefined || this.world.node(name).state === "down") return;
    this.#trouble(name, "coordination forgets its session");
    session.lose();
  }

  /** What the container runtime of an agent's machine does wrong from now on. */
  containers(name: string, faults: Partial<ContainerFaults>): void {
    const isSound = Object.keys(faults).length === 0;
    this.#trouble(name, isSound ? "the runtime is sound" : "the runtime fails now and then");
    present(this.agents.get(name), `the agent ${name}`).machine.setFaults(faults);
  }

  /** Something on the machine of an agent kills one of its containers. */
  killContainer(name: string): void {
    present(this.agents.get(name), `the agent ${name}`).machine.killOne();
  }

  /** Disks, links, runtimes and programs behave from now on, those that run and those to come. */
  calm(): void {
    this.network.heal();
    this.network.setDefaults({});
    this.#storeFaults.clear();
    for (const { machine, disk } of this.agents.values()) {
      machine.isCalm = true;
      machine.setFaults({});
      disk.setFaults({});
      disk.dieInNextWrite(undefined);
    }
    this.#observe({ type: "linksChanged", what: "everything is connected and sound again" });
  }

  // --- looking ------------------------------------------------------------------------------------

  /** Names of all nodes that can fail. */
  nodes(): readonly string[] {
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

  #trouble(node: string, what: string): void {
    this.#observe({ type: "nodeTroubled", node, what });
  }

  #peersOf(name: string): readonly string[] {
    const all = [...this.#processes.keys(), "user", ensembleName];
    return all.filter((other) => other !== name);
  }

  #localPlace(node: string, ensemble: SimulatedEnsemble): StorePlace {
    const name = `${node}-disk`;
    this.network.setLink(node, name, localLink);
    this.network.setLink(name, node, localLink);
    return { ensemble, name, kind: "local", faults: this.#storeFaults };
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
      sessions: this.#sessions,
      masterUrls: masterNames.map(masterUrlOf),
      observe: (observation) => this.#observe(observation),
      fatal: (node, error) => this.#fatal(node, error),
    };
  }

  #observe(observation: Observation): void {
    const atMs = this.world.nowMs();
    this.narrator.tell(observation, atMs);
    for (const observer of this.#observers) observer(observation, atMs);
  }

  #fatal(name: string, error: Error): void {
    const isFault = error instanceof Fault || "retryable" in error;
    if (!isFault) throw error;
    this.crash(name, error.message);
    this.world.after(this.#options.supervisorDelayMs, () => this.restart(name));
  }
}
