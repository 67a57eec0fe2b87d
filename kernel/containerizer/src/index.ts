export { createContainerizer } from "./create-containerizer.ts";
export { findAccount } from "./machine/accounts.ts";
export type { Account } from "./core/accounts.ts";
export type { ContainerizerConfig, CreatedContainerizer } from "./create-containerizer.ts";
export { Cgroups } from "./machine/cgroups.ts";
