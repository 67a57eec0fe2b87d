export type {
  Containerizer,
  ContainerCommand,
  ContainerExit,
  ContainerLimits,
  ContainerSpec,
  ContainerState,
} from "./containerizer.ts";
