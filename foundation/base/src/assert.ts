/** A broken invariant of our own code: it ends the process, also in production. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Throws an `AssertionError` when `condition` is false: for bugs, never for bad input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks the branch that the type system proves unreachable. */
export function assertNever(value: never): never {
  throw new AssertionError(`unreachable value: ${String(value)}`);
}

/** The value, or an `AssertionError` naming what should have been there. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new AssertionError(`missing: ${what}`);
  return value;
}
