import type { SeededRandom } from "@tutti/testkit";

/**
 * Bugs that a simulation can be built with, to prove that its checkers find them. They live in the
 * simulated shells; no switch of the product makes them.
 */
export type PlantedBug =
  /** Stores take writes of a fallen leader, and agents obey it. */
  | "skippedFence"
  /** An agent reads some acknowledgements and forgets them, each time they come. */
  | "lostAcknowledgement"
  /** A containerizer starts what runs already once more after a crash of its agent. */
  | "doubledLaunch"
  /** Now and then a process tells of things before they are durable. */
  | "checkpointAfterMessage"
  /** What a snapshot of a master does not show has ended for discovery. */
  | "absenceRemoves"
  /** A machine says that it holds a newer table than it does. */
  | "resumeFromWrongVersion"
  /** A machine answers with the name of a VIP before its kernel knows the VIP. */
  | "nameBeforeDataplane"
  /** Discovery says that every machine has withdrawn a backend as soon as it was published. */
  | "holdReleasedEarly"
  /** Discovery does not hear of some ends of tasks. */
  | "endUnheard"
  /** A machine believes that its kernel has taken what it refused. */
  | "refusalUnheard"
  /** A machine says that it holds a version as soon as it has come. */
  | "heldTooEarly"
  /** The DNS of a machine goes on answering with hosts of tasks that are gone. */
  | "namesOutliveTasks";

/** The bugs of one simulation. */
export class Sabotage {
  readonly #bugs: ReadonlySet<PlantedBug>;

  constructor(bugs: readonly PlantedBug[] = []) {
    this.#bugs = new Set(bugs);
  }

  has(bug: PlantedBug): boolean {
    return this.#bugs.has(bug);
  }

  /** Whether the next persist of a process is to be told done too early: one in twenty. */
  isEarly(random: SeededRandom): boolean {
    return this.has("checkpointAfterMessage") && random.chance(0.05);
  }
}
