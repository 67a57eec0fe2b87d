export type { AgentFile, ConfigFiles, MarathonFile, MasterFile, ProcessName } from "./config.ts";
