import { setTimeout as rest } from "node:timers/promises";
import type { MarathonTask, TestCluster } from "../cluster.ts";
import { healthCheckOf } from "./app-definition.ts";
import {
  continueContainer,
  liveContainers,
  stopContainer,
  type LiveContainer,
} from "./containers.ts";
import type { ChaosJournal } from "./journal.ts";
import type { OpenFaults } from "./open-faults.ts";

const lookAgainMs = 500;

/** Makes all processes of a task stand still for a while, and follows what becomes of it. */
export class StoppedTasks {
  readonly #cluster: TestCluster;
  readonly #clusterId: string;
  readonly #journal: ChaosJournal;
  readonly #open: OpenFaults;
  /** Ids of tasks whose fate is being followed: one may be stopped again meanwhile. */
  readonly #followed = new Set<string>();

  constructor(
    cluster: TestCluster,
    how: {
      readonly clusterId: string;
      readonly journal: ChaosJournal;
      readonly open: OpenFaults;
    },
  ) {
    this.#cluster = cluster;
    this.#clusterId = how.clusterId;
    this.#journal = how.journal;
    this.#open = how.open;
  }

  /** Stops a task; the answer is done when it goes on again, and what became of it is known or `signal` says stop. */
  async stop(task: LiveContainer, forMs: number, signal: AbortSignal): Promise<void> {
    const name = nameOf(task);
    const stopping = stopContainer(this.#clusterId, task.containerId);
    // From the first SIGSTOP on it is to be continued, whatever becomes of us; and never before the last one.
    const mended = this.#open.mendLater(name, forMs, signal, async () => {
      await stopping;
      await continueContainer(this.#clusterId, task.containerId);
    });
    const check = healthCheckOf(task.appId);
    const seconds = `${(forMs / 1000).toFixed(1)} s`;
    if (await stopping)
      this.#journal.count(
        "tasks stopped",
        `stopped ${task.taskId} (check: ${check}) for ${seconds}`,
      );
    if (check === "none" || this.#followed.has(task.taskId)) return mended;
    this.#followed.add(task.taskId);
    await Promise.all([mended, this.#follow(task, signal)]);
    this.#followed.delete(task.taskId);
  }

  async #follow(task: LiveContainer, signal: AbortSignal): Promise<void> {
    const { taskId } = task;
    let wasUnhealthy = false;
    while (!signal.aborted) {
      const view = await this.#view(task);
      if (view === "gone") {
        const why = wasUnhealthy ? "unhealthy tasks replaced" : "stopped tasks ended otherwise";
        this.#journal.count(why, `${taskId} is gone`);
        return;
      }
      const isAlive = view?.healthCheckResults?.some(({ alive }) => alive);
      if (isAlive === false && !wasUnhealthy) {
        wasUnhealthy = true;
        this.#journal.count("stopped tasks seen unhealthy", `${taskId} is seen unhealthy`);
      }
      if (isAlive === true && this.#open.isFree(nameOf(task))) {
        const how = wasUnhealthy
          ? "unhealthy tasks recovered"
          : "stopped tasks never seen unhealthy";
        this.#journal.count(how, `${taskId} is healthy`);
        return;
      }
      await rest(lookAgainMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The task as Marathon has it; undefined while Marathon does not say, `gone` when neither it nor the kernel has it. */
  async #view(task: LiveContainer): Promise<MarathonTask | "gone" | undefined> {
    try {
      const answer = await this.#cluster.marathon("GET", `/v2/apps${task.appId}/tasks`);
      if (answer.status !== 200 && answer.status !== 404) return undefined;
      const { tasks = [] } = answer.body as { tasks?: readonly MarathonTask[] };
      const found = tasks.find(({ id }) => id === task.taskId);
      if (found !== undefined) return found;
      const isThere = liveContainers(this.#clusterId).some(
        ({ containerId }) => containerId === task.containerId,
      );
      return isThere ? undefined : "gone";
    } catch {
      return undefined;
    }
  }
}

/** What an open fault of this task is called. */
export function nameOf({ taskId, containerId }: LiveContainer): string {
  return `task ${taskId === "" ? containerId : taskId}`;
}
