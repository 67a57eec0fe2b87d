export { formatMasterEnvelope, parseAgentPost } from "./shell/node-messages.ts";
export { startMaster } from "./shell/start-master.ts";
export type { MasterOptions, RunningMaster } from "./shell/start-master.ts";
