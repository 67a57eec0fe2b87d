/** The clock of a view. */
export interface Now {
  readonly monoMs: number;
  readonly wallMs: number;
}
