/** One step of a change to the machine. */
export interface Step {
  /** What it does, for the user: `network: bridge tutti-ab12cd`. */
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
  /** Takes it back, also when it was done only in part; must not fail on what is not there. */
  undo?(): Promise<void>;
}

/** What is told while steps are done. */
export interface StepReport {
  begin(name: string, number: number, total: number): void;
  end(): void;
  /** A step failed or was interrupted; what was done is now taken back. */
  failed(error: unknown): void;
  undoFailed(name: string, error: unknown): void;
}

/** A step that failed, with its name; `cause` is what it threw. Everything done before was taken back. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
  readonly step: string;

  constructor(step: string, cause: unknown) {
    super(`${step}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.step = step;
  }
}

/**
 * Does the steps in order. When one fails, or `signal` is aborted, takes back that one and all before it in
 * reverse order and throws `StepFailed`. An undo that fails is told and does not stop the others.
 */
export async function runSteps(
  steps: readonly Step[],
  signal: AbortSignal,
  report: StepReport,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    report.begin(step.name, index + 1, steps.length);
    try {
      signal.throwIfAborted();
      await step.run(signal);
      signal.throwIfAborted();
      report.end();
    } catch (error) {
      report.failed(error);
      await undoAll(steps.slice(0, index + 1), report);
      throw new StepFailed(step.name, error);
    }
  }
}

async function undoAll(steps: readonly Step[], report: StepReport): Promise<void> {
  for (const step of steps.toReversed()) {
    try {
      await step.undo?.();
    } catch (error) {
      report.undoFailed(step.name, error);
    }
  }
}
