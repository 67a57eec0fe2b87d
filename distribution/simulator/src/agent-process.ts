import { AgentJournal, AgentMachine } from "@tutti/agent/core";
import type {
  AgentConfig,
  AgentDurable,
  AgentEffect,
  AgentEntry,
  AgentEvent,
  AgentView,
} from "@tutti/agent/core";
import { assert, assertNever } from "@tutti/base";
import { createMachineLoop } from "@tutti/machine";
import type { MachineLoop } from "@tutti/machine";
import type { TaskState } from "@tutti/mesos-v1";
import type { MasterEnvelope } from "@tutti/node-v1";
import { parseAttributesText, parseResourcesText } from "@tutti/resources";
import { SimulatedDisk } from "@tutti/testkit";
import type { SimulatedNode, SimulatedStream } from "@tutti/testkit";
import { ContainerEffects } from "./container-effects.ts";
import { askDrained } from "./names/ask-drained.ts";
import type { AgentOptions } from "./options.ts";
import { agentPosts, agentStream } from "./services.ts";
import type { PlainAnswer } from "./services.ts";
import { SimulatedMachine } from "./simulated-machine.ts";
import { nodeOfUrl } from "./site.ts";
import type { Process, Site } from "./site.ts";

type EffectOf<Type extends AgentEffect["type"]> = Extract<AgentEffect, { readonly type: Type }>;

const stallMs = 5_000;

/** An agent's process, its disk and the machine below it. */
export class AgentProcess implements Process {
  readonly machine: SimulatedMachine;
  readonly #site: Site;
  readonly #node: SimulatedNode;
  readonly #options: AgentOptions;
  readonly #disk: SimulatedDisk<AgentEntry>;
  #agent: AgentMachine | undefined;
  #loop: MachineLoop<AgentEvent, AgentDurable> | undefined;
  #containers: ContainerEffects | undefined;
  /** The state of each update that was sent, by its uuid. */
  readonly #states = new Map<string, TaskState>();
  #stream: { readonly dial: number; readonly stream: SimulatedStream<never> } | undefined;

  constructor(site: Site, node: SimulatedNode, options: AgentOptions) {
    this.#site = site;
    this.#node = node;
    this.#options = options;
    this.#disk = new SimulatedDisk<AgentEntry>(site.world, node);
    this.machine = new SimulatedMachine(site, node.name);
  }

  /** What the agent's disk does from now on. */
  get disk(): Pick<SimulatedDisk<AgentEntry>, "setFaults" | "dieInNextWrite"> {
    return this.#disk;
  }

  /** What the core shows; undefined while the process is down. */
  view(): AgentView | undefined {
    return this.#node.state === "down" ? undefined : this.#agent?.view();
  }

