export type { Instance } from "./instance.ts";
export { limits } from "./limits.ts";
export { Marathon } from "./marathon.ts";
export type { Principal } from "./principal.ts";
export { recordPaths } from "./records.ts";
export type { Deployment, MarathonDurable, MarathonEntry } from "./records.ts";
export type {
  ApiReply,
  ApiRequest,
  MarathonEffect,
  MarathonEvent,
  MarathonOptions,
} from "./types.ts";
export { embedAll, toAppInfo } from "./views/app-info.ts";
export type { AppEmbed } from "./views/app-info.ts";
export { allDeployments } from "./views/deployments.ts";
export { groupTree } from "./views/groups.ts";
export { launchQueue } from "./views/queue.ts";
export { allTasks, tasksOfApp } from "./views/tasks.ts";
export type { Now } from "./views/now.ts";
export type { World } from "./world.ts";
