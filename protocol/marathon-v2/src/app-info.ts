import type { VersionedApp } from "./app.ts";
import type { Task, TaskFailure, TaskStatsByVersion } from "./task.ts";

/** Something in a definition that is accepted although its owner may not want it. Ours. */
export interface AppWarning {
  readonly code:
    | "NAMES_COLLAPSE"
    | "VIP_LABEL_INVALID"
    | "VIP_PORT_INVALID"
    | "VIP_ADDRESS_REFUSED"
    | "VIP_NAME_CUT"
    | "VIP_NO_BACKEND_ADDRESS"
    | "VIP_LIMIT"
    | "VIP_SHARED"
    | "VIP_NAMES_COLLAPSE"
    | "DRAIN_SECONDS_INVALID";
  /** A sentence. */
  readonly message: string;
}

/** What `GET /v2/apps` adds to each app, by its `embed` parameter. */
export interface AppInfo extends VersionedApp {
  readonly tasksStaged?: number;
  readonly tasksRunning?: number;
  readonly tasksHealthy?: number;
  readonly tasksUnhealthy?: number;
  readonly deployments?: readonly { readonly id: string }[];
  readonly readinessCheckResults?: readonly never[];
  readonly tasks?: readonly Task[];
  readonly lastTaskFailure?: TaskFailure;
  readonly taskStats?: TaskStatsByVersion;
  /** Ours, with `embed=app.warnings`. */
  readonly warnings?: readonly AppWarning[];
}

/** A group as `GET /v2/groups` shows it: a view over the paths of the apps. */
export interface GroupInfo {
  readonly id: string;
  readonly apps: readonly AppInfo[];
  readonly pods: readonly never[];
  readonly groups: readonly GroupInfo[];
  readonly dependencies: readonly string[];
  readonly version: string;
  readonly enforceRole: boolean;
}
