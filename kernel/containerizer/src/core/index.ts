export type {
  Containerizer,
  ContainerCommand,
  ContainerExit,
  ContainerLimits,
  ContainerSpec,
  ContainerState,
  LogBound,
} from "./containerizer.ts";
export { controllerDir } from "./cgroup.ts";
export type { CgroupLayout } from "./cgroup.ts";
