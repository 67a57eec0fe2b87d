/** A failure with what the user needs: the cause, lines that show it, and the way out. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** Lines shown below the cause, such as the end of a log. */
  readonly lines: readonly string[];
  /** What to do about it. */
  readonly wayOut: string;
  /** What the process ends with, where scripts are to tell it from other failures. */
  readonly exitCode: number | undefined;

  constructor(
    message: string,
    options: {
      readonly lines?: readonly string[];
      readonly wayOut: string;
      readonly exitCode?: number;
      readonly cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.lines = options.lines ?? [];
    this.wayOut = options.wayOut;
    this.exitCode = options.exitCode;
  }
}
