import { Discovery, eventFromWire, taskKeyOf } from "@tutti/discovery/core";
import type {
  ClusterAgent,
  ClusterEvent,
  DiscoveryDurable,
  DiscoveryEffect,
  DiscoveryEntry,
  DiscoveryEvent,
  NameRecord,
} from "@tutti/discovery/core";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import type { MasterEvent as OperatorEvent } from "@tutti/mesos-v1";
import { SimulatedDisk } from "@tutti/testkit";
import type { SimulatedNode } from "@tutti/testkit";
import { nodeOfUrl } from "../site.ts";
import type { Process, Site } from "../site.ts";
import { addressOf, nodeOfHost } from "./addresses.ts";
import { LeaderDial } from "./leader-dial.ts";
import { SimulatedPublisher } from "./publisher.ts";
import type { KeptTable } from "./publisher.ts";
import { appliedReports, drainedQuestions, operatorStream, tableStream } from "./services.ts";

const masterIdleMs = 45_000;
/** What the planted bug does not hear. */
const endStates = new Set(["TASK_KILLED", "TASK_FAILED", "TASK_FINISHED"]);
const lineage = "simulated-lineage";

/** One life: the core, its loop, what it publishes and whom it hears. */
interface Life {
  readonly discovery: Discovery;
  readonly loop: MachineLoop<DiscoveryEvent, DiscoveryDurable>;
  readonly publisher: SimulatedPublisher;
  readonly stream: LeaderDial<undefined, OperatorEvent>;
}

/** Discovery's process: follows the leading master, and every machine follows it. */
export class DiscoveryProcess implements Process {
  readonly #site: Site;
  readonly #node: SimulatedNode;
  readonly #disk: SimulatedDisk<DiscoveryEntry>;
  /** The table that the follower on its machine has kept. */
  readonly #kept: () => KeptTable | undefined;
  #epoch = 0;
  #life: Life | undefined;
  #leader: string | undefined;
  /** Tasks of earlier snapshots, for a planted bug. */
  #seen = new Map<string, { readonly frameworkId: string; readonly taskId: string }>();

  constructor(site: Site, node: SimulatedNode, kept: () => KeptTable | undefined) {
    this.#site = site;
    this.#node = node;
    this.#kept = kept;
    this.#disk = new SimulatedDisk<DiscoveryEntry>(site.world, node);
  }

  /** What the present life publishes; undefined while it is down. */
  publisher(): SimulatedPublisher | undefined {
    return this.#node.state === "down" ? undefined : this.#life?.publisher;
  }

  /** The master that it hears; undefined while it is not up, or hears none. */
  get hears(): string | undefined {
    const stream = this.#node.state === "up" ? this.#life?.stream : undefined;
    return stream?.isGood === true ? nodeOfUrl(stream.url) : undefined;
  }

