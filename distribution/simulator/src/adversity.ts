import { present } from "@tutti/base";
import { ensembleName } from "@tutti/testkit";
import type { LinkFaults, SimulatedNetwork, SimulatedWorld } from "@tutti/testkit";
import type { AgentProcess } from "./agent-process.ts";
import type { Observation } from "./observation.ts";
import type { ContainerFaults } from "./simulated-machine.ts";
import type { Losable } from "./site.ts";
import type { StoreFaults } from "./store-session.ts";

/**
 * Everything that may befall a cluster besides the death of its processes: its links, connections,
 * disks, clocks, sessions and container runtimes.
 */
export abstract class Adversity {
  abstract readonly world: SimulatedWorld;
  abstract readonly network: SimulatedNetwork;
  abstract readonly agents: ReadonlyMap<string, AgentProcess>;
  /** What befalls the writes of each node to its store. */
  protected readonly storeFaults = new Map<string, StoreFaults>();
  /** The session of each node's present life, where it has one. */
  protected readonly sessions = new Map<string, Losable>();

  /** Names of all nodes that can fail. */
  abstract nodes(): readonly string[];

  /** Kills a process. */
  abstract crash(name: string, cause?: string): void;

  protected abstract observe(observation: Observation): void;

  /** Cuts the links between the two, in both directions. */
  partition(one: string, other: string): void {
    this.observe({
      type: "linksChanged",
      what: `${one} and ${other} are cut off from one another`,
    });
    this.network.cut(one, other);
    this.network.cut(other, one);
  }

  /** Cuts a node off from all others, or only what it sends, or only what it receives. */
  isolate(name: string, direction: "both" | "out" | "in"): void {
    const how = { both: "is cut off", out: "is not heard", in: "hears nothing" }[direction];
    this.observe({ type: "linksChanged", what: `${name} ${how}` });
    for (const other of this.#peersOf(name)) {
      if (direction !== "in") this.network.cut(name, other);
      if (direction !== "out") this.network.cut(other, name);
    }
  }

  /** Mends the links of one node, or all. */
  heal(name?: string): void {
    this.observe({ type: "linksChanged", what: `${name ?? "everything"} is connected again` });
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
    this.observe({ type: "linksChanged", what });
    this.network.setDefaults(faults ?? {});
  }

  /** Makes one link slow, in both directions; undefined makes it as fast as the others. */
  delay(one: string, other: string, delayMsMax: number | undefined): void {
    const how =
      delayMsMax === undefined ? "as near as all" : `up to ${Math.round(delayMsMax)} ms apart`;
    this.observe({ type: "linksChanged", what: `${one} and ${other} are ${how}` });
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
    this.storeFaults.set(name, faults);
    this.agents.get(name)?.disk.setFaults({
      ...(slowMsMax === undefined ? {} : { latencyMsMax: slowMsMax }),
      ...(failure === undefined ? {} : { failure }),
    });
  }

  /** Lets a process die while its next write is under way: the write is whole or gone. */
  dieInNextWrite(name: string): void {
    const die = (): void => this.crash(name, "in the middle of a write");
    this.storeFaults.set(name, { die });
    this.agents.get(name)?.disk.dieInNextWrite(die);
  }

  /** Moves the wall clock of a node; its monotonic clock goes on. */
  jumpClock(name: string, byMs: number): void {
    this.#trouble(name, `the wall clock jumps by ${Math.round(byMs / 1000)} s`);
    this.world.node(name).jumpWall(byMs);
  }

  /** Coordination forgets the session of a node, and with it what it led. */
  loseSession(name: string): void {
    const session = this.sessions.get(name);
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
    this.storeFaults.clear();
    for (const { machine, disk } of this.agents.values()) {
      machine.isCalm = true;
      machine.setFaults({});
      disk.setFaults({});
      disk.dieInNextWrite(undefined);
    }
    this.observe({ type: "linksChanged", what: "everything is connected and sound again" });
  }

  #trouble(node: string, what: string): void {
    this.observe({ type: "nodeTroubled", node, what });
  }

  #peersOf(name: string): readonly string[] {
    return [...this.nodes(), "user", ensembleName].filter((other) => other !== name);
  }
}
