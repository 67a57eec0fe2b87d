import type { CommandHandler, CommandOptions } from "../command.ts";
import { FollowedLog, type LogStream } from "../followed-log.ts";
import { limits } from "../limits.ts";
import type { LineCount } from "../log-tail.ts";
import {
  AgentServices,
  findSubject,
  isAlive,
  type LoggedTask,
  type LogSubject,
  readAppTasks,
  readLastFailed,
} from "../logged-task.ts";
import { pause } from "../pause.ts";
import { done, type Outcome, refused } from "../refusal.ts";
import type { Session } from "../session.ts";

/** `tutti task log TASK|APP`: what tasks print, once or as they print it. */
export const taskLog: CommandHandler = async (session, [text = ""], options) => {
  const subject = await findSubject(session, text);
  if (!subject.ok) return subject;
  const reader = new LogReader(session, subject.value, options);
  return options.follow === true ? reader.follow() : reader.showOnce();
};

/** Reads the logs of one task, or of all the instances of an app. */
class LogReader {
  readonly #session: Session;
  readonly #subject: LogSubject;
  readonly #stream: LogStream;
  readonly #lines: LineCount;
  readonly #agents: AgentServices;
  readonly #logs = new Map<string, FollowedLog>();
  #hasPrefix: boolean;
  #isAway = false;
  /** Whether anything was printed at all. */
  #hasEmitted = false;

  constructor(session: Session, subject: LogSubject, options: CommandOptions) {
    this.#session = session;
    this.#subject = subject;
    this.#stream = options.stderr === true ? "stderr" : "stdout";
    this.#lines = options.lines ?? limits.logLinesDefault;
    this.#agents = new AgentServices(session);
    this.#hasPrefix = subject.type === "app" && options.follow === true;
  }

  /** The last lines, task after task. */
  async showOnce(): Promise<Outcome> {
    const tasks = await this.#tasks();
    if (!tasks.ok) return tasks;
    if (tasks.value.length === 0) return this.#showLastFailed();
    this.#hasPrefix = tasks.value.length > 1;
    let unread: Outcome | undefined;
    for (const task of tasks.value) {
      const log = this.#open(task);
      const begun = await log.begin(this.#lines);
      log.finish();
      if (!begun.ok) unread ??= begun;
    }
    return unread ?? done;
  }

  /** The last lines and then every new one, until the task ends, the app is removed, or the reader goes. */
  async follow(): Promise<Outcome> {
    const first = await this.#tasks();
    if (!first.ok) return first;
    for (const task of first.value) {
      const begun = await this.#open(task).begin(this.#lines);
      if (!begun.ok) this.#tellAway(begun.error.message);
    }
    let refreshedMs = performance.now();
    for (;;) {
      if (!(await pause(limits.pollIntervalMs, this.#session.signal))) return this.#end();
      if (!(await this.#advanceAll())) await pause(limits.retryIntervalMs, this.#session.signal);
      if (performance.now() - refreshedMs < limits.instancesIntervalMs) continue;
      refreshedMs = performance.now();
      if (await this.#isOver()) return this.#end();
    }
  }

  #end(): Outcome {
    for (const log of this.#logs.values()) log.finish();
    return done;
  }

  /** Reads on in every log; false when some agent could not be asked. */
  async #advanceAll(): Promise<boolean> {
    const advanced = await Promise.all([...this.#logs.values()].map((log) => log.advance()));
    const failed = advanced.find((each) => !each.ok && each.error.code === "UNREACHABLE");
    if (failed?.ok === false) {
      this.#tellAway(failed.error.message);
      return false;
    }
    this.#isAway = false;
    return true;
  }

  /** Takes in new instances and drops ended ones; true when nothing is left to follow. */
  async #isOver(): Promise<boolean> {
    if (this.#subject.type === "task") {
      const alive = await isAlive(this.#session, this.#subject.task);
      if (!alive.ok || alive.value) return false;
      await this.#advanceAll();
      return true;
    }
    const present = await readAppTasks(this.#session, this.#subject.path);
    if (!present.ok) return present.error.code === "NOT_FOUND";
    const ids = new Set(present.value.map((task) => task.id));
    for (const [id, log] of this.#logs) {
      if (ids.has(id)) continue;
      await log.advance();
      log.finish();
      this.#logs.delete(id);
    }
    for (const task of present.value) if (!this.#logs.has(task.id)) this.#open(task);
    return false;
  }

  async #tasks(): Promise<Outcome<readonly LoggedTask[]>> {
    if (this.#subject.type === "app") return readAppTasks(this.#session, this.#subject.path);
    return { ok: true, value: [this.#subject.task] };
  }

  #open(task: LoggedTask): FollowedLog {
    const log = new FollowedLog(task, this.#agents, this.#stream, (line) => this.#emit(task, line));
    this.#logs.set(task.id, log);
    return log;
  }

  #emit(task: LoggedTask, line: string): void {
    const { output } = this.#session;
    this.#hasEmitted = true;
    output.json({ task: task.id, stream: this.#stream, line });
    const prefix = this.#hasPrefix ? `${output.style("cyan", instanceLabel(task.id))} ` : "";
    output.line(prefix + line);
  }

  #tellAway(message: string): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#session.output.note(`${message} Trying again.`);
  }

  /** What the app's last failed instance printed: mostly the reason why none runs. */
  async #showLastFailed(): Promise<Outcome> {
    if (this.#subject.type === "task") return this.#nothingRuns();
    const failed = await readLastFailed(this.#session, this.#subject.path);
    if (!failed.ok) return failed;
    if (failed.value === undefined) return this.#nothingRuns();
    this.#session.output.note(
      `No instance of ${this.#subject.name} runs. This is what the one that failed last printed, ${failed.value.id}:`,
    );
    const log = this.#open(failed.value);
    const begun = await log.begin(this.#lines);
    log.finish();
    if (begun.ok && !this.#hasEmitted && this.#stream === "stdout")
      this.#session.output.note(
        `It printed nothing there. Its errors: ./tutti task log ${this.#subject.name} --stderr`,
      );
    return begun;
  }

  #nothingRuns(): Outcome {
    const name = this.#subject.type === "app" ? this.#subject.name : this.#subject.task.id;
    return refused("LOG_UNAVAILABLE", `No instance of ${name} runs.`, {
      hint: `See what it waits for with ./tutti explain ${name}.`,
    });
  }
}

/** The part of a task's id that tells instances apart: the first digits of the instance's uuid. */
function instanceLabel(id: string): string {
  return /(?:^|[.-])([0-9a-f]{8})-[0-9a-f]{4}-/.exec(id)?.[1] ?? id;
}
