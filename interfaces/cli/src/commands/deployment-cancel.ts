import type { DeploymentInfo, DeploymentResult } from "@tutti/marathon-v2";
import type { CommandHandler } from "../command.ts";
import { done, refused } from "../refusal.ts";

/** `tutti deployment cancel ID`: rolls a deployment back or, with `--force`, stops it as it is. */
export const deploymentCancel: CommandHandler = async (session, [wanted = ""], options) => {
  const listed = await session.marathon.call<readonly DeploymentInfo[]>({
    path: "/v2/deployments",
  });
  if (!listed.ok) return listed;
  const [found, ...others] = listed.value.filter(({ id }) => id.startsWith(wanted));
  if (found === undefined) {
    return refused("NOT_FOUND", `Deployment ${wanted} does not run: it has ended, or never was.`, {
      hint: "See ./tutti deployment list.",
    });
  }
  if (others.length > 0) {
    return refused("USAGE", `${wanted} begins the id of ${String(others.length + 1)} deployments.`);
  }
  const answer = await session.marathon.call<DeploymentResult | undefined>({
    method: "DELETE",
    path: `/v2/deployments/${encodeURIComponent(found.id)}${options.force === true ? "?force=true" : ""}`,
  });
  if (!answer.ok) return answer;
  const { output } = session;
  const rollback = answer.value?.deploymentId;
  output.json({
    id: found.id,
    outcome: rollback === undefined ? "stopped" : "rolling back",
    rollbackDeploymentId: rollback ?? null,
  });
  output.line(
    rollback === undefined
      ? `Deployment ${found.id} is stopped; its apps stay as they are.`
      : `Deployment ${found.id} is rolled back by deployment ${rollback}.`,
  );
  return done;
};
