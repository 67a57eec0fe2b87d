/** Who waits for a machine, as the subject of a sentence. */
export interface Waiting {
  /** `The third`, `It`, `The other 2`, `Each of the 3`. */
  readonly who: string;
  readonly isOne: boolean;
}
