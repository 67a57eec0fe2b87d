import { ok } from "@tutti/base";
import { countLines, type LineCount, LineCutter, readTail } from "./log-tail.ts";
import type { AgentServices, LoggedTask } from "./logged-task.ts";
import { done, type Outcome, refused } from "./refusal.ts";
import { RemoteFile } from "./remote-file.ts";
import { sandboxPath } from "./sandbox.ts";

/** Which of a task's two files. */
export type LogStream = "stdout" | "stderr";

/** One task's log: its last lines first, then what is added, across rotation. */
export class FollowedLog {
  readonly task: LoggedTask;
  readonly #agents: AgentServices;
  readonly #stream: LogStream;
  readonly #cutter = new LineCutter();
  readonly #emit: (line: string) => void;
  /** Undefined until the file was found. */
  #offset: number | undefined;

  constructor(
    task: LoggedTask,
    agents: AgentServices,
    stream: LogStream,
    emit: (line: string) => void,
  ) {
    this.task = task;
    this.#agents = agents;
    this.#stream = stream;
    this.#emit = emit;
  }

  /** Shows the last lines. Refuses when the file is not there (yet, or no more). */
  async begin(count: LineCount): Promise<Outcome> {
    const file = await this.#file(this.#stream);
    if (!file.ok) return file;
    const tail = await readTail(file.value, count);
    if (!tail.ok) return this.#explain(tail);
    this.#offset = tail.value.nextOffset;
    const { text } = tail.value;
    if (count !== "all") await this.#showBefore(count - countLines(text));
    this.#show(text);
    return done;
  }

  /** Shows what was added since; true when there was something. */
  async advance(): Promise<Outcome<boolean>> {
    if (this.#offset === undefined) {
      const begun = await this.begin("all");
      return begun.ok ? ok(true) : begun;
    }
    const file = await this.#file(this.#stream);
    if (!file.ok) return file;
    const size = await file.value.size();
    if (!size.ok) return this.#explain(size);
    if (size.value < this.#offset) {
      await this.#showRotated(this.#offset);
      this.#offset = 0;
    }
    const hasMore = size.value > this.#offset;
    while (this.#offset < size.value) {
      const piece = await file.value.read(this.#offset, size.value);
      if (!piece.ok) return this.#explain(piece);
      this.#offset = piece.value.nextOffset;
      this.#show(piece.value.text);
    }
    return ok(hasMore);
  }

  /** Shows a last line without an end. */
  finish(): void {
    for (const line of this.#cutter.end()) this.#emit(line);
  }

  /** The file was rotated: what was not shown of it stands in the one before. */
  async #showRotated(offset: number): Promise<void> {
    const file = await this.#file(`${this.#stream}.1`);
    if (!file.ok) return;
    const size = await file.value.size();
    if (!size.ok || size.value <= offset) return;
    const text = await file.value.readAll(offset, size.value);
    if (text.ok) this.#show(text.value);
  }

  /** A file that has just been rotated holds few lines: the others stand in the one before. */
  async #showBefore(count: number): Promise<void> {
    if (count <= 0) return;
    const file = await this.#file(`${this.#stream}.1`);
    if (!file.ok) return;
    const tail = await readTail(file.value, count);
    if (tail.ok) this.#show(tail.value.text);
  }

  #show(text: string): void {
    for (const line of this.#cutter.cut(text)) this.#emit(line);
  }

  async #file(name: string): Promise<Outcome<RemoteFile>> {
    const agent = await this.#agents.of(this.task.agentId);
    if (!agent.ok) return agent;
    return ok(new RemoteFile(agent.value, `${sandboxPath(this.task)}/${name}`));
  }

  #explain<T>(outcome: Outcome<T> & { readonly ok: false }): Outcome<never> {
    if (outcome.error.code !== "NOT_FOUND") return outcome;
    return refused("LOG_UNAVAILABLE", `Task ${this.task.id} has no ${this.#stream} to be read.`, {
      hint: "It has not started yet, or its sandbox was removed after its end.",
    });
  }
}
