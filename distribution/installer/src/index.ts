export type { UpAnswer } from "./up-answer.ts";
export type { MachineStatus, ProcessStatus } from "./status.ts";
export { sampleApp } from "./sample-app.ts";
