import { isOlder } from "@tutti/discovery-v1";
import type { Backend, Fact, TableVersion } from "@tutti/discovery-v1";
import { namesNodeOf } from "@tutti/simulator";
import type { Cluster, Observation } from "@tutti/simulator";
import type { Watched } from "../checkers/checker.ts";
import { demand } from "../violation.ts";
import { backendOf, vipKeyOf } from "./vip-of.ts";

type Seen<Type extends Observation["type"]> = Extract<Observation, { readonly type: Type }>;

const sigTerm = 15;
/** The hold when no label says it, by a clock that may be a little fast. */
const drainMs = 9_900;

/** What may take a backend away: when its agent was told to kill the task, or its master gave the agent up. */
class Reasons {
  /** When an agent was told to kill a task for the first time. */
  readonly killedMs = new Map<string, number>();
  /** Agents that were told to kill everything. */
  readonly emptied = new Set<string>();
  /** Agents that a master has given up at any time. */
  readonly lost = new Set<string>();

  constructor({ cluster, truth }: Watched) {
    cluster.addObserver(
      (observation, atMs) => {
        if (observation.type === "masterStepped") this.#noteLost(observation);
        if (observation.type !== "agentTold") return;
        const { node, envelope } = observation;
        const { message } = envelope;
        if (message.type === "killTask") this.#noteKill(message.taskId, atMs);
        if (message.type !== "drainAgent") return;
        this.emptied.add(node);
        for (const { taskId } of truth.runningOn(node)) this.#noteKill(taskId, atMs);
      },
      ["masterStepped", "agentTold"],
    );
  }

  #noteKill(taskId: string, atMs: number): void {
    if (!this.killedMs.has(taskId)) this.killedMs.set(taskId, atMs);
  }

  #noteLost({ view }: Seen<"masterStepped">): void {
    if (view.unreachableAgents.size === 0) return;
    for (const { record } of view.unreachableAgents.values()) this.lost.add(record.info.hostname);
  }
}

/** Judges names and virtual IPs at each event that changes them: SIM60 to SIM63. */
export function watchNames(watched: Watched): void {
  const { cluster } = watched;
  const reasons = new Reasons(watched);
  cluster.addObserver(
    (observation) => {
      if (observation.type === "tablePublished") demandReasons(watched, observation, reasons);
      if (observation.type === "vipsNamed") demandWays(observation);
    },
    ["tablePublished", "vipsNamed"],
  );
  watchVersions(cluster);
  watchHolds(watched, reasons);
}

/** SIM60: what runs, is not being killed, was never sick and is on no machine that was given up, stays a backend. */
function demandReasons(
  { cluster, truth }: Watched,
  { before, after }: Seen<"tablePublished">,
  reasons: Reasons,
): void {
  for (const [key, fact] of before) {
    const now = after.get(key);
    if (fact.kind !== "vip" || now === fact) continue;
    const left = placesOf(now);
    for (const backend of fact.backends) {
      const { taskId } = backend;
      if (left.has(placeOf(backend)) || reasons.killedMs.has(taskId)) continue;
      for (const [id, container] of truth.running) {
        if (container.taskId !== taskId || container.failedChecksMax > 0) continue;
        const { node } = container;
        if (reasons.lost.has(node) || reasons.emptied.has(node)) continue;
        if (truth.signalled.has(id) || truth.launchesFailed.has(id)) continue;
        const name = cluster.nameOf(taskId);
        demand(false, "SIM60", () => `${name} runs well on ${node} and is taken from ${key}`);
      }
    }
  }
}

/** SIM61: a VIP with backends is named only where the kernel leads to it, unless somebody else emptied the tables. */
function demandWays({ node, vips, kernel }: Seen<"vipsNamed">): void {
  if (kernel.isDisturbed) return;
  for (const { address, backends, names } of vips) {
    demand(
      backends.length === 0 || kernel.leads(vipKeyOf(address)),
      "SIM61",
      () => `${node} answers ${names.join(", ")} with ${address}, which its kernel does not know`,
    );
  }
}

/** SIM62: within one life of a machine's process versions only grow. */
function watchVersions(cluster: Pick<Cluster, "addObserver">): void {
  const taken = new Map<string, TableVersion>();
  cluster.addObserver(
    (observation) => {
      if (observation.type === "processStarted") taken.delete(observation.node);
      if (observation.type !== "tableTaken") return;
      const { node, version } = observation;
      const before = taken.get(node);
      taken.set(node, version);
      demand(
        before === undefined || isOlder(before, version),
        "SIM62",
        () => `${node} goes from ${formatVersion(before)} to ${formatVersion(version)}`,
      );
    },
    ["processStarted", "tableTaken"],
  );
}

/** SIM63: SIGTERM comes when no machine leads to the task any more, or the whole hold after the kill. */
function watchHolds({ cluster, truth }: Watched, reasons: Reasons): void {
  const ended = new Set<string>();
  cluster.addObserver(
    (observation, atMs) => {
      if (observation.type !== "containerSignalled" || observation.signal !== sigTerm) return;
      const { node, taskId, containerId } = observation;
      const killedMs = reasons.killedMs.get(taskId);
      const container = truth.running.get(containerId);
      const isFirst = !ended.has(containerId);
      ended.add(containerId);
      if (!isFirst || killedMs === undefined || container === undefined) return;
      if (atMs - killedMs >= drainMs || container.failedChecksMax > 0) return;
      const places = container.ports.map((port) => backendOf(node, port));
      for (const [name, { kernel }] of cluster.names?.machines ?? []) {
        if (cluster.world.node(namesNodeOf(name)).state !== "up") continue;
        demand(
          !places.some((place) => kernel.leadsTo(place)),
          "SIM63",
          () =>
            `${cluster.nameOf(taskId)} gets SIGTERM ${Math.round(atMs - killedMs)} ms after the kill, ` +
            `and ${name} still leads connections to it`,
        );
      }
    },
    ["containerSignalled"],
  );
}

function placesOf(fact: Fact | undefined): ReadonlySet<string> {
  return new Set(fact?.kind === "vip" ? fact.backends.map(placeOf) : []);
}

function placeOf({ address, port }: Backend): string {
  return `${address} ${port}`;
}

function formatVersion(version: TableVersion | undefined): string {
  return version === undefined ? "nothing" : `${version.epoch}.${version.sequence}`;
}
