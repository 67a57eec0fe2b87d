import type { MasterCallType, MasterResponse } from "@tutti/mesos-v1";
import type { MasterConfig } from "../core/config.ts";
import { flagsOf } from "../core/read/flags.ts";
import { masterInfoOf } from "../core/read/master-info.ts";
import { metricsSnapshot } from "../core/read/metrics-snapshot.ts";
import type { HostMetrics } from "../core/read/metrics-snapshot.ts";
import {
  getAgents,
  getFrameworks,
  getRoles,
  getState,
  getTasks,
  getWeights,
} from "../core/read/operator-views.ts";
import { quotaStatus } from "../core/read/quota.ts";
import { versionInfo } from "../core/release.ts";
import type { MasterView } from "../core/view.ts";

/** Where an answer comes from. */
export interface AnswerSource {
  readonly config: MasterConfig;
  readonly view: MasterView;
  readonly host: () => HostMetrics;
  /** Mesos's level of logging. */
  readonly verbosity: number;
}

type Answer = (source: AnswerSource) => Omit<MasterResponse, "type">;

/** Calls that read, and their answers. A call that is not here changes something or is not supported. */
export const operatorAnswers: Readonly<Partial<Record<MasterCallType, Answer>>> = {
  GET_HEALTH: () => ({ get_health: { healthy: true } }),
  GET_FLAGS: ({ config }) => ({
    get_flags: {
      flags: Object.entries(flagsOf(config)).map(([name, value]) => ({ name, value })),
    },
  }),
  GET_VERSION: () => ({ get_version: { version_info: versionInfo } }),
  GET_METRICS: ({ config, view, host }) => {
    const metrics = metricsSnapshot(config, view, host());
    return { get_metrics: { metrics: [...metrics].map(([name, value]) => ({ name, value })) } };
  },
  GET_LOGGING_LEVEL: ({ verbosity }) => ({ get_logging_level: { level: verbosity } }),
  GET_STATE: ({ view }) => ({ get_state: getState(view) }),
  GET_AGENTS: ({ view }) => ({ get_agents: getAgents(view) }),
  GET_FRAMEWORKS: ({ view }) => ({ get_frameworks: getFrameworks(view) }),
  GET_EXECUTORS: () => ({ get_executors: { executors: [] } }),
  GET_OPERATIONS: () => ({ get_operations: {} }),
  GET_TASKS: ({ view }) => ({ get_tasks: getTasks(view) }),
  GET_ROLES: ({ view }) => ({ get_roles: getRoles(view) }),
  GET_WEIGHTS: ({ view }) => {
    const weights = getWeights(view);
    return weights === undefined ? {} : { get_weights: weights };
  },
  GET_MASTER: ({ config }) => ({
    get_master: {
      master_info: masterInfoOf(config),
      start_time: config.startedMs / 1000,
      elected_time: config.electedMs / 1000,
    },
  }),
  GET_MAINTENANCE_STATUS: () => ({ get_maintenance_status: { status: {} } }),
  GET_MAINTENANCE_SCHEDULE: () => ({ get_maintenance_schedule: { schedule: {} } }),
  GET_QUOTA: ({ view }) => ({ get_quota: { status: quotaStatus(view) } }),
};

/** Answers that change without the state changing: they are not kept. */
export const volatileAnswers: ReadonlySet<MasterCallType> = new Set<MasterCallType>([
  "GET_METRICS",
  "GET_LOGGING_LEVEL",
]);
