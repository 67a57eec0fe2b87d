import type { FrameworkInfo } from "@tutti/mesos-v1";
import type { MarathonConfig } from "./config.ts";
import { limits } from "./limits.ts";

/** What Marathon tells the master of itself: several roles, told of partitions, tasks outlive it. */
export function frameworkOf(config: MarathonConfig, url: string): FrameworkInfo {
  return {
    user: config.user ?? "nobody",
    name: config.frameworkName ?? "marathon",
    hostname: config.hostname ?? config.ip,
    webui_url: url,
    checkpoint: true,
    failover_timeout: limits.failoverTimeoutS,
    roles: [...(config.roles ?? ["*", "slave_public"])],
    capabilities: [
      { type: "MULTI_ROLE" },
      { type: "PARTITION_AWARE" },
      { type: "TASK_KILLING_STATE" },
      { type: "RESERVATION_REFINEMENT" },
      { type: "GPU_RESOURCES" },
      { type: "REGION_AWARE" },
    ],
  };
}
