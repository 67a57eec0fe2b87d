/** A disk, peer or deadline that failed: thrown by a port, turned into an event by a shell. */
export class Fault extends Error {
  override readonly name = "Fault";
  /** Stable code such as `ECONNREFUSED`, `TIMEOUT`, `DISK_FULL`. */
  readonly code: string;
  /** Whether the same attempt may succeed later. */
  readonly retryable: boolean;

  constructor(
    code: string,
    message: string,
    options: { readonly retryable: boolean; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
  }
}
