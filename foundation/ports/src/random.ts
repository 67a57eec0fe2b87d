/** A source of chance; seeded in simulation. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, bound); `bound` is at least 1. */
  below(bound: number): number;
  /** A random (version 4) UUID in lower-case text form. */
  uuid(): string;
}
