export { createMachineLoop } from "./batch-loop.ts";
export { limits } from "./limits.ts";
export type { CreateMachineLoop, LoopPorts, MachineLoop } from "./loop.ts";
export type { Env, Machine, Ready } from "./machine.ts";
