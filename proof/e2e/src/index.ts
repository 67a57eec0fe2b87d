export { eventually, TestCluster, tutti } from "./cluster.ts";
export type {
  CommandOutcome,
  MarathonTask,
  ProcessStatus,
  StatusAnswer,
  UpAnswer,
} from "./cluster.ts";
