import { styleText } from "node:util";
import type { CliContext, TextSink } from "./context.ts";
import type { CliRefusal } from "./refusal.ts";

/** A colour or weight of text. */
export type Style = "green" | "red" | "yellow" | "cyan" | "dim" | "bold";

/** What a command says, in text for people or in JSON for programs. */
export class Output {
  readonly isJson: boolean;
  /** Aborted when the reader of standard output is gone. */
  readonly closed: AbortSignal;
  readonly #stdout: TextSink;
  readonly #stderr: TextSink;
  readonly #hasColour: boolean;
  readonly #isErrorTty: boolean;
  #progress = "";

  constructor(context: CliContext, isJson: boolean) {
    this.isJson = isJson;
    this.#stdout = context.stdout;
    this.#stderr = context.stderr;
    this.#isErrorTty = context.stderr.isTTY === true;
    const isTty = context.isTty ?? context.stdout.isTTY === true;
    const { NO_COLOR: noColour = "", TERM: terminal } = context.env;
    this.#hasColour = isTty && !isJson && noColour === "" && terminal !== "dumb";
    const closing = new AbortController();
    this.closed = closing.signal;
    const onError = (): void => closing.abort();
    context.stdout.on?.("error", onError);
    context.stderr.on?.("error", () => undefined);
  }

  /** Whether a person watches the progress of a command. */
  get isProgressLive(): boolean {
    return this.#isErrorTty && !this.isJson;
  }

  style(style: Style, text: string): string {
    return this.#hasColour ? styleText(style, text, { validateStream: false }) : text;
  }

  /** One line of text; nothing in JSON. */
  line(text = ""): void {
    if (!this.isJson) this.raw(`${text}\n`);
  }

  /** The answer as one line of JSON; nothing in text. */
  json(value: unknown): void {
    if (this.isJson) this.raw(`${JSON.stringify(value)}\n`);
  }

  /** Rows under headings; in JSON nothing. */
  async table(headings: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
    if (this.isJson) return;
    const { formatTable } = await import("./table.ts");
    this.line(
      formatTable(
        headings.map((each) => this.style("bold", each)),
        rows,
      ),
    );
  }

  raw(text: string): void {
    this.#clearProgress();
    if (!this.closed.aborted) this.#stdout.write(text);
  }

  /** A remark beside the answer. */
  note(text: string): void {
    if (this.isJson) return;
    this.#clearProgress();
    this.#stderr.write(`${text}\n`);
  }

  /** Help that was not asked for. */
  complaint(text: string): void {
    if (!this.isJson) this.#stderr.write(text);
  }

  /** How far a command is: one line that is written over on a terminal, else one line each. */
  progress(text: string): void {
    if (this.isJson) return;
    if (!this.isProgressLive) {
      this.#stderr.write(`${text}\n`);
      return;
    }
    const columns = this.#stderr.columns ?? 80;
    this.#progress = text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
    this.#stderr.write(`\r\u001b[K${this.#progress}`);
  }

  /** Why a command failed, on standard error. */
  refusal(refusal: CliRefusal): void {
    this.#clearProgress();
    if (this.isJson) {
      this.#stderr.write(`${JSON.stringify({ error: refusal })}\n`);
      return;
    }
    this.#stderr.write(`${formatRefusal(refusal)}\n`);
  }

  #clearProgress(): void {
    if (this.#progress === "") return;
    this.#progress = "";
    this.#stderr.write("\r\u001b[K");
  }
}

/** A refusal in lines: message, each place with its errors, the way out. */
export function formatRefusal(refusal: CliRefusal): string {
  const lines = [`tutti: ${refusal.message}`];
  for (const { path, errors } of refusal.details ?? []) {
    for (const error of errors) lines.push(`  ${path === "" ? "/" : path}: ${error}`);
  }
  for (const id of refusal.deployments ?? []) lines.push(`  held by deployment ${id}`);
  if (refusal.hint !== undefined) lines.push(refusal.hint);
  return lines.join("\n");
}