  start(): void {
    const { clock, random } = this.#node;
    const agent = new AgentMachine(this.#config());
    const tell = (event: AgentEvent): void => loop.post(event);
    const loop: MachineLoop<AgentEvent, AgentDurable> = createMachineLoop<
      AgentEvent,
      AgentEntry,
      AgentEffect,
      AgentDurable
    >(agent, {
      clock,
      random,
      wake: { type: "wake" },
      persist: (entries, done) => this.#persist(entries, done),
      perform: (effect) => this.#perform(effect),
      fatal: (error) => this.#site.fatal(this.#node.name, error),
      stallMs,
      onStall: (stalledMs) => loop.post({ type: "stalled", stalledMs }),
    });
    this.#agent = agent;
    this.#loop = loop;
    this.#stream = undefined;
    this.#containers = new ContainerEffects(this.#node, this.machine, tell);
    this.#node.onCrash(() => loop.stop());
    loop.start(this.#durable());
  }

  #config(): AgentConfig {
    const resources = parseResourcesText(this.#options.resources);
    const attributes = parseAttributesText(this.#options.attributes);
    assert(resources.ok && attributes.ok, "the options of an agent can be read");
    const { name } = this.#node;
    return {
      info: {
        hostname: this.#options.hostname ?? name,
        port: 5051,
        resources: [...resources.value.toMessages()],
        attributes: [...attributes.value],
      },
      ip: `10.0.2.${name.slice("agent".length)}`,
      port: 5051,
      release: "0.1.0",
      bootId: this.machine.bootId,
      masters: this.#site.masterUrls,
      workDir: "/var/lib/tutti",
      users: { defaultUser: "nobody", switching: true, rootAllowed: false },
      cpuQuota: true,
      sandboxKeptMs: 300_000,
    };
  }

  /** What is durable; the log is compacted at each start. */
  #durable(): AgentDurable {
    const journal = new AgentJournal();
    for (const entry of this.#disk.entries()) journal.apply(entry);
    const durable = journal.durable();
    this.#disk.rewrite([
      ...(durable.agent === undefined
        ? []
        : [{ type: "agentChanged" as const, agent: durable.agent }]),
      ...durable.frameworks.map((framework) => ({ type: "frameworkChanged" as const, framework })),
      ...durable.tasks.map((task) => ({ type: "taskAdded" as const, task })),
      ...durable.runs.map((run) => ({ type: "taskChanged" as const, run })),
    ]);
    return durable;
  }

  #persist(entries: readonly AgentEntry[], done: (error?: Error) => void): void {
    if (this.#site.sabotage.isEarly(this.#site.random)) done();
    this.#disk.persist(entries, done);
  }

  #perform(effect: AgentEffect): void {
    switch (effect.type) {
      case "recoverContainers":
        return this.#containers?.recover(effect);
      case "launchContainer":
        return this.#containers?.launch(effect);
      case "signalContainer":
        return this.#containers?.signal(effect);
      case "destroyContainer":
        return this.#containers?.destroy(effect);
      case "runCheck":
        return this.#containers?.check(effect);
      case "awaitDrained":
        return this.#awaitDrained(effect);
      case "removeSandbox":
        return this.#containers?.removeSandbox(effect);
      case "dial":
        return this.#dial(effect);
      case "hangUp":
        if (this.#stream?.dial === effect.dial) this.#stream.stream.close();
        return;
      case "post":
        return this.#post(effect);
      case "giveUp":
        return this.#site.fatal(this.#node.name, new Error(`refused for ever: ${effect.reason}`));
      case "log":
        return;
      default:
        assertNever(effect);
    }
  }

  #awaitDrained(effect: EffectOf<"awaitDrained">): void {
    const loop = this.#loop;
    const tell = (event: AgentEvent): void => loop?.post(event);
    const { containerId, connectionsMs } = effect;
    if (this.#site.options.names) askDrained(this.#site, this.#node, { effect, tell });
    // Without names there is no discovery to be asked.
    else if (connectionsMs !== undefined)
      this.#node.clock.after(connectionsMs, () => tell({ type: "taskDrained", containerId }));
  }

  #dial({ dial, url, hello }: EffectOf<"dial">): void {
    this.#stream?.stream.close();
    let isOpen = false;
    const sent = this.#site.codec.agentHello(hello);
    const stream = this.#site.network.connect(this.#node, nodeOfUrl(url), agentStream, sent, {
      message: (down) => {
        isOpen = true;
        if (down.type === "envelope") this.#told(dial, down.envelope);
        else {
          stream.close();
          this.#refused(dial, down.answer);
        }
      },
      closed: () => {
        const type = isOpen ? "masterClosed" : "dialFailed";
        this.#loop?.post({ type, dial, message: "the connection ended" });
      },
    });
    this.#stream = { dial, stream };
  }

  #told(dial: number, envelope: MasterEnvelope): void {
    this.#observeTold(envelope);
    if (this.#isLost(envelope)) return;
    this.#loop?.post({ type: "masterMessage", dial, envelope: this.#unfenced(envelope) });
  }

  #observeTold(envelope: MasterEnvelope): void {
    const { name } = this.#node;
    this.#site.observe({ type: "agentTold", node: name, envelope });
    const { message } = envelope;
    if (message.type !== "acknowledgeStatus") return;
    const state = this.#states.get(message.uuid);
    if (state === undefined) return;
    const { taskId } = message;
    this.#site.observe({ type: "updateAcknowledged", node: name, taskId, state });
  }

  /** The planted bug: some acknowledgements are read and forgotten, again and again. */
  #isLost({ message }: MasterEnvelope): boolean {
    if (!this.#site.sabotage.has("lostAcknowledgement")) return false;
    return message.type === "acknowledgeStatus" && message.uuid.startsWith("aa");
  }

  /** The planted bug: every message seems to be of the newest leader. */
  #unfenced(envelope: MasterEnvelope): MasterEnvelope {
    if (!this.#site.sabotage.has("skippedFence")) return envelope;
    return { ...envelope, epoch: 1 };
  }

  #refused(dial: number, answer: PlainAnswer): void {
    if (answer.location !== undefined) {
      this.#loop?.post({ type: "dialRedirected", dial, url: answer.location });
      return;
    }
    const message = `the master answered ${answer.status}: ${answer.text}`;
    this.#loop?.post({ type: "dialFailed", dial, message });
  }

  #post({ dial, post, url, sessionId, body }: EffectOf<"post">): void {
    const loop = this.#loop;
    for (const { message } of body.messages) {
      if (message.type !== "statusUpdate" || message.status.uuid === undefined) continue;
      this.#states.set(message.status.uuid, message.status.state);
    }
    const request = { sessionId, post: this.#site.codec.agentPost(body) };
    this.#site.network.call(this.#node, nodeOfUrl(url), agentPosts, request, (outcome) => {
      if (outcome.type === "answered") {
        loop?.post({ type: "postAnswered", dial, post, status: outcome.answer.status });
      } else loop?.post({ type: "postFailed", dial, post, message: outcome.code });
    });
  }
}
