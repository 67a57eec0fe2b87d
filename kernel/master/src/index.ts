export { startMaster } from "./shell/start-master.ts";
export type { MasterOptions, RunningMaster } from "./shell/start-master.ts";
