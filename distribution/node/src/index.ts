export { parseConfig, processNames } from "./config.ts";
export type {
  AgentFile,
  ConfigFiles,
  MarathonFile,
  MasterFile,
  ProcessName,
  ServicesFile,
} from "./config.ts";
