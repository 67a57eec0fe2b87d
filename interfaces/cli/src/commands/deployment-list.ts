import type { DeploymentInfo } from "@tutti/marathon-v2";
import { describeWhy } from "../await-deployment.ts";
import type { CommandHandler } from "../command.ts";
import { MachineNames } from "../machine-names.ts";
import { done } from "../refusal.ts";

/** `tutti deployment list`: the deployments that run, and what each waits for. */
export const deploymentList: CommandHandler = async (session) => {
  const answer = await session.marathon.call<readonly DeploymentInfo[]>({
    path: "/v2/deployments",
  });
  if (!answer.ok) return answer;
  const { output } = session;
  const names = new MachineNames(session.target.cluster);
  const nameMachines = (why: string | undefined): string | null =>
    why === undefined ? null : names.inText(why);
  const deployments = answer.value.map((each) => ({
    id: each.id,
    version: each.version,
    apps: each.affectedApps,
    step: each.currentStep,
    steps: each.totalSteps,
    actions: each.currentActions.map(({ action, app }) => ({ action, app })),
    why: nameMachines((each as { readonly why?: string }).why),
  }));
  output.json({ deployments });
  if (deployments.length === 0) {
    output.line("No deployment runs.");
    return done;
  }
  await output.table(
    ["id", "apps", "step", "waits"],
    answer.value.map((each) => [
      each.id,
      each.affectedApps.join(" "),
      `${String(each.currentStep)}/${String(each.totalSteps)}`,
      names.inText(describeWhy(each)),
    ]),
  );
  return done;
};
