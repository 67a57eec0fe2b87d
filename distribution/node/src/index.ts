export type {
  AgentFile,
  ConfigFiles,
  MarathonFile,
  MasterFile,
  NodeFile,
  ProcessName,
} from "./config.ts";
export { goneExitCode } from "./gone.ts";
export { nodeOptions } from "./node-options.ts";
