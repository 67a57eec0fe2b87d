/** Who asks. Every command carries one. */
export type Principal =
  /** Showed the cluster's secret. */
  | { readonly type: "secretBearer" }
  /** Any caller of a cluster that was started open. */
  | { readonly type: "openCluster" }
  | { readonly type: "anonymous" };

/** What a command does to its object. */
export type Action =
  | "createApp"
  | "updateApp"
  | "deleteApp"
  | "restartApp"
  | "killTask"
  | "cancelDeployment"
  | "resetDelay";

/**
 * Whether `principal` may do `action` to the object `id`. The only rule so far: the cluster's secret may
 * do all, and so may anybody where the cluster was started open.
 */
export function authorise(principal: Principal, _action: Action, _id: string): boolean {
  return principal.type !== "anonymous";
}
