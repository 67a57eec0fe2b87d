/**
 * Bugs that a simulation can be built with, to prove that its checkers find them. They live in the
 * simulated shells; no switch of the product makes them.
 */
export type PlantedBug =
  /** Stores take writes of a fallen leader, and agents obey it. */
  | "skippedFence"
  /** A master passes some acknowledgements on to nobody. */
  | "lostAcknowledgement"
  /** A containerizer starts what runs already once more after a crash of its agent. */
  | "doubledLaunch"
  /** Processes tell of things before they are durable. */
  | "checkpointAfterMessage";

/** The bugs of one simulation. */
export class Sabotage {
  readonly #bugs: ReadonlySet<PlantedBug>;

  constructor(bugs: readonly PlantedBug[] = []) {
    this.#bugs = new Set(bugs);
  }

  has(bug: PlantedBug): boolean {
    return this.#bugs.has(bug);
  }
}
