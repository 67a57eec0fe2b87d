/** Every kind of fault of a seed, with how often it is drawn. The weights sum up to 100. */
export const faultKinds = [
  /** `kill -9` of a process; its supervisor starts it again at the end. */
  { kind: "crash", weight: 18 },
  /** The machine of an agent boots: its containers are gone. */
  { kind: "boot", weight: 4 },
  /** SIGSTOP for up to two minutes, then SIGCONT. */
  { kind: "stop", weight: 7 },
  /** The event loop of a process does not run for some seconds, and goes on with its timers overdue. */
  { kind: "stall", weight: 7 },
  /** A node reaches nobody and is reached by nobody. */
  { kind: "isolation", weight: 7 },
  /** A node is not heard, or hears nothing. */
  { kind: "one-way cut", weight: 6 },
  /** Two nodes are cut off from one another. */
  { kind: "partition", weight: 5 },
  /** Messages are lost, before or after they were carried out; streams break. */
  { kind: "loss", weight: 4 },
  /** Messages arrive twice. */
  { kind: "duplication", weight: 4 },
  /** Messages overtake one another by up to a second. */
  { kind: "reordering", weight: 3 },
  /** All three together. */
  { kind: "storm", weight: 3 },
  /** One link is slow. */
  { kind: "slow link", weight: 3 },
  /** A connection ends for one side; the other holds it open beside the next one. */
  { kind: "half-open connection", weight: 5 },
  /** An agent or the scheduler dials twice. */
  { kind: "double dial", weight: 4 },
  /** Writes take up to seconds. */
  { kind: "slow disk", weight: 4 },
  /** Writes fail, whether they were done or not: the process ends. */
  { kind: "failing disk", weight: 3 },
  /** A process dies in the middle of a write: it is whole or gone. */
  { kind: "torn write", weight: 4 },
  /** The wall clock of a node jumps, forward or backward; its monotonic clock goes on. */
  { kind: "clock jump", weight: 3 },
  /** Coordination forgets the session of a leader. */
  { kind: "lost session", weight: 3 },
  /** The container runtime is slow and fails, or something on the machine kills a container. */
  { kind: "container failure", weight: 3 },
] as const;

/** A kind of fault, counted in the report of a seed. */
export type FaultKind = (typeof faultKinds)[number]["kind"];
