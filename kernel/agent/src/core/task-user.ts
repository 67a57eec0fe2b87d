import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { FrameworkInfo, TaskInfo } from "@tutti/mesos-v1";
import type { UserPolicy } from "./config.ts";

/**
 * The user a task runs as: the task's own, else the framework's when it is not root, else the agent's
 * default. Refuses (TASK_UNAUTHORIZED) root and what the agent cannot switch to. Rules AGT16, AGT17.
 *
 * Names of uid 0 other than `root` are found and refused where the machine's users are known: in the
 * shell, which is told whether root is allowed.
 */
export function decideUser(
  task: TaskInfo,
  framework: FrameworkInfo,
  policy: UserPolicy,
): Result<string> {
  const own = task.command?.user;
  if (own !== undefined && own !== "") return decideOwnUser(own, policy);
  if (!policy.switching || framework.user === "") return ok(policy.defaultUser);
  return ok(isRoot(framework.user) && !policy.rootAllowed ? policy.defaultUser : framework.user);
}

function decideOwnUser(user: string, policy: UserPolicy): Result<string> {
  if (user === policy.defaultUser) return ok(user);
  if (!policy.switching) {
    return refuse(
      "TASK_UNAUTHORIZED",
      `Task may not run as user '${user}': the agent is not root and runs all tasks as '${policy.defaultUser}'`,
    );
  }
  if (isRoot(user) && !policy.rootAllowed) {
    return refuse(
      "TASK_UNAUTHORIZED",
      `Task may not run as user '${user}': this agent does not allow root; name an unprivileged user or leave it out`,
    );
  }
  return ok(user);
}

function isRoot(user: string): boolean {
  return user === "root" || /^0+$/.test(user);
}
