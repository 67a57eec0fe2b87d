export { eventually, host, launcher, TestCluster, tutti } from "./cluster.ts";
export type {
  CommandOutcome,
  MarathonTask,
  ProcessStatus,
  StatusAnswer,
  UpAnswer,
} from "./cluster.ts";
export { leftovers } from "./leftovers.ts";
