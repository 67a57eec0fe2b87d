export { createContainerizer } from "./create-containerizer.ts";
export type { ContainerizerConfig, CreatedContainerizer } from "./create-containerizer.ts";
