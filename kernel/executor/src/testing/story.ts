import type { FrameworkInfo, TaskInfo } from "@tutti/mesos-v1";
import { CommandExecutor } from "../command-executor.ts";
import { readTaskPolicy } from "../read-policy.ts";
import type { CommandExit, ExecutorState, Outcome, ProbeResult, StatusDraft } from "../types.ts";

/** One that understands TASK_KILLING. */
export const framework: FrameworkInfo = {
  user: "nobody",
  name: "f",
  capabilities: [{ type: "TASK_KILLING_STATE" }],
};

/** A task of 64 MB that sleeps. */
export function taskWith(extra: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: "t",
    task_id: { value: "t" },
    agent_id: { value: "a" },
    command: { value: "sleep 1000" },
    resources: [{ name: "mem", type: "SCALAR", scalar: { value: 64 } }],
    ...extra,
  };
}

/** Drives one executor on a clock that the test moves. */
export class Story {
  monoMs = 1000;
  wallMs = 1_000_000;
  readonly states: string[] = [];
  readonly updates: StatusDraft[] = [];
  readonly actions: string[] = [];
  executor: CommandExecutor;
  readonly #info: TaskInfo;
  readonly #framework: FrameworkInfo;

  constructor(info: TaskInfo = taskWith(), of: FrameworkInfo = framework) {
    this.#info = info;
    this.#framework = of;
    this.executor = this.#make();
    this.take(this.executor.begin());
  }

  #make(state?: ExecutorState): CommandExecutor {
    const policy = readTaskPolicy(this.#info, this.#framework);
    if (!policy.ok) throw new Error(policy.error.message);
    return new CommandExecutor(policy.value, state);
  }

  take(outcome: Outcome): Outcome {
    for (const update of outcome.updates) {
      this.updates.push(update);
      this.states.push(update.state);
    }
    for (const action of outcome.actions) {
      this.actions.push(
        action.type === "runCheck"
          ? `${action.purpose} ${action.attempt}`
          : action.type === "signal"
            ? `signal ${action.signal}`
            : action.type,
      );
    }
    return outcome;
  }

  launched(): this {
    this.take(this.executor.launched(this));
    return this;
  }

  exited(exit: Partial<CommandExit>): StatusDraft | undefined {
    this.take(this.executor.exited({ oomKilled: false, ...exit }));
    return this.updates.at(-1);
  }

  /** Moves both clocks and wakes the executor as often as it wants to be. */
  pass(ms: number): this {
    const until = this.monoMs + ms;
    for (let count = 0; count < 10_000; count += 1) {
      const at = this.executor.wakeAtMonoMs;
      if (at === undefined || at > until) break;
      this.#moveTo(Math.max(at, this.monoMs));
      this.take(this.executor.wake(this));
    }
    this.#moveTo(until);
    return this;
  }

  #moveTo(monoMs: number): void {
    this.wallMs += monoMs - this.monoMs;
    this.monoMs = monoMs;
  }

  result(purpose: "health" | "check", attempt: number, result: ProbeResult): this {
    this.take(this.executor.checkResult(purpose, attempt, result, this));
    return this;
  }

  /** The agent dies and comes back after `ms`; only the state survives. */
  restart(ms: number): this {
    const state = JSON.parse(JSON.stringify(this.executor.state)) as ExecutorState;
    this.monoMs = 17;
    this.wallMs += ms;
    this.executor = this.#make(state);
    this.take(this.executor.resume(this));
    return this;
  }
}
