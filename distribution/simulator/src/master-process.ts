import { present, utf8Decode, utf8Encode } from "@tutti/base";
import { known, parseMasterId } from "@tutti/ids";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import { Master } from "@tutti/master/core";
import type {
  MasterConfig,
  MasterDurable,
  MasterEffect,
  MasterEntry,
  MasterEvent,
  MasterView,
} from "@tutti/master/core";
import type { SimulatedNode } from "@tutti/testkit";
import { MasterConnections } from "./master-connections.ts";
import { operatorStream } from "./names/services.ts";
import { observedMachine } from "./observed-machine.ts";
import { readRegistry, registryPrefix, registryWrite } from "./registry-records.ts";
import {
  agentPosts,
  agentStream,
  operatorCalls,
  schedulerCalls,
  schedulerStream,
} from "./services.ts";
import type { PlainAnswer } from "./services.ts";
import { masterUrlOf } from "./site.ts";
import type { Process, Site } from "./site.ts";
import { StoreSession } from "./store-session.ts";
import type { StorePlace } from "./store-session.ts";

const electionName = "master";
const retryMs = 1_000;

/** One leadership: the core, its loop, its connections. */
interface Leadership {
  readonly epoch: number;
  readonly master: Master;
  readonly loop: MachineLoop<MasterEvent, MasterDurable>;
  readonly connections: MasterConnections;
}

/** A master's process: stands for election again and again, and leads while it may. */
export class MasterProcess implements Process {
  readonly #site: Site;
  readonly #node: SimulatedNode;
  readonly #place: StorePlace;
  #session: StoreSession | undefined;
  #leadership: Leadership | undefined;
  /** The URL of another master that leads. */
  #otherLeader: string | undefined;

  constructor(site: Site, node: SimulatedNode, place: StorePlace) {
    this.#site = site;
    this.#node = node;
    this.#place = place;
  }

  get #store(): StoreSession {
    return present(this.#session, "the session of a master that has started");
  }

  /** What the leading core shows; undefined while this process does not lead. */
  view(): MasterView | undefined {
    return this.#node.state === "down" ? undefined : this.#leadership?.master.view;
  }

  /** The epoch of the present leadership. */
  epoch(): number | undefined {
    return this.#node.state === "down" ? undefined : this.#leadership?.epoch;
  }

