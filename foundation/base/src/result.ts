/** Something that succeeded with a value, or was refused with a reason; never thrown. */
export type Result<T, E = Refusal> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** Why a request was not granted: a stable code for programs, a sentence for people. */
export interface Refusal<Code extends string = string> {
  readonly code: Code;
  /** One sentence that says what is wrong and, where it can, what to do. */
  readonly message: string;
  /** Where in the input, as path and sentences; in the order found. */
  readonly details?: readonly RefusalDetail[];
}

/** One place of the input and what is wrong with it. */
export interface RefusalDetail {
  /** Path in the input, e.g. `/container/docker/image`. */
  readonly path: string;
  readonly errors: readonly string[];
}

/** A result that holds `value`. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A result that holds a refusal. */
export function refuse<Code extends string>(
  code: Code,
  message: string,
  details?: readonly RefusalDetail[],
): { readonly ok: false; readonly error: Refusal<Code> } {
  return {
    ok: false,
    error: details === undefined ? { code, message } : { code, message, details },
  };
}
