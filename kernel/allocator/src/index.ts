export { createAllocator } from "./create-allocator.ts";
export type { AllocatorOptions } from "./create-allocator.ts";
export { quotaKindsMax } from "./limits.ts";
export type {
  Allocation,
  Allocator,
  AllocatorAgent,
  AllocatorFramework,
  RoleQuota,
} from "./types.ts";
