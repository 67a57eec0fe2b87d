import type { Offer, TaskInfo, TaskState } from "@tutti/mesos-v1";

/** What every command of a batch gets, and how it is run. */
export interface BatchOptions {
  readonly cpus: number;
  readonly memMb: number;
  /** Commands that run at the same time, at most. */
  readonly parallel: number;
  /** Launches of one command before it counts as failed. */
  readonly attempts: number;
}

/** What is written down, in this order, so that the batch can be taken up again. */
export type JournalEntry =
  | { readonly type: "launched"; readonly taskId: string; readonly agentId: string }
  | { readonly type: "ended"; readonly taskId: string; readonly finished: boolean };

/** What to do with one offer. */
export interface Placement {
  readonly offer: Offer;
  readonly tasks: readonly TaskInfo[];
}

/** States after which a task will never run again, and whether it did its work. */
const endings: Partial<Record<TaskState, boolean>> = {
  TASK_FINISHED: true,
  TASK_FAILED: false,
  TASK_KILLED: false,
  TASK_ERROR: false,
  TASK_LOST: false,
  TASK_DROPPED: false,
  TASK_GONE: false,
  TASK_GONE_BY_OPERATOR: false,
  // The answer to a reconciliation when neither the master nor any agent knows the task.
  TASK_UNKNOWN: false,
};

interface Command {
  readonly line: string;
  attempts: number;
  state: "waiting" | "launched" | "finished" | "failed";
}

/** A batch of commands: what to launch where, and what a status means. Knows no sockets and no files. */
export class Batch {
  readonly #options: BatchOptions;
  readonly #commands: readonly Command[];
  /** Tasks that were launched and have no result, with their agents. */
  readonly #live = new Map<string, string>();

  constructor(lines: readonly string[], options: BatchOptions) {
    this.#options = options;
    this.#commands = lines.map((line) => ({ line, attempts: 0, state: "waiting" }));
  }

  /** Takes up what a journal says; an entry about a line that is not there is an error of the caller's. */
  replay(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      if (entry.type === "launched") this.#launched(entry.taskId, entry.agentId);
      else this.#ended(entry.taskId, entry.finished);
    }
  }

  get live(): readonly { readonly taskId: string; readonly agentId: string }[] {
    return [...this.#live].map(([taskId, agentId]) => ({ taskId, agentId }));
  }

  /** Whether an offer would be used now. */
  get wantsOffers(): boolean {
    return (
      this.#live.size < this.#options.parallel &&
      this.#commands.some((command) => command.state === "waiting")
    );
  }

  get isDone(): boolean {
    return this.#commands.every(({ state }) => state === "finished" || state === "failed");
  }

  count(state: Command["state"]): number {
    return this.#commands.filter((command) => command.state === state).length;
  }

  /** Puts waiting commands on an offer. The entries are to be durable before the offer is accepted. */
  place(offer: Offer): {
    readonly placement: Placement;
    readonly entries: readonly JournalEntry[];
  } {
    let cpus = scalarOf(offer, "cpus");
    let memMb = scalarOf(offer, "mem");
    const tasks: TaskInfo[] = [];
    const entries: JournalEntry[] = [];
    for (const [index, command] of this.#commands.entries()) {
      if (this.#live.size >= this.#options.parallel) break;
      if (cpus < this.#options.cpus || memMb < this.#options.memMb) break;
      if (command.state !== "waiting") continue;
      cpus -= this.#options.cpus;
      memMb -= this.#options.memMb;
      const taskId = `line-${String(index + 1)}-attempt-${String(command.attempts + 1)}`;
      tasks.push(this.#task(taskId, command.line, offer));
      entries.push({ type: "launched", taskId, agentId: offer.agent_id.value });
      this.#launched(taskId, offer.agent_id.value);
    }
    return { placement: { offer, tasks }, entries };
  }

  /** What a status means: an entry that is to be durable before it is acknowledged, or nothing. */
  status(taskId: string, state: TaskState): JournalEntry | undefined {
    const finished = endings[state];
    if (finished === undefined || !this.#live.has(taskId)) return undefined;
    this.#ended(taskId, finished);
    return { type: "ended", taskId, finished };
  }

  /** The framework was removed: nothing that was launched can be alive. */
  allDead(): readonly JournalEntry[] {
    return this.live.map(({ taskId }) => {
      this.#ended(taskId, false);
      return { type: "ended", taskId, finished: false };
    });
  }

  #launched(taskId: string, agentId: string): void {
    const command = this.#commandOf(taskId);
    command.attempts += 1;
    command.state = "launched";
    this.#live.set(taskId, agentId);
  }

  #ended(taskId: string, finished: boolean): void {
    const command = this.#commandOf(taskId);
    this.#live.delete(taskId);
    if (finished) command.state = "finished";
    else command.state = command.attempts < this.#options.attempts ? "waiting" : "failed";
  }

  #commandOf(taskId: string): Command {
    const command = this.#commands[Number(taskId.split("-")[1]) - 1];
    if (command === undefined) {
      throw new Error(`the journal knows ${taskId}, the file of commands has no such line`);
    }
    return command;
  }

  #task(taskId: string, line: string, offer: Offer): TaskInfo {
    const allocation = offer.allocation_info;
    const scalar = (name: string, value: number): NonNullable<TaskInfo["resources"]>[number] => ({
      name,
      type: "SCALAR",
      scalar: { value },
      ...(allocation === undefined ? {} : { allocation_info: allocation }),
    });
    return {
      name: "batch",
      task_id: { value: taskId },
      agent_id: offer.agent_id,
      command: { value: line },
      resources: [scalar("cpus", this.#options.cpus), scalar("mem", this.#options.memMb)],
    };
  }
}

/** The commands of a file: a line each, without empty lines and comments. */
export function commandsOf(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** What an offer has of a scalar resource, without what is reserved for somebody. */
function scalarOf(offer: Offer, name: string): number {
  return (offer.resources ?? [])
    .filter((resource) => resource.name === name && (resource.reservations ?? []).length === 0)
    .reduce((sum, resource) => sum + (resource.scalar?.value ?? 0), 0);
}
