/** The two clocks of a machine. Deadlines use `monoMs`, timestamps `wallMs`. */
export interface Clock {
  /** Milliseconds that never go back; its zero means nothing. May have a fraction. */
  monoMs(): number;
  /** Milliseconds since 1970-01-01 UTC; may jump. */
  wallMs(): number;
  /** Calls `fire` once, not before `delayMs` from now. Cancel with the returned function. */
  after(delayMs: number, fire: () => void): () => void;
}
