export { Cluster, createCluster } from "./cluster.ts";
export { formatClock } from "./narrator.ts";
export type { Observation, Observer, UserAnswer } from "./observation.ts";
export { defaultClusterOptions } from "./options.ts";
export type { AgentOptions, ClusterOptions } from "./options.ts";
export type { Program } from "./program.ts";
export type { PlantedBug } from "./sabotage.ts";
export type { MachineContainer } from "./simulated-machine.ts";
