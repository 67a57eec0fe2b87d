/** Something happened that must never happen. */
export class Violation extends Error {
  override readonly name = "Violation";
  /** Which rule of `docs/spec/simulation.md` was broken, e.g. `SIM3`. */
  readonly rule: string;

  constructor(rule: string, message: string) {
    super(`[${rule}] ${message}`);
    this.rule = rule;
  }
}

/** Throws unless `holds`; the text is made only when it is needed. */
export function demand(holds: boolean, rule: string, message: () => string): asserts holds {
  if (!holds) throw new Violation(rule, message());
}
