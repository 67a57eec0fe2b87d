export type { MachineStatus, ProcessStatus } from "./status.ts";
export type { UpAnswer } from "./up-answer.ts";
