import type { DeploymentInfo } from "@tutti/marathon-v2";
import { ok } from "@tutti/base";
import { awaitDeployment } from "../await-deployment.ts";
import type { CommandHandler } from "../command.ts";
import { EventVerdicts } from "../event-verdicts.ts";
import { limits } from "../limits.ts";
import { done, refused } from "../refusal.ts";

/** `tutti deployment watch [ID]`: waits until one deployment, or all that run, have ended. */
export const deploymentWatch: CommandHandler = async (session, [wanted], options) => {
  const { output } = session;
  const verdicts = new EventVerdicts(session);
  try {
    await verdicts.start();
    const answer = await session.marathon.call<readonly DeploymentInfo[]>({
      path: "/v2/deployments",
    });
    if (!answer.ok) return answer;
    const meant = answer.value.filter(({ id }) => wanted === undefined || id.startsWith(wanted));
    if (wanted !== undefined && meant.length !== 1) return notOne(wanted, meant);
    for (const { id, affectedApps } of meant) {
      const waited = await awaitDeployment(session, verdicts, {
        id,
        timeoutSeconds: options.timeout ?? limits.deploymentTimeoutSeconds,
        // Its end was missed with a broken stream: how it ended is not known, that it ended is.
        check: () => Promise.resolve(ok(true)),
      });
      if (!waited.ok) return waited;
      output.json({ id, apps: affectedApps, outcome: "success" });
      output.line(`Deployment ${id} of ${affectedApps.join(" ")} has ended.`);
    }
    if (meant.length === 0) output.line("No deployment runs.");
    return done;
  } finally {
    verdicts.close();
  }
};

function notOne(wanted: string, meant: readonly DeploymentInfo[]): ReturnType<typeof refused> {
  if (meant.length > 1) {
    return refused("USAGE", `${wanted} begins the id of ${String(meant.length)} deployments.`);
  }
  return refused("NOT_FOUND", `Deployment ${wanted} does not run: it has ended, or never was.`, {
    hint: "See ./tutti deployment list.",
  });
}