  start(): void {
    const { network } = this.#site;
    const node = this.#node;
    this.#leadership = undefined;
    this.#session = new StoreSession(this.#site, node, this.#place);
    network.listen(node, schedulerStream, (call, stream, from) => {
      const leadership = this.#leadership;
      if (leadership !== undefined) return leadership.connections.subscribe(call, stream, from);
      stream.send({ type: "refused", answer: this.#notLeading() });
      stream.close();
      return { message: () => undefined, closed: () => undefined };
    });
    network.listen(node, agentStream, (hello, stream) => {
      const leadership = this.#leadership;
      if (leadership !== undefined) return leadership.connections.openAgent(hello, stream);
      stream.send({ type: "refused", answer: this.#notLeading() });
      stream.close();
      return { message: () => undefined, closed: () => undefined };
    });
    network.listen(node, operatorStream, (_call, stream) => {
      const leadership = this.#leadership;
      if (leadership !== undefined) return leadership.connections.watch(stream);
      stream.send({ type: "refused", answer: this.#notLeading() });
      stream.close();
      return { message: () => undefined, closed: () => undefined };
    });
    network.serve(node, schedulerCalls, (request, reply, from) => {
      if (this.#leadership === undefined) reply(this.#notLeading());
      else this.#leadership.connections.call(request, reply, from);
    });
    network.serve(node, operatorCalls, (call, reply) => {
      if (this.#leadership === undefined) reply(this.#notLeading());
      else this.#leadership.connections.operate(call, reply);
    });
    network.serve(node, agentPosts, (request, reply) => {
      if (this.#leadership === undefined) reply(this.#notLeading());
      else this.#leadership.connections.takePost(request, reply);
    });
    node.onCrash(() => this.#leadership?.loop.stop());
    if (this.#site.options.masters > 1) this.#lookForLeader();
    this.#stand();
  }

  /** 307 to the leader, or 503 while none is known. */
  #notLeading(): PlainAnswer {
    const location = this.#otherLeader;
    if (location === undefined) return { status: 503, text: "No leader has been elected yet." };
    return { status: 307, text: "", location };
  }

  #lookForLeader(): void {
    this.#store.leader(electionName, (answer) => {
      const announced = answer.ok ? answer.value?.announcement : undefined;
      const node = announced === undefined ? undefined : utf8Decode(announced);
      const isOther = node !== undefined && node !== this.#node.name;
      this.#otherLeader = isOther ? masterUrlOf(node) : undefined;
      this.#node.after(retryMs, () => this.#lookForLeader());
    });
  }

  #stand(): void {
    const won = (epoch: number): void => {
      this.#store.list(registryPrefix, (answer) => {
        if (answer.ok) this.#lead(epoch, readRegistry(answer.value));
        else this.#standAgain(epoch);
      });
    };
    this.#store.elect(electionName, utf8Encode(this.#node.name), won, () => this.#abdicate());
  }

  #standAgain(epoch: number): void {
    this.#store.resign(electionName, epoch);
    this.#node.after(retryMs, () => this.#stand());
  }

  #lead(epoch: number, durable: MasterDurable): void {
    const { random, clock } = this.#node;
    const master = new Master(this.#configOf(epoch));
    const view = master.view;
    const look = (): void =>
      this.#site.observe({ type: "masterStepped", node: this.#node.name, view });
    const connections = new MasterConnections(
      this.#site,
      (event) => loop.post(event),
      () => this.#checkLeadership(epoch),
    );
    const loop: MachineLoop<MasterEvent, MasterDurable> = createMachineLoop<
      MasterEvent,
      MasterEntry,
      MasterEffect,
      MasterDurable
    >(observedMachine(master, look), {
      clock,
      random,
      persist: (entries, done) => this.#persist(epoch, entries, done),
      perform: (effect) => connections.perform(effect),
      wake: { type: "wake" },
      fatal: (error) => this.#site.fatal(this.#node.name, error),
      stallMs: this.#site.options.agentPingTimeoutMs,
      onStall: (stalledMs) => loop.post({ type: "stalled", stalledMs }),
    });
    this.#leadership = { epoch, master, loop, connections };
    this.#site.observe({ type: "masterElected", node: this.#node.name, epoch });
    loop.start(durable);
  }

  #persist(epoch: number, entries: readonly MasterEntry[], done: (error?: Error) => void): void {
    if (this.#site.sabotage.isEarly(this.#site.random)) done();
    const writes = entries.map(registryWrite);
    this.#store.write(electionName, epoch, writes, (answer) => {
      if (!answer.ok) done(answer.fault);
      else if (answer.value.type === "written") done();
      else this.#abdicate();
    });
  }

  /** An agent knows a later leader. */
  #checkLeadership(epoch: number): void {
    this.#store.leader(electionName, (answer) => {
      if (!answer.ok) return;
      if ((answer.value?.epoch ?? 0) > epoch) this.#abdicate();
    });
  }

  /** Ends this leadership and stands for election again. */
  #abdicate(): void {
    const leadership = this.#leadership;
    if (leadership === undefined) return;
    const { epoch, loop, connections } = leadership;
    this.#leadership = undefined;
    loop.stop();
    connections.endAll();
    this.#site.observe({ type: "masterAbdicated", node: this.#node.name, epoch });
    this.#standAgain(epoch);
  }

  #configOf(epoch: number): MasterConfig {
    const { options } = this.#site;
    const { name, random, clock } = this.#node;
    return {
      masterId: known(parseMasterId(random.uuid())),
      epoch,
      clusterId: "simulated-cluster",
      clusterName: "simulated",
      ip: `10.0.1.${name.slice("master".length)}`,
      port: 5050,
      hostname: name,
      startedMs: clock.wallMs(),
      electedMs: clock.wallMs(),
      agentPingTimeoutMs: options.agentPingTimeoutMs,
      maxAgentPingTimeouts: options.maxAgentPingTimeouts,
      agentReregisterTimeoutMs: options.agentReregisterTimeoutMs,
      allocationIntervalMs: 5,
    };
  }
}