  start(): void {
    const { clock, random } = this.#node;
    this.#epoch += 1;
    this.#life = undefined;
    this.#leader = undefined;
    const base = this.#kept();
    const discovery = new Discovery();
    const publisher = new SimulatedPublisher({
      site: this.#site,
      node: this.#node,
      lineage,
      epoch: this.#epoch,
      base,
      masterSilentMs: () => this.#life?.stream.silentMs ?? 0,
    });
    const loop = createMachineLoop<
      DiscoveryEvent,
      DiscoveryEntry,
      DiscoveryEffect,
      DiscoveryDurable
    >(discovery, {
      clock,
      random,
      persist: (entries, done) => this.#disk.persist(entries, done),
      perform: (effect) => this.#perform(publisher, effect),
      wake: { type: "wake" },
      fatal: (error) => this.#site.fatal(this.#node.name, error),
    });
    this.#node.onCrash(() => loop.stop());
    loop.start({ epoch: this.#epoch, names: this.#names(), facts: base?.facts ?? [] });
    this.#postMasters(loop);
    this.#life = { discovery, loop, publisher, stream: this.#listen(loop) };
    this.#serve(this.#life);
  }

  #listen(loop: Life["loop"]): Life["stream"] {
    return new LeaderDial<undefined, OperatorEvent>({
      network: this.#site.network,
      node: this.#node,
      service: operatorStream,
      urls: this.#site.masterUrls,
      hello: () => undefined,
      idleMs: masterIdleMs,
      begun: () => undefined,
      take: (message, url) => {
        const told = eventFromWire(this.#site.codec.operatorEvent(message));
        if (told === undefined) return true;
        const event = this.#withAddresses(told);
        if (event.type === "snapshot" && url !== this.#leader) {
          this.#leader = url;
          this.#postMasters(loop);
        }
        if (!this.#isUnheard(event))
          loop.post({ type: "master", event: this.#withoutAbsent(event) });
        return true;
      },
      lost: () => loop.post({ type: "masterLost" }),
    });
  }

  #postMasters(loop: Life["loop"]): void {
    const urls = this.#site.masterUrls;
    const masters = urls.map((url) => ({ address: addressOfMaster(url), port: 5050 }));
    const leader = this.#leader === undefined ? -1 : urls.indexOf(this.#leader);
    loop.post({ type: "masters", masters, ...(leader < 0 ? {} : { leader }) });
  }

  /** The planted bug: every third end of a task is not heard. */
  #isUnheard(event: ClusterEvent): boolean {
    if (!this.#site.sabotage.has("endUnheard")) return false;
    const isEnd = event.type === "taskUpdated" && endStates.has(event.state);
    return isEnd && this.#node.random.chance(1 / 3);
  }

  /** The planted bug: what a snapshot does not show has ended. */
  #withoutAbsent(event: ClusterEvent): ClusterEvent {
    if (!this.#site.sabotage.has("absenceRemoves")) return event;
    if (event.type === "taskAdded") this.#seen.set(taskKeyOf(event.task), event.task);
    if (event.type !== "snapshot") return event;
    const shown = new Map(event.tasks.map((task) => [taskKeyOf(task), task]));
    const absent = [...this.#seen].filter(([key]) => !shown.has(key));
    this.#seen = new Map(shown);
    const ended = absent.map(([, { frameworkId, taskId }]) => ({
      frameworkId,
      taskId,
      state: "TASK_KILLED",
    }));
    return { ...event, ended: [...event.ended, ...ended] };
  }

  /** Agents' addresses follow from the names of their nodes, whatever they call themselves. */
  #withAddresses(event: ClusterEvent): ClusterEvent {
    const addressed = (agent: ClusterAgent): ClusterAgent => ({
      ...agent,
      address: addressOf(nodeOfHost(this.#site.options.agents, agent.hostname)),
    });
    if (event.type === "agentAdded") return { ...event, agent: addressed(event.agent) };
    if (event.type !== "snapshot") return event;
    const { agents, recoveredAgents } = event;
    return {
      ...event,
      agents: agents.map(addressed),
      recoveredAgents: recoveredAgents.map(addressed),
    };
  }

  #perform(publisher: SimulatedPublisher, effect: DiscoveryEffect): void {
    switch (effect.type) {
      case "publish":
        publisher.publish(effect.version, effect.change, effect.drained);
        return;
      case "resubscribe":
        this.#life?.stream.renew();
        return;
      case "held":
        this.#site.observe({ type: "lossHeld", node: this.#node.name, held: effect.held });
        return;
    }
  }

  #serve({ discovery, loop, publisher }: Life): void {
    const { network } = this.#site;
    const node = this.#node;
    network.listen(node, tableStream, (request, stream, from) => {
      if (!discovery.isReady) {
        stream.send({ type: "refused", answer: { status: 503, text: "No master was heard." } });
        stream.close();
        return { message: () => undefined, closed: () => undefined };
      }
      return { message: () => undefined, closed: publisher.follow(request, stream, from) };
    });
    network.serve(node, appliedReports, ({ machine, version }, reply) => {
      publisher.applied(machine, version);
      reply({ status: 202, text: "" });
    });
    network.serve(node, drainedQuestions, (question, reply) => {
      loop.read(() => {
        const key = taskKeyOf(question);
        const isBackend = discovery.backendsOf(key) > 0;
        const ask = { key, waitMs: question.waitMs, isBackend };
        publisher.drained(ask, (drained) => reply({ drained }));
      });
    });
  }

  #names(): readonly NameRecord[] {
    const names = new Map<string, NameRecord>();
    for (const entry of this.#disk.entries()) {
      if (entry.type === "putName") names.set(entry.name, entry);
      else names.delete(entry.name);
    }
    return [...names.values()].map(({ name, address }) => ({ name, address }));
  }
}

/** The address that a master's core gives itself in this world. */
function addressOfMaster(url: string): string {
  return addressOf(nodeOfUrl(url));
}
