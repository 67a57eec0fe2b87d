import { canonicalAddress, fullVipName } from "@tutti/dns";
import type { LabelFault } from "@tutti/dns";
import { BoundedMap, DeadlineQueue } from "@tutti/base";
import { AddressPool } from "./address-pool.ts";
import { Cluster } from "./cluster.ts";
import type { KnownTask } from "./cluster.ts";
import { contributionsOf, faultsAround, whereaboutsOf, taskFactOf } from "./derive.ts";
import type { Contribution, NamedTarget, Surroundings } from "./derive.ts";
import { limits } from "./limits.ts";
import { Losses } from "./losses.ts";
import type { TaskFact } from "@tutti/discovery-v1";
import { isSame, Table } from "./table.ts";
import type { TaskKey } from "./task-keys.ts";
import { isNamed, lostState, standingOf } from "./task-states.ts";
import type {
  ClusterAgent,
  ClusterFramework,
  ClusterTask,
  DiscoveryEntry,
  KnownMaster,
} from "./types.ts";
import { VipBook } from "./vip-book.ts";

interface Now {
  readonly monoMs: number;
  readonly wallMs: number;
}

/** Everything discovery knows, and the ways in which it changes. Facts follow what is known, task by task. */
export class World {
  readonly cluster = new Cluster();
  readonly vips = new VipBook();
  readonly losses = new Losses();
  readonly pool = new AddressPool();
  readonly table = new Table();
  /** Agents and frameworks that the master does not know: when they are gone. */
  readonly absences = new DeadlineQueue<string>();
  entries: DiscoveryEntry[] = [];
  drained = new Set<TaskKey>();
  /** Addresses of machines, with how many claim each. */
  readonly #machines = new Map<string, number>();
  /** First and last addresses of their networks of 256, with how many machines are in each. */
  readonly #networkEnds = new Map<string, number>();
  readonly #nameServers: ReadonlySet<string>;
  readonly #leaving = new Set<string>();
  readonly #around: Surroundings = {
    agentAddressOf: ({ agentId }) => this.cluster.agents.get(agentId)?.agent.address ?? "",
    nameOf: ({ frameworkId }, target) => this.#nameOf(frameworkId, target),
    addressOf: (name) => this.#addressOf(name),
    refusalOf: (address) => this.#refusalOf(address),
  };
  #masters: readonly KnownMaster[] = [];
  #leader: KnownMaster | undefined;
  #named = 0;
  /** Whole names by the framework's name and what a label gives. */
  readonly #vipNames = new BoundedMap<string, Map<string, string>>(limits.frameworkNamesMax);

  /** `nameServers`: addresses that no VIP may take. */
  constructor(nameServers: readonly string[] = []) {
    this.#nameServers = new Set(nameServers.map((text) => canonicalAddress(text) ?? text));
  }

  /** All that a loss is measured against. */
  get whole(): { readonly backends: number; readonly tasks: number } {
    return { backends: this.vips.backends, tasks: this.#named };
  }

  /** `leader`: undefined while none is heard; then the one before still counts. */
  putMasters(masters: readonly KnownMaster[], leader: number | undefined): void {
    const before = this.#leader;
    if (leader !== undefined) this.#leader = masters[leader];
    else if (!masters.some((master) => isSame(master, before))) this.#leader = undefined;
    for (const { address } of this.#masters) this.#countMachine(address, -1);
    for (const { address } of masters) this.#countMachine(address, 1);
    for (let index = masters.length; index < this.#masters.length; index += 1)
      this.table.remove(`master/${index}`);
    for (const [index, { address, port }] of masters.entries())
      this.table.put(`master/${index}`, {
        kind: "master",
        index,
        address,
        port,
        leader: isSame(this.#leader, masters[index]),
      });
    this.#masters = masters;
  }

  /** A task as the master shows it, whatever its state. */
  takeTask(key: TaskKey, task: ClusterTask, now: Now): void {
    switch (standingOf(task.state)) {
      case "alive":
        if (this.cluster.unconfirmed.size > 0) this.cluster.unconfirmed.delete(key);
        this.losses.delete(key);
        this.#takeAlive(key, task);
        break;
      case "ended":
        this.endTask(key);
        break;
      case "lost":
        this.loseTask(key, `the master says ${task.state}`, now);
        break;
    }
  }

  #takeAlive(key: TaskKey, task: ClusterTask): void {
    const known = this.cluster.tasks.get(key);
    if (known === undefined) {
      this.#derive(this.cluster.addTask(key, task));
      return;
    }
    this.cluster.replaceTask(known, withWhatWasKnown(task, known.task));
    this.#derive(known);
  }

  endTask(key: TaskKey): void {
    const known = this.cluster.tasks.get(key);
    if (known === undefined) return;
    this.losses.delete(key);
    this.#withdrawFacts(known);
    this.cluster.removeTask(known);
  }

  /** The master concludes that a task is lost: it is withdrawn when that is believed. */
  loseTask(key: TaskKey, reason: string, now: Now): void {
    const known = this.cluster.tasks.get(key);
    if (known === undefined || standingOf(known.task.state) === "lost") return;
    const backends = this.vips.backendsOf(known);
    if (!isNamed(known.task)) this.withdrawTask(key, now);
    else this.losses.add(key, { reason, backends, tasks: 1 }, now.monoMs);
  }

  /** A loss is believed. The task is remembered: it may come back with its agent. */
  withdrawTask(key: TaskKey, now: Now): void {
    this.losses.withdrawn(key, now.monoMs);
    const known = this.cluster.tasks.get(key);
    if (known === undefined) return;
    this.cluster.unconfirmed.delete(key);
    this.cluster.replaceTask(known, { ...known.task, state: lostState });
    this.#derive(known);
  }

  putAgent(agent: ClusterAgent, standing: "registered" | "recovered"): void {
    const before = this.cluster.agents.get(agent.id)?.agent;
    // An agent that has not come back is known by its name only.
    const known =
      agent.address === "" && before !== undefined && before.hostname === agent.hostname
        ? before
        : agent;
    this.cluster.agents.set(agent.id, { agent: known, standing });
    this.#leaving.delete(agent.id);
    this.absences.delete(`agent/${agent.id}`);
    if (before?.address !== known.address) {
      if (before !== undefined) this.#countMachine(before.address, -1);
      this.#countMachine(known.address, 1);
      for (const known of this.cluster.tasksOfAgent(agent.id)) this.#derive(known);
    }
    if (known.address === "") this.table.remove(`agent/${agent.id}`);
    else this.table.put(`agent/${agent.id}`, { kind: "agent", ...known });
  }

  /** The master does not know the agent; that may be because the master is young. */
  missAgent(id: string, nowMonoMs: number): void {
    const known = this.cluster.agents.get(id);
    if (known === undefined) return;
    this.cluster.agents.set(id, { agent: known.agent, standing: "absent" });
    if (!this.absences.has(`agent/${id}`))
      this.absences.set(`agent/${id}`, nowMonoMs + limits.reregistrationMs);
  }

  /** The agent is gone: its tasks are lost, and it is forgotten when they are withdrawn. */
  dropAgent(id: string, reason: string, now: Now): void {
    if (!this.cluster.agents.has(id)) return;
    this.absences.delete(`agent/${id}`);
    this.#leaving.add(id);
    for (const { key } of this.cluster.tasksOfAgent(id)) this.loseTask(key, reason, now);
  }

  putFramework(framework: ClusterFramework): void {
    const { id, name, active, port } = framework;
    const before = this.cluster.frameworks.get(id)?.framework;
    // A host name is looked up meanwhile; until then it is where it was.
    const address =
      framework.address ?? (framework.host === undefined ? undefined : before?.address);
    this.cluster.frameworks.set(id, { framework: { ...framework, address } });
    this.absences.delete(`framework/${id}`);
    this.table.put(`framework/${id}`, {
      kind: "framework",
      id,
      name,
      active,
      ...(address === undefined ? {} : { address }),
      ...(port === undefined ? {} : { port }),
    });
    if (before?.name === name) return;
    for (const known of this.cluster.tasksOfFramework(id)) this.#derive(known);
  }

  missFramework(id: string, nowMonoMs: number): void {
    if (!this.absences.has(`framework/${id}`))
      this.absences.set(`framework/${id}`, nowMonoMs + limits.reregistrationMs);
  }

  /** Somebody ended the framework, and with it its tasks. */
  removeFramework(id: string): void {
    for (const { key } of this.cluster.tasksOfFramework(id)) this.endTask(key);
    this.cluster.frameworks.delete(id);
    this.absences.delete(`framework/${id}`);
    this.table.remove(`framework/${id}`);
  }

  /** A task that was known before: with its facts. */
  restoreTask(key: TaskKey, task: ClusterTask): void {
    const known = this.cluster.tasks.get(key);
    if (known === undefined) this.#derive(this.cluster.addTask(key, task));
    else {
      this.cluster.replaceTask(known, task);
      this.#derive(known);
    }
    this.cluster.unconfirmed.add(key);
  }

  /** Makes the facts of a task anew. */
  #derive(known: KnownTask): void {
    const { task } = known;
    const around = this.#around;
    const agentAddress = around.agentAddressOf(task);
    const where = whereaboutsOf(task, agentAddress);
    this.#name(known, taskFactOf(task, where.own));
    this.#contribute(known, contributionsOf(task, where, around));
  }

  #name(known: KnownTask, fact: TaskFact | undefined): void {
    if (known.fact === undefined && fact === undefined) return;
    this.#named += Number(fact !== undefined) - Number(known.fact !== undefined);
    this.table.stage(known, fact);
  }

  /** What is wrong with a task's definition. */
  faultsOf(task: ClusterTask): readonly LabelFault[] {
    return [...task.faults, ...faultsAround(task, this.#around)];
  }

  /** Agents that are gone and whose tasks are all withdrawn are forgotten. */
  forgetGoneAgents(): void {
    for (const id of this.#leaving) {
      const tasks = this.cluster.tasksOfAgent(id);
      const isGone = tasks.every(({ task }) => standingOf(task.state) === "lost");
      if (!isGone) continue;
      const known = this.cluster.agents.get(id);
      if (known !== undefined) this.#countMachine(known.agent.address, -1);
      this.cluster.agents.delete(id);
      this.#leaving.delete(id);
      this.table.remove(`agent/${id}`);
    }
  }

  /** What a VIP's name in a definition comes to. */
  #nameOf(frameworkId: string, target: NamedTarget): string {
    const framework = this.cluster.frameworks.get(frameworkId)?.framework.name;
    if (framework === undefined) return "";
    const names = this.#vipNames.get(framework) ?? new Map<string, string>();
    const known = names.get(target.name);
    if (known !== undefined) return known;
    const name = fullVipName(target.name, framework);
    if (names.size >= limits.vipNamesMax) names.clear();
    this.#vipNames.set(framework, names.set(target.name, name));
    return name;
  }

  #addressOf(name: string): string {
    const known = this.pool.addressOf(name);
    if (known !== undefined) return known;
    const address = this.pool.allocate(name);
    this.entries.push({ type: "putName", name, address });
    return address;
  }

  #withdrawFacts(known: KnownTask): void {
    this.#name(known, undefined);
    this.#contribute(known, nothing);
  }

  #contribute(known: KnownTask, contributions: readonly Contribution[]): void {
    const before = this.vips.set(known, contributions);
    if (this.vips.backendsOf(known) > 0) this.drained.delete(known.key);
    else if (before > 0) this.drained.add(known.key);
  }

  #refusalOf(address: string): string | undefined {
    if (this.#machines.has(address)) return "a machine";
    if (this.#nameServers.has(address)) return "a DNS server that machines ask, or their router";
    return this.#networkEnds.has(address) ? "a network that machines are in" : undefined;
  }

  #countMachine(address: string, step: 1 | -1): void {
    if (address === "") return;
    this.#countClaim(this.#machines, address, step);
    const network = /^(\d+\.\d+\.\d+)\.\d+$/.exec(address)?.[1];
    if (network === undefined) return;
    for (const end of [`${network}.0`, `${network}.255`])
      this.#countClaim(this.#networkEnds, end, step);
  }

  /** A VIP at an address that is something else is none: those that were there before are judged anew. */
  #countClaim(claims: Map<string, number>, address: string, step: 1 | -1): void {
    const before = claims.get(address) ?? 0;
    if (before + step === 0) claims.delete(address);
    else claims.set(address, before + step);
    if (before === 0) for (const known of this.vips.tasksAt(address)) this.#derive(known);
  }
}

/** Health and addresses that nobody has spoken of since are what they were: unknown is neither unhealthy nor nowhere. */
function withWhatWasKnown(task: ClusterTask, before: ClusterTask): ClusterTask {
  const isSilent = task.addresses.length === 0 && before.agentId === task.agentId;
  // Only of a task of the kept table it is believed that it is checked before it turns out that it is not: that it did
  // not serve was no word about its health where a status says nothing of it.
  const wasGuessed = before.isChecked && !task.isChecked && !isSilent;
  const healthy = task.healthy ?? (wasGuessed ? undefined : before.healthy);
  const addresses = isSilent ? before.addresses : task.addresses;
  if (healthy === task.healthy && addresses === task.addresses) return task;
  return { ...task, healthy, addresses };
}

const nothing: readonly Contribution[] = [];
