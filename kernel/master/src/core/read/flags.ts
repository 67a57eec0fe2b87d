import type { MasterConfig } from "../config.ts";
import { limits } from "../limits.ts";
import { release } from "../release.ts";

/** The settings of this master under the names of Mesos's flags; clients and pages look some of them up. */
export function flagsOf(config: MasterConfig): Readonly<Record<string, string>> {
  return {
    agent_ping_timeout: durationText(config.agentPingTimeoutMs),
    agent_reregister_timeout: durationText(config.agentReregisterTimeoutMs),
    allocation_interval: durationText(config.allocationIntervalMs),
    allocator: "hierarchical",
    allocator_agent_recovery_factor: "0",
    allocator_recovery_timeout: "0secs",
    authenticate_agents: "true",
    authenticate_frameworks: "true",
    authenticate_http_frameworks: "true",
    authenticate_http_readonly: "false",
    authenticate_http_readwrite: "true",
    authentication_v0_timeout: "15secs",
    authenticators: "bearer",
    authorizers: "local",
    cluster: config.clusterName,
    filter_gpu_resources: "true",
    framework_sorter: "drf",
    help: "false",
    hostname: config.hostname,
    hostname_lookup: "false",
    http_authenticators: "bearer",
    initialize_driver_logging: "false",
    ip: config.ip,
    log_auto_initialize: "true",
    logbufsecs: "0",
    logging_level: "INFO",
    max_agent_ping_timeouts: String(config.maxAgentPingTimeouts),
    max_completed_frameworks: String(limits.completedFrameworksMax),
    max_completed_tasks_per_framework: String(limits.completedTasksPerFrameworkMax),
    max_operator_event_stream_subscribers: String(limits.operatorSubscribersMax),
    max_unreachable_tasks_per_framework: String(limits.unreachableTasksPerFrameworkMax),
    memory_profiling: "false",
    min_allocatable_resources: "cpus:0.01|mem:32",
    offer_constraints_re2_max_mem: "4KB",
    offer_constraints_re2_max_program_size: "100",
    ...(config.offerTimeoutMs === undefined
      ? {}
      : { offer_timeout: durationText(config.offerTimeoutMs) }),
    port: String(config.port),
    publish_per_framework_metrics: "true",
    quiet: "false",
    recovery_agent_removal_limit: "100%",
    registry: "coordination",
    registry_fetch_timeout: "1mins",
    registry_gc_interval: "15mins",
    registry_max_agent_age: "2weeks",
    registry_max_agent_count: String(limits.unreachableAgentsMax),
    registry_store_timeout: "20secs",
    registry_strict: "false",
    require_agent_domain: "false",
    role_sorter: "drf",
    root_submissions: "true",
    version: release.mesosVersion,
    webui_dir: "",
    work_dir: "",
    zk_session_timeout: "10secs",
  };
}

const units = [
  ["mins", 60_000],
  ["secs", 1000],
  ["ms", 1],
] as const;

/** A duration in the largest unit that says it exactly, as Mesos writes it: `15secs`, `10mins`, `5ms`. */
export function durationText(ms: number): string {
  for (const [unit, size] of units) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
