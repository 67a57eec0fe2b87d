export type { MarathonConfig, RunningMarathon } from "./shell/config.ts";
export { startMarathon } from "./shell/start-marathon.ts";
