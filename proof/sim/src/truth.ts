import type { ApiRequest, Instance } from "@tutti/marathon/core";
import type { Cluster, Observation } from "@tutti/simulator";

/** What is known of one container from the machine itself. */
export interface KnownContainer {
  readonly node: string;
  readonly taskId: string;
  readonly startedMs: number;
  readonly cpusMilli: number;
  readonly memoryBytes: number;
  readonly ports: readonly number[];
  /** Failed checks in a row, as the machine answered them. */
  failedChecks: number;
  /** The most there ever were: news of them may be late. */
  failedChecksMax: number;
}

/** How long after the user's order has arrived a kill may still be decided: the process may be busy. */
const killAskedMs = 10_000;

type KillOrder = Extract<ApiRequest, { readonly type: "killAppTasks" }>;
type Killable = Pick<Instance, "appId" | "host" | "id" | "taskId">;

/** What really happened on the machines, from observations of containers alone. */
export class Truth {
  /** Containers that run, by container id. */
  readonly running = new Map<string, KnownContainer>();
  /** The same by the machine they run on. */
  readonly #byNode = new Map<string, Map<string, KnownContainer>>();
  /** How often each task was started. */
  readonly starts = new Map<string, number>();
  /** Containers that an agent has begun to kill. */
  readonly signalled = new Set<string>();
  /** Containers of which the runtime said that they could not be started. */
  readonly launchesFailed = new Set<string>();
  /** What the user ordered killed of each app, and when the order arrived. */
  readonly #killsAsked = new Map<string, { readonly order: KillOrder; readonly atMs: number }[]>();

  constructor(cluster: Pick<Cluster, "addObserver">) {
    cluster.addObserver(
      (observation, atMs) => this.#see(observation, atMs),
      [
        "containerStarted",
        "containerSignalled",
        "launchFailed",
        "containerEnded",
        "checkAnswered",
        "commandArrived",
      ],
    );
  }

  /** Whether the user has ordered not long ago that this instance be killed. */
  isKillAsked({ appId, host, id, taskId }: Killable, nowMs: number): boolean {
    const asked = this.#killsAsked.get(appId) ?? [];
    return asked.some(
      ({ order, atMs }) =>
        nowMs - atMs < killAskedMs &&
        (order.host === undefined || order.host === host) &&
        [undefined, id, taskId].includes(order.taskId),
    );
  }

  /** The containers that run on one machine. */
  runningOn(node: string): Iterable<KnownContainer> {
    return this.#byNode.get(node)?.values() ?? [];
  }

  #order(order: KillOrder, atMs: number): void {
    const asked = this.#killsAsked.get(order.appId) ?? [];
    const recent = asked.filter((one) => atMs - one.atMs < killAskedMs);
    this.#killsAsked.set(order.appId, [...recent, { order, atMs }]);
  }

  #start(containerId: string, container: KnownContainer): void {
    this.running.set(containerId, container);
    const { node } = container;
    const known = this.#byNode.get(node);
    if (known === undefined) this.#byNode.set(node, new Map([[containerId, container]]));
    else known.set(containerId, container);
  }

  #see(observation: Observation, atMs: number): void {
    switch (observation.type) {
      case "containerStarted": {
        const { node, taskId, spec } = observation;
        this.starts.set(taskId, (this.starts.get(taskId) ?? 0) + 1);
        this.#start(spec.containerId, {
          node,
          taskId,
          startedMs: atMs,
          cpusMilli: spec.limits.cpusMilli,
          memoryBytes: spec.limits.memoryBytes,
          ports: portsOf(spec.env),
          failedChecks: 0,
          failedChecksMax: 0,
        });
        break;
      }
      case "containerSignalled":
        this.signalled.add(observation.containerId);
        break;
      case "launchFailed":
        this.launchesFailed.add(observation.containerId);
        break;
      case "containerEnded":
        this.running.delete(observation.containerId);
        this.#byNode.get(observation.node)?.delete(observation.containerId);
        break;
      case "checkAnswered": {
        const container = this.running.get(observation.containerId);
        if (container !== undefined) {
          container.failedChecks = observation.healthy ? 0 : container.failedChecks + 1;
          container.failedChecksMax = Math.max(container.failedChecksMax, container.failedChecks);
        }
        break;
      }
      case "commandArrived":
        if (observation.request.type === "killAppTasks") this.#order(observation.request, atMs);
        break;
      default:
        break;
    }
  }
}

function portsOf(env: Readonly<Record<string, string>>): readonly number[] {
  const { PORTS = "" } = env;
  return PORTS === "" ? [] : PORTS.split(",").map(Number);
}
