export { createAllocator } from "./create-allocator.ts";
export type { AllocatorOptions } from "./create-allocator.ts";
export type { Allocation, Allocator, AllocatorAgent, AllocatorFramework } from "./types.ts";
