import { Failure } from "./failure.ts";
import { StepFailed, type StepReport } from "./plan/steps.ts";

/** Tells on standard error what is being done: a line for each step, with how long it took. */
export class Progress implements StepReport {
  #begun = 0;
  #open = false;

  begin(name: string, number: number, total: number): void {
    this.#begun = performance.now();
    this.#open = true;
    write(`[${String(number)}/${String(total)}] ${name} … `);
  }

  end(): void {
    this.#close(`${((performance.now() - this.#begun) / 1000).toFixed(1)} s`);
  }

  failed(error: unknown): void {
    this.#close(isAbort(error) ? "interrupted" : "failed");
    write("      taking back what was done\n");
  }

  undoFailed(name: string, error: unknown): void {
    write(`      could not take back "${name}": ${messageOf(error)}\n`);
  }

  /** A line between steps, or below one that is being done. */
  note(text: string): void {
    if (this.#open) this.#close("");
    write(`      ${text}\n`);
  }

  #close(text: string): void {
    if (this.#open) write(`${text}\n`);
    this.#open = false;
  }
}

/** Tells a failure: the step, the cause, what shows it, the way out. */
export function explainFailure(error: unknown): void {
  const failure = error instanceof StepFailed ? error.cause : error;
  if (isAbort(failure)) {
    write("tutti: interrupted; nothing was left half-made\n");
    return;
  }
  const step = error instanceof StepFailed ? `step "${error.step}" failed: ` : "";
  write(`tutti: ${step}${messageOf(failure)}\n`);
  if (!(failure instanceof Failure)) return;
  for (const line of failure.lines) write(`    ${line}\n`);
  write(`  what to do: ${failure.wayOut}\n`);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function write(text: string): void {
  process.stderr.write(text);
}
